#include "engine/model/checkpoint.h"
#include "tests/support/small_model.h"

#include <string>

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::small_config;

TEST(ModelConfig, ExpectedShapesOfASmallModel) {
    const TensorShapes shapes = expected_shapes(small_config());
    EXPECT_EQ(shapes.size(), 4U + 2U * 17U);
    const auto shape = [&shapes](const std::string& name) { return shapes.at(name); };
    using Shape = std::vector<std::int64_t>;
    EXPECT_EQ(shape("input_linear.weight"), (Shape{32, 192}));
    EXPECT_EQ(shape("input_layernorm.weight"), (Shape{32}));
    EXPECT_EQ(shape("blocks.1.module_list.0.f.to_qkv.weight"), (Shape{96, 32}));
    EXPECT_EQ(shape("blocks.1.module_list.0.f.k_norm.weight"), (Shape{8}));
    EXPECT_EQ(shape("blocks.1.module_list.1.f.w0"), (Shape{2, 16, 24}));
    EXPECT_EQ(shape("blocks.1.module_list.1.f.w1"), (Shape{2, 24, 16}));
    EXPECT_EQ(shape("blocks.1.module_list.1.f.lr_fc.bias"), (Shape{6}));
    EXPECT_EQ(shape("blocks.0.module_list.2.f.c_proj.weight"), (Shape{32, 128}));
    EXPECT_EQ(shape("image_token_decoder.1.weight"), (Shape{48, 32}));
}

TEST(ModelConfig, IsDerivedFromItsOwnShapes) {
    ModelConfig released;
    released.layers = 24;
    released.d = 768;
    released.ttt_head = 768;
    released.hidden_multiple = 4;
    ModelConfig query_is_key = small_config();
    query_is_key.query_is_key = true;
    ModelConfig odd = small_config();
    odd.hidden_multiple = 11.0 / 16.0;
    odd.patch = 1;
    for (const ModelConfig& config : {small_config(), released, query_is_key, odd}) {
        const auto derived = derive_config(expected_shapes(config), "x");
        ASSERT_TRUE(derived.has_value()) << derived.error().message();
        EXPECT_EQ(*derived, config);
    }
}

/// derive_config after `change` to the shapes of the small model.
template <class Change>
std::string derivation_error(Change change) {
    TensorShapes shapes = expected_shapes(small_config());
    change(shapes);
    const auto derived = derive_config(shapes, "file.pt");
    EXPECT_FALSE(derived.has_value());
    return derived.has_value() ? "" : derived.error().message();
}

TEST(ModelConfig, WhatDoesNotDeriveSaysWhy) {
    const auto contains = [](const std::string& text, const std::string& part) {
        EXPECT_NE(text.find(part), std::string::npos) << text;
        EXPECT_NE(text.find("file.pt"), std::string::npos) << text;
    };
    contains(derivation_error([](auto& s) { s = {{"conv.weight", {3}}}; }), "no tensor input_linear.weight");
    contains(derivation_error([](auto& s) { s = {{"conv.weight", {3}}}; }), "it holds 1 tensor: conv.weight");
    contains(derivation_error([](auto& s) { s["input_linear.weight"] = {32}; }), "expected [d, 12 p*p]");
    contains(derivation_error([](auto& s) { s["input_linear.weight"] = {32, 100}; }), "not 12 p*p");
    contains(derivation_error([](auto& s) { s["input_linear.weight"] = {0, 192}; }), "[0, 192]");
    contains(derivation_error([](auto& s) {
                 s["input_linear.weight"] = {1LL << 40, 192};
             }),
             "[1099511627776, 192]");
    contains(
        derivation_error([](auto& s) { std::erase_if(s, [](auto& x) { return x.first.ends_with("w0"); }); }),
        "module_list.1.f.w0");
    contains(derivation_error([](auto& s) {
                 s["blocks.0.module_list.1.f.w0"] = {16, 24};
             }),
             "[heads, d_in, d_h]");
    contains(derivation_error([](auto& s) {
                 s["blocks.0.module_list.1.f.w0"] = {3, 16, 24};
             }),
             "3 TTT heads of 16");
    contains(derivation_error([](auto& s) { s["blocks.0.module_list.0.f.q_norm.weight"] = {7}; }),
             "head width 7");
}

TEST(ModelConfig, ATensorMissingInTheFirstBlockIsTakenFromAnother) {
    TensorShapes shapes = expected_shapes(small_config());
    shapes.erase("blocks.0.module_list.1.f.w0");
    const auto derived = derive_config(shapes, "x");
    ASSERT_TRUE(derived.has_value()) << derived.error().message();
    EXPECT_EQ(*derived, small_config());
}

TEST(ModelConfig, HugeBlockNumbersDoNotMakeHugeModels) {
    TensorShapes shapes = expected_shapes(small_config());
    shapes["blocks.2000000000.module_list.0.ln.weight"] = {32};
    shapes["blocks.99999999999999999999.x"] = {32};
    shapes["blocks.-1.x"] = {32};
    const auto derived = derive_config(shapes, "x");
    ASSERT_TRUE(derived.has_value()) << derived.error().message();
    EXPECT_EQ(derived->layers, 3);
}

TEST(ModelConfig, ShapeProblemsNameMisshapenMissingAndUnknown) {
    TensorShapes actual{{"a", {1}}, {"b", {2, 3}}, {"z", {4}}};
    const auto problems = shape_problems({{"a", {1}}, {"b", {3, 2}}, {"c", {5}}}, actual);
    ASSERT_EQ(problems.size(), 3U);
    EXPECT_EQ(problems[0], "b has shape [2, 3], expected [3, 2]");
    EXPECT_EQ(problems[1], "c is missing, expected [5]");
    EXPECT_EQ(problems[2], "z [4] is unknown");
}

TEST(ModelConfig, DeclaredSizesMustAgreeAndAllDifferencesAreNamed) {
    const ModelConfig config = small_config();
    EXPECT_TRUE(check_declared_config({}, config, "x").has_value());
    DeclaredConfig same{2, 32, 8, 16, 1.5, 4, false};
    EXPECT_TRUE(check_declared_config(same, config, "x").has_value());
    same.hidden_multiple = 1.51;  // Still 24 hidden channels.
    EXPECT_TRUE(check_declared_config(same, config, "x").has_value());
    const auto wrong = check_declared_config({3, 33, 9, 17, 1e300, 5, true}, config, "x");
    ASSERT_FALSE(wrong.has_value());
    for (const char* part :
         {"layers is 3 in the metadata and 2", "d is 33", "attention_head is 9", "ttt_head is 17",
          "hidden_multiple is 1e+300", "patch is 5", "query_is_key is true"}) {
        EXPECT_NE(wrong.error().what.find(part), std::string::npos) << part << " in " << wrong.error().what;
    }
}

}  // namespace
}  // namespace lact
