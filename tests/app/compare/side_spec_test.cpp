#include "app/compare/side_spec.h"

#include "app/platform/assets.h"
#include "engine/ttt/rule_schema.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

TEST(SideSpec, ReadsWhatASideIs) {
    EXPECT_TRUE(parse_side_spec("current")->is_current());
    EXPECT_EQ(parse_side_spec("photo")->kind, SideKind::photo);
    EXPECT_EQ(parse_side_spec(" truth ")->kind, SideKind::ground_truth);
    EXPECT_EQ(*parse_side_spec("ground-truth"), *parse_side_spec("truth"));
    EXPECT_EQ(format(*parse_side_spec("ground-truth")), "truth") << "files have this name";
    EXPECT_EQ(parse_side_spec("captured")->kind, SideKind::captured);
    const auto rule = parse_side_spec("rule=mse,steps=4,norm=off");
    ASSERT_TRUE(rule.has_value()) << rule.error().message();
    EXPECT_EQ(*rule->rule, *parse_update_rule("mse,steps=4,norm=off"));
    EXPECT_FALSE(rule->weights || rule->views || rule->view_count || rule->precision);
    EXPECT_EQ(parse_side_spec("views=4")->view_count, 4U);
    EXPECT_EQ(*parse_side_spec("views=0,8,28")->views, (std::vector<std::size_t>{0, 8, 28}));
    EXPECT_EQ(*parse_side_spec("views=[7]")->views, (std::vector<std::size_t>{7}));
    EXPECT_EQ(parse_side_spec("precision=bf16")->precision, Precision::bf16);
    EXPECT_EQ(parse_side_spec("form=linear")->form, LayerForm::linear);
    EXPECT_EQ(parse_side_spec("rule=mse,form=ttt")->form, LayerForm::ttt);
    EXPECT_EQ(*parse_side_spec("weights=a/b=c.safetensors")->weights, "a/b=c.safetensors");
}

TEST(SideSpec, PartsCombineInAnyOrderWithoutQuotes) {
    const auto all = parse_side_spec("views=0,8,28, rule=mse,steps=4,weights=/tmp/x,y.pt, precision=bf16");
    ASSERT_TRUE(all.has_value()) << all.error().message();
    EXPECT_EQ(*all->views, (std::vector<std::size_t>{0, 8, 28}));
    EXPECT_EQ(*all->rule, *parse_update_rule("mse,steps=4"));
    EXPECT_EQ(*all->weights, "/tmp/x,y.pt");
    EXPECT_EQ(all->precision, Precision::bf16);
    EXPECT_EQ(*parse_side_spec("weights=a\\,photo.pt")->weights, "a,photo.pt");
    EXPECT_EQ(*parse_side_spec("weights=a\\\\b.pt")->weights, "a\\b.pt");
}

/// Also on another machine, whose program lies elsewhere.
TEST(SideSpec, BundledWeightsAreNamedWithoutAPath) {
    const auto file = find_asset("weights/general.safetensors");
    ASSERT_TRUE(file) << file.error().message();
    SideSpec spec;
    spec.weights = file->string();
    EXPECT_EQ(format(spec), "weights=asset:weights/general.safetensors");
    const auto again = parse_side_spec(format(spec));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(*again, spec);
    EXPECT_FALSE(parse_side_spec("weights=asset:weights/none.safetensors"));
}

TEST(SideSpec, FormatIsItsInverse) {
    for (const char* text :
         {"current", "photo", "truth", "captured", "rule=ascent", "rule=mse,steps=4", "rule=baseline,ns=bf16",
          "rule=baseline,ns=fp32", "views=4", "views=0,8,28", "views=[0]", "precision=fp32",
          "weights=/a b/c.safetensors", "weights=a\\,photo\\,rule=x.pt",
          "rule=variant3,weights=w.pt,views=3,1,precision=bf16", "form=linear",
          "rule=ascent,precision=fp64,form=linear"}) {
        const auto spec = parse_side_spec(text);
        ASSERT_TRUE(spec.has_value()) << text << ": " << spec.error().message();
        const auto again = parse_side_spec(format(*spec));
        ASSERT_TRUE(again.has_value()) << text << " became " << format(*spec);
        EXPECT_EQ(*again, *spec) << text << " became " << format(*spec);
    }
}

