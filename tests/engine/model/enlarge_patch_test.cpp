#include "engine/model/checkpoint.h"
#include "engine/model/two_stage.h"
#include "tests/support/small_model.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

Checkpoint small_checkpoint() {
    Checkpoint checkpoint;
    checkpoint.config = test::small_config();
    checkpoint.file = test::random_weights(checkpoint.config);
    checkpoint.sha256 = "0123";
    checkpoint.info.metadata_json = R"({"name": "small", "trained_sizes": [[64, 48]]})";
    checkpoint.info.trained_sizes = {{64, 48}};
    return checkpoint;
}

at::Tensor twice(const at::Tensor& views) {
    return views.repeat_interleave(2, 3).repeat_interleave(2, 4);
}

TEST(EnlargePatch, IsTheSameNetworkOnRepeatedPixels) {
    const Checkpoint checkpoint = small_checkpoint();
    const auto larger = enlarge_patch(checkpoint, 2);
    ASSERT_TRUE(larger.has_value()) << larger.error().message();
    EXPECT_EQ(larger->config.patch, 2 * checkpoint.config.patch);
    const Network before(checkpoint, at::kCPU, at::kDouble);
    const Network after(*larger, at::kCPU, at::kDouble);
    at::manual_seed(2);
    const auto posed = at::rand({1, 2, 12, 12, 8}, at::kDouble);
    const auto pose = at::rand({1, 1, 9, 12, 8}, at::kDouble);
    UpdateRule rule;
    rule.ns_precision = NsPrecision::fp32;
    const auto small = joint_pass(before, rule, posed, pose);
    const auto large = joint_pass(after, rule, twice(posed), twice(pose));
    EXPECT_LT((large - twice(small)).abs().max().item<double>(), 1e-6);  // weights are fp32
    EXPECT_GT(small.std().item<double>(), 1e-3);
}

TEST(EnlargePatch, SaysWhatItIs) {
    const auto larger = enlarge_patch(small_checkpoint(), 2);
    ASSERT_TRUE(larger.has_value());
    EXPECT_EQ(larger->info.trained_sizes, (std::vector<std::array<int, 2>>{{128, 96}}));
    EXPECT_NE(larger->info.metadata_json.find("\"parent\":\"0123\""), std::string::npos);
    EXPECT_FALSE(enlarge_patch(small_checkpoint(), 1).has_value());
}

}  // namespace
}  // namespace lact
