#include "engine/model/state_names.h"

#include "engine/model/checkpoint.h"
#include "engine/model/safetensors.h"
#include "engine/model/torch_zip.h"
#include "tests/support/small_model.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <ostream>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

using test::random_weights;
using test::small_config;
using test::TemporaryFolder;

TensorShapes named_shapes(std::initializer_list<const char*> names) {
    TensorShapes result;
    for (const char* name : names) {
        result[name] = {2, 3};
    }
    return result;
}

/// "network name<-file name" of each, in order.
std::vector<std::string> name_pairs(const StateSelection& selection) {
    std::vector<std::string> result;
    for (const auto& [name, stored] : selection.names) {
        result.push_back(name + "<-" + stored);
    }
    return result;
}
using NamePairs = std::vector<std::string>;

TEST(SelectState, KeepsNamesWithoutPrefix) {
    const auto selection = select_state(named_shapes({"a.w", "b", "model"}));
    EXPECT_EQ(name_pairs(selection), (NamePairs{"a.w<-a.w", "b<-b", "model<-model"}));
    EXPECT_EQ(selection.from, "");
    EXPECT_TRUE(selection.left_out.empty());
}

TEST(SelectState, RemovesWordsOfWrappersWithinNames) {
    EXPECT_EQ(
        name_pairs(select_state(named_shapes({"blocks.0._orig_mod.w", "blocks._fsdp_wrapped_module.1.w"}))),
        (NamePairs{"blocks.0.w<-blocks.0._orig_mod.w", "blocks.1.w<-blocks._fsdp_wrapped_module.1.w"}));
}

TEST(SelectState, PrefersAveragedWeightsOnlyIfTheyAreComplete) {
    auto file = named_shapes({"model.blocks.0.w", "model.input_linear.weight", "ema.module.blocks.0.w"});
    EXPECT_EQ(select_state(file).from, "model");
    file["ema.module.input_linear.weight"] = {2, 4};
    EXPECT_EQ(select_state(file).from, "model") << "of another shape";
    file["ema.module.input_linear.weight"] = {2, 3};
    EXPECT_EQ(select_state(file).from, "ema.module");
    EXPECT_EQ(select_state(file).left_out, std::vector<std::string>{"model"});
    EXPECT_EQ(select_state(named_shapes({"ema.w", "optimizer.m"})).from, "")
        << "which is not known to be the state";
    EXPECT_EQ(select_state(named_shapes({"ema.blocks.0.w", "optimizer.state.0.exp_avg"})).from, "ema");
}

TEST(SelectState, LeavesOutWhatLiesBesideAPrefix) {
    const auto selection =
        select_state(named_shapes({"optimizer.state.0.exp_avg", "optimizer.state.0.exp_avg_sq",
                                   "model.blocks.0.w", "lpips.net.w", "n_averaged"}));
    EXPECT_EQ(name_pairs(selection), (NamePairs{"blocks.0.w<-model.blocks.0.w"}));
    EXPECT_EQ(selection.left_out, (std::vector<std::string>{"lpips", "n_averaged", "optimizer"}));
}

TEST(SelectState, OfTwoNetworksTheOneOfLactNvsIsTaken) {
    const auto selection = select_state(named_shapes(
        {"model.a.w", "model.b.w", "model.c.w", "net.input_linear.weight", "net.a.w", "net.blocks.0.w"}));
    EXPECT_EQ(selection.from, "net");
    EXPECT_EQ(selection.names.size(), 3U);
}

/// Every order of every subset of the prefixes that tools put before names.
std::vector<std::string> all_prefixes() {
    std::vector<std::string> prefixes;
    const std::vector<std::string> words{"_orig_mod.", "model.", "module.", "net."};
    for (unsigned subset = 0; subset < 16; ++subset) {
        std::vector<std::string> chosen;
        for (unsigned i = 0; i < words.size(); ++i) {
            if ((subset >> i & 1U) != 0) {
                chosen.push_back(words[i]);
            }
        }
        do {
            std::string prefix;
            for (const auto& word : chosen) {
                prefix += word;
            }
            prefixes.push_back(prefix);
        } while (std::next_permutation(chosen.begin(), chosen.end()));
    }
    return prefixes;
}