TEST(SideSpec, FormatIsItsInverseForRandomSides) {
    std::mt19937 random(7);
    const auto one_in = [&](int n) { return std::uniform_int_distribution<int>(1, n)(random) == 1; };
    const std::string letters = "ab,\\=[] photo";
    for (int i = 0; i < 2000; ++i) {
        SideSpec spec;
        if (one_in(2)) {
            const auto presets = rule_presets();
            spec.rule = presets[random() % presets.size()].rule;
            spec.rule_names_precision = spec.rule->ns_precision != NsPrecision::bf16 || one_in(2);
        }
        if (one_in(2)) {
            std::string path = "w";
            for (unsigned k = 0; k < random() % 8; ++k) {
                path += letters[random() % letters.size()];
            }
            spec.weights = path + ".pt";
        }
        if (one_in(2)) {
            spec.precision = one_in(2) ? Precision::fp32 : Precision::bf16;
        }
        if (one_in(3)) {
            spec.view_count = 1 + random() % 30;
        } else if (one_in(2)) {
            spec.views = std::vector<std::size_t>{random() % 4, 4 + random() % 9};
        }
        const auto again = parse_side_spec(format(spec));
        ASSERT_TRUE(again.has_value()) << format(spec) << ": " << again.error().message();
        EXPECT_EQ(*again, spec) << format(spec);
    }
}

TEST(SideSpec, WordsForTheScreen) {
    const auto words = [](const char* text) { return side_words(parse_side_spec(text).value()); };
    EXPECT_EQ(words("current"), "current");
    EXPECT_EQ(words("truth"), "ground truth");
    EXPECT_EQ(words("captured"), "frozen image");
    EXPECT_EQ(words("weights=/a/some.safetensors,views=1"), "some, 1 view");
    EXPECT_EQ(words("rule=ascent,views=0,8,28,precision=bf16,form=linear"),
              rule_label(parse_update_rule("ascent").value()) + ", 3 views, bf16, by linear attention");
    // Nothing of the text form, which has no spaces and its own names.
    EXPECT_EQ(words("rule=mse,steps=4").find('='), std::string::npos);
}

TEST(SideSpec, RefusesWhatHasNoMeaningAndSaysWhy) {
    const std::vector<std::pair<const char*, const char*>> refused = {
        {"", "empty"},
        {"  ", "empty"},
        {"nonsense", "'nonsense'"},
        {"rules=mse", "'rules=mse'"},
        {"photo,rule=mse", "photo is an image"},
        {"rule=mse,truth", "truth is an image"},
        {"photo,truth", "is an image"},
        {"captured,views=4", "views has no meaning"},
        {"current,precision=bf16", "precision changes it"},
        {"rule=mse,rule=ascent", "rule is given twice"},
        {"photo,photo", "photo is given twice"},
        {"rule=", "no value"},
        {"weights=", "no value"},
        {"views=", "no value"},
        {"rule=nonsense", "nonsense"},
        {"rule=kernel=identity,update=all", ""},
        {"precision=fp8", "fp8"},
        {"form=softmax", "softmax"},
        {"form=unchanged", "not a form of a side"},
        {"photo,form=linear", "form has no meaning"},
        {"views=0", "no input view"},
        {"views=4,x", "'4,x'"},
        {"views=-1", "'-1'"},
        {"views=1,2,1", "view 1 is given twice"},
        {"views=99999999999999999999999", "not a number"},
        {"photo,4", "'4'"},
        {",rule=mse", "''"},
    };
    for (const auto& [text, words] : refused) {
        const auto spec = parse_side_spec(text);
        ASSERT_FALSE(spec.has_value()) << text;
        EXPECT_NE(spec.error().message().find(words), std::string::npos)
            << text << ": " << spec.error().message();
    }
}

}  // namespace

}  // namespace lact::app
