// The operation model, against figures derived by hand from the sizes of the release.
#include "engine/model/operations.h"

#include "engine/model/checkpoint.h"
#include "engine/model/random_weights.h"

#include <cmath>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

double giga(double operations) {
    return operations / 1e9;
}

/// The relative tolerance of figures that are given with three or four digits.
void expect_near(double actual, double expected) {
    EXPECT_NEAR(actual, expected, 0.004 * expected);
}

TEST(Operations, OfTheReleasedSizes) {
    const UpdateRule rule;
    const ModelConfig l24 = released_config("l24_d768_ttt2x").value();
    const Operations set_up = set_up_operations(l24, rule, 8, {256, 256});
    expect_near(giga(set_up.total()), 9990);
    expect_near(giga(set_up.newton_schulz), 1631);
    expect_near(giga(set_up.update), 2783);
    expect_near(giga(set_up.attention), 618);
    const Operations view = render_operations(l24, rule, {256, 256});
    expect_near(giga(view.total()), 659);
    expect_near(giga(view.attention), 77.3);
    expect_near(giga(view.apply), 174);
    expect_near(giga(view.mlp), 232);
    expect_near(giga(set_up_operations(l24, rule, 8, {512, 512}).total()), 42489);
    expect_near(giga(render_operations(l24, rule, {512, 512}).total()), 3562);

    const ModelConfig l12 = released_config("l12_d768_ttt1x").value();
    expect_near(giga(set_up_operations(l12, rule, 2, {128, 128}).total()), 668);
    expect_near(giga(render_operations(l12, rule, {128, 128}).total()), 64.4);
}

TEST(Operations, FollowTheRule) {
    const ModelConfig config = released_config("l12_d768_ttt1x").value();
    const Operations baseline = set_up_operations(config, {}, 2, {128, 128});
    UpdateRule rule;
    rule.inner_steps = 4;
    EXPECT_EQ(set_up_operations(config, rule, 2, {128, 128}).update, 4 * baseline.update);
    rule = {};
    rule.orthogonalize = false;
    EXPECT_EQ(set_up_operations(config, rule, 2, {128, 128}).newton_schulz, 0);
    rule = {};
    rule.updated = UpdatedMatrices::last;
    const Operations last = set_up_operations(config, rule, 2, {128, 128});
    EXPECT_EQ(last.newton_schulz, baseline.newton_schulz / 3);
    EXPECT_EQ(last.update, baseline.update / 2);  // 4 + 2 of 6 + 6 products
    EXPECT_EQ(last.apply, baseline.apply);
}

TEST(RandomWeights, HaveTheParametersOfTheRelease) {
    // 312.2 M parameters with 24 layers; a file of 12 layers of single width is enough to build here.
    ModelConfig config = released_config("l24_d768_ttt2x").value();
    long long parameters = 0;
    for (const auto& [name, shape] : expected_shapes(config)) {
        long long count = 1;
        for (const auto side : shape) {
            count *= side;
        }
        parameters += count;
    }
    expect_near(static_cast<double>(parameters) / 1e6, 312.2);
    config.layers = 1;
    const Checkpoint one = random_checkpoint(config, 5);
    EXPECT_EQ(one.file.tensors.size(), expected_shapes(config).size());
    EXPECT_NEAR(
        one.file.tensors.at("blocks.0.module_list.0.f.to_qkv.weight").std().item<double>() * std::sqrt(768.0),
        1, 0.01);
    EXPECT_TRUE(random_checkpoint(config, 5)
                    .file.tensors.at("input_linear.weight")
                    .equal(one.file.tensors.at("input_linear.weight")));
    EXPECT_FALSE(released_config("l1").has_value());
}

}  // namespace
}  // namespace lact
