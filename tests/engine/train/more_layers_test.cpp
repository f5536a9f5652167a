#include "engine/train/more_layers.h"

#include "engine/train/trainable_network.h"
#include "tests/support/small_model.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

class MoreLayers : public testing::TestWithParam<int> {};

TEST_P(MoreLayers, RenderTheSameImage) {
    const ModelConfig config = test::small_config();
    ModelConfig deep = config;
    deep.layers = GetParam();
    const TensorFile file{test::random_weights(config).tensors, {}};
    TrainableNetwork shallow(config, {}, at::kCPU, at::kDouble, 1);
    TrainableNetwork deeper(deep, {}, at::kCPU, at::kDouble, 2);
    ASSERT_TRUE(shallow.load(file).has_value());
    const auto loaded = deeper.load({with_more_layers(file.tensors, config.layers, deep.layers), {}});
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message();
    at::manual_seed(3);
    const auto posed = at::rand({1, 2, 12, 16, 16}, at::kDouble) - 0.5;
    const auto pose = at::rand({1, 1, 9, 16, 16}, at::kDouble);
    const at::NoGradGuard no_grad;
    // Not to the bit: the last layer has fewer rows than the others, and which one is last differs.
    const auto difference = deeper.forward(posed, pose) - shallow.forward(posed, pose);
    EXPECT_LT(difference.abs().max().item<double>(), 1e-12);
}

INSTANTIATE_TEST_SUITE_P(Layers, MoreLayers, testing::Values(2, 3, 5, 12));

TEST(MoreLayersTest, FollowTheLayerTheyCopy) {
    const ModelConfig config = test::small_config();
    ASSERT_EQ(config.layers, 2);
    const auto tensors = test::random_weights(config).tensors;
    const auto made = with_more_layers(tensors, 2, 3);
    const auto tensor = [](const std::map<std::string, at::Tensor>& of, int layer, const char* name) {
        return of.at("blocks." + std::to_string(layer) + ".module_list." + name);
    };
    EXPECT_TRUE(at::equal(tensor(made, 1, "1.f.w0"), tensor(tensors, 0, "1.f.w0")));
    EXPECT_TRUE(at::equal(tensor(made, 2, "1.f.w0"), tensor(tensors, 1, "1.f.w0")));
    for (const char* name : {"0.f.c_proj.weight", "1.f.c_proj.weight", "2.f.c_proj.weight"}) {
        EXPECT_TRUE(at::equal(tensor(made, 0, name), tensor(tensors, 0, name))) << name;
        EXPECT_TRUE(tensor(made, 1, name).eq(0).all().item<bool>()) << name;
        EXPECT_TRUE(at::equal(tensor(made, 2, name), tensor(tensors, 1, name))) << name;
    }
}

TEST(MoreLayersTest, OnlyLayersMayDiffer) {
    const ModelConfig config = test::small_config();
    ModelConfig other = config;
    EXPECT_FALSE(is_deeper(other, config));
    other.layers += 1;
    EXPECT_TRUE(is_deeper(other, config));
    EXPECT_FALSE(is_deeper(config, other));
    other.d *= 2;
    EXPECT_FALSE(is_deeper(other, config));
}

}  // namespace
}  // namespace lact
