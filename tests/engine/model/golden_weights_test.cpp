#include "engine/model/checkpoint.h"
#include "tests/support/golden.h"

#include <filesystem>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

std::string skipped(const std::string& what) {
    return "golden: SKIPPED no " + what + " in " + test::golden_dir().string() + " (set LACT_GOLDEN_DIR)";
}

TEST(GoldenWeights, PyTorchFilesEqualTheirSafetensors) {
    const auto files = test::golden_files("", "_weights.pt");
    if (files.empty()) {
        GTEST_SKIP() << skipped("*_weights.pt");
    }
    for (const auto& path : files) {
        const auto pt = load_checkpoint(path);
        const auto safetensors =
            load_checkpoint(std::filesystem::path(path).replace_extension(".safetensors"));
        ASSERT_TRUE(pt.has_value()) << pt.error().message();
        ASSERT_TRUE(safetensors.has_value()) << safetensors.error().message();
        EXPECT_EQ(pt->format, "pt");
        EXPECT_EQ(pt->config, safetensors->config);
        EXPECT_TRUE(pt->info.rule_assumed);
        ASSERT_EQ(pt->file.tensors.size(), safetensors->file.tensors.size()) << path;
        for (const auto& [name, tensor] : safetensors->file.tensors) {
            ASSERT_TRUE(pt->file.tensors.contains(name)) << path << " " << name;
            const at::Tensor& other = pt->file.tensors.at(name);
            EXPECT_EQ(other.scalar_type(), tensor.scalar_type()) << path << " " << name;
            EXPECT_TRUE(at::equal(other, tensor)) << path << " " << name;
        }
    }
}

TEST(GoldenWeights, ConfigurationDerivedFromShapesIsTheOneTheyWereMadeWith) {
    const auto files = test::golden_files("", "_weights.safetensors");
    if (files.empty()) {
        GTEST_SKIP() << skipped("*_weights.safetensors");
    }
    for (const auto& path : files) {
        const auto checkpoint = load_checkpoint(path);
        ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
        const auto stated = nlohmann::json::parse(checkpoint->file.metadata.at("config"));
        const ModelConfig& config = checkpoint->config;
        EXPECT_EQ(config.layers, stated.at("layers").get<int>()) << path;
        EXPECT_EQ(config.d, stated.at("dim").get<int>()) << path;
        EXPECT_EQ(config.attention_head, stated.at("attn_head_dim").get<int>()) << path;
        EXPECT_EQ(config.ttt_head, stated.at("ttt_head_dim").get<int>()) << path;
        EXPECT_EQ(config.ttt_heads(), stated.at("ttt_heads").get<int>()) << path;
        EXPECT_EQ(config.hidden_multiple, stated.at("inter_multi").get<double>()) << path;
        EXPECT_EQ(config.patch, stated.at("patch_size").get<int>()) << path;
        EXPECT_FALSE(config.query_is_key) << path;
    }
}

TEST(BundledWeights, GeneralLoads) {
    const auto checkpoint = load_checkpoint(LACT_ASSETS_DIR "/weights/general.safetensors");
    ASSERT_TRUE(checkpoint.has_value()) << checkpoint.error().message();
    EXPECT_EQ(checkpoint->config.layers, 6);
    EXPECT_EQ(checkpoint->config.d, 256);
    EXPECT_EQ(checkpoint->config.ttt_heads(), 2);
    EXPECT_EQ(checkpoint->config.ttt_head, 128);
    EXPECT_EQ(checkpoint->config.patch, 8);
    EXPECT_EQ(checkpoint->info.name, "general");
    EXPECT_EQ(checkpoint->info.trained_rule(), "baseline");
    EXPECT_EQ(checkpoint->info.background, "white");
    EXPECT_EQ(checkpoint->dtype, "bf16");
}

}  // namespace
}  // namespace lact