TEST(SelectState, EveryOrderOfPrefixesIsRemoved) {
    const auto prefixes = all_prefixes();
    EXPECT_EQ(prefixes.size(), 65U);
    const TensorShapes network = expected_shapes(small_config());
    for (const std::string& prefix : prefixes) {
        TensorShapes file;
        for (const auto& [name, shape] : network) {
            file[prefix + name] = shape;
        }
        const auto selection = select_state(file);
        ASSERT_EQ(selection.names.size(), network.size()) << prefix;
        for (const auto& [name, shape] : network) {
            EXPECT_EQ(selection.names.at(name), prefix + name);
        }
    }
}

TEST(SelectState, EveryNameMayHaveAnotherPrefix) {
    const auto prefixes = all_prefixes();
    const TensorShapes network = expected_shapes(small_config());
    TensorShapes file;
    std::size_t next = 0;
    for (const auto& [name, shape] : network) {
        file[prefixes[next++ * 7 % prefixes.size()] + name] = shape;
    }
    const auto selection = select_state(file);
    EXPECT_EQ(selection.names.size(), network.size());
    EXPECT_TRUE(selection.left_out.empty());
}

/// Containers of training scripts, one in the other.
class NestedState : public testing::TestWithParam<const char*> {};

TEST_P(NestedState, LoadsAsTheBareWeightsFromEitherFormat) {
    const TensorFile network = random_weights(small_config());
    TensorFile file;
    for (const auto& [name, tensor] : network.tensors) {
        file.tensors[std::string(GetParam()) + "." + name] = tensor;
    }
    file.tensors["optimizer.state.0.exp_avg"] = at::ones({3});
    file.tensors["optimizer.state.1.exp_avg"] = at::ones({3});
    const TemporaryFolder folder;
    const auto safetensors = folder.path() / "w.safetensors";
    const auto zip = folder.path() / "w.pt";
    ASSERT_TRUE(write_safetensors(safetensors, file).has_value());
    ASSERT_TRUE(write_torch_zip(zip, file).has_value());
    for (const auto& [path, from] :
         {std::pair(safetensors, std::string()), std::pair(zip, std::string("model."))}) {
        const auto checkpoint = load_checkpoint(path);
        ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
        EXPECT_EQ(checkpoint->file.state_from, from + GetParam());
        ASSERT_EQ(checkpoint->file.tensors.size(), network.tensors.size());
        for (const auto& [name, tensor] : network.tensors) {
            EXPECT_TRUE(at::equal(checkpoint->file.tensors.at(name), tensor)) << name;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, NestedState,
                         testing::Values("model", "state_dict", "model_state_dict", "ema", "ema_model",
                                         "params", "net", "module", "model.state_dict",
                                         "state_dict.model.module", "ema.state_dict._orig_mod", "params.ema",
                                         "model_state_dict.net"));

TEST(SelectState, TheCompleteAverageIsReadAndTheCheckpointSaysSo) {
    const TensorFile average = random_weights(small_config());
    TensorFile file;
    for (const auto& [name, tensor] : average.tensors) {
        file.tensors["ema." + name] = tensor;
        file.tensors["model." + name] = tensor + 1;
    }
    const auto read = [&file] {
        const TemporaryFolder folder;
        EXPECT_TRUE(write_safetensors(folder.path() / "w.safetensors", file).has_value());
        return load_checkpoint(folder.path() / "w.safetensors").value();
    };
    const Checkpoint complete = read();
    EXPECT_EQ(complete.file.state_from, "ema");
    EXPECT_EQ(complete.file.left_out, std::vector<std::string>{"model"});
    EXPECT_TRUE(at::equal(complete.file.tensors.at("input_linear.weight"),
                          average.tensors.at("input_linear.weight")));
    file.tensors.erase("ema.input_linear.weight");
    const Checkpoint partial = read();
    EXPECT_EQ(partial.file.state_from, "model");
    EXPECT_TRUE(at::equal(partial.file.tensors.at("input_linear.weight"),
                          average.tensors.at("input_linear.weight") + 1));
}

}  // namespace
}  // namespace lact
