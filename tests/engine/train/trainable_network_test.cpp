#include "engine/train/trainable_network.h"

#include "engine/model/rays.h"
#include "engine/model/two_stage.h"
#include "tests/support/small_model.h"

#include <cmath>
#include <set>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace lact {
namespace {

struct TrainedViews {
    at::Tensor posed, pose;
};

TrainedViews random_views(int64_t inputs, int64_t targets) {
    at::manual_seed(3);
    return {at::rand({2, inputs, 12, 12, 8}, at::kDouble) - 0.5,
            at::rand({2, targets, 9, 12, 8}, at::kDouble)};
}

UpdateRule rule_of(const char* text) {
    auto rule = parse_update_rule(text);
    rule->ns_precision = NsPrecision::fp32;
    return *rule;
}

class TrainableRule : public testing::TestWithParam<const char*> {};

TEST_P(TrainableRule, IsTheJointPassOfTheInferenceNetwork) {
    const UpdateRule rule = rule_of(GetParam());
    Checkpoint checkpoint;
    checkpoint.config = test::small_config();
    if (rule.kernel == Kernel::identity) {
        checkpoint.config.hidden_multiple = 1;
    }
    checkpoint.file = test::random_weights(checkpoint.config);
    const Network network(checkpoint, at::kCPU, at::kDouble);
    TrainableNetwork trained(checkpoint.config, rule, at::kCPU, at::kDouble, 1);
    ASSERT_TRUE(trained.load(checkpoint.file).has_value());
    const TrainedViews views = random_views(3, 2);
    const at::NoGradGuard no_grad;
    const auto expected = joint_pass(network, rule, views.posed, views.pose);
    const auto made = trained.forward(views.posed, views.pose);
    EXPECT_LT((made - expected.narrow(1, 0, 2)).abs().max().item<double>(), 1e-11);
}

INSTANTIATE_TEST_SUITE_P(Rules, TrainableRule,
                         testing::Values("baseline", "ascent", "mse", "query-is-key", "variant1", "variant2",
                                         "variant3", "variant4", "variant6", "steps=2"));

TEST(TrainableNetwork, AuxiliaryRowsChangeNoImageAndNeedNoFile) {
    const ModelConfig config = test::small_config();
    const TrainableNetwork plain(config, {}, at::kCPU, at::kDouble, 1);
    TrainableNetwork with(config, {}, at::kCPU, at::kDouble, 1, /*auxiliary=*/true);
    ASSERT_EQ(with.parameters().size(), plain.parameters().size() + 1);
    EXPECT_EQ(with.parameters().back().name, TrainableNetwork::auxiliary_parameter);
    const TrainedViews views = random_views(2, 1);
    const at::NoGradGuard no_grad;
    const auto outputs = with.forward_all(views.posed, views.pose);
    EXPECT_TRUE(at::equal(outputs.images, plain.forward(views.posed, views.pose)));
    EXPECT_FALSE(plain.forward_all(views.posed, views.pose).auxiliary.defined());
    ASSERT_EQ(outputs.auxiliary.size(2), TrainableNetwork::auxiliary_channels);
    EXPECT_EQ(outputs.auxiliary.size(3), outputs.images.size(3));
    EXPECT_TRUE(outputs.auxiliary.slice(2, 0, 1).eq(0.5).all().item<bool>());  // Rows of zeros.
    EXPECT_TRUE(outputs.auxiliary.slice(2, 1).eq(0).all().item<bool>());
    // Weight files do not hold the rows: loading one leaves them as they are.
    with.parameters().back().value.fill_(0.25);
    ASSERT_TRUE(with.load({test::random_weights(config)}));
    EXPECT_TRUE(with.parameters().back().value.eq(0.25).all().item<bool>());
}

TEST(TrainableNetwork, WorksOnWeightsWithoutAQueryProjection) {
    Checkpoint checkpoint;
    checkpoint.config = test::small_config();
    checkpoint.config.query_is_key = true;
    checkpoint.file = test::random_weights(checkpoint.config);
    const UpdateRule rule = rule_of("query-is-key");
    const Network network(checkpoint, at::kCPU, at::kDouble);
    TrainableNetwork trained(checkpoint.config, rule, at::kCPU, at::kDouble, 1);
    ASSERT_TRUE(trained.load(checkpoint.file).has_value());
    const TrainedViews views = random_views(2, 1);
    const at::NoGradGuard no_grad;
    EXPECT_LT((trained.forward(views.posed, views.pose) - joint_pass(network, rule, views.posed, views.pose))
                  .abs()
                  .max()
                  .item<double>(),
              1e-11);
}

TEST(TrainableNetwork, EveryParameterLearns) {
    TrainableNetwork network(test::small_config(), {}, at::kCPU, at::kDouble, 4);
    const TrainedViews views = random_views(2, 2);
    network.forward(views.posed, views.pose).square().sum().backward();
    for (const auto& parameter : network.parameters()) {
        ASSERT_TRUE(parameter.value.grad().defined()) << parameter.name;
        EXPECT_GT(parameter.value.grad().abs().max().item<double>(), 0) << parameter.name;
    }
}

TEST(TrainableNetwork, GradientIsTheSlopeOfTheLoss) {
    // Central differences along one random direction in all parameters.
    TrainableNetwork network(test::small_config(), rule_of("baseline"), at::kCPU, at::kDouble, 4);
    ASSERT_TRUE(network.load(test::random_weights(test::small_config())).has_value());
    const TrainedViews views = random_views(2, 2);
    // The reference norms count as constants in the gradient (as in the LaCT release), so the direction
    // leaves the initial fast weights alone.
    const auto is_fast = [](const std::string& name) {
        return name.ends_with(".w0") || name.ends_with(".w1") || name.ends_with(".w2");
    };
    const auto loss = [&] { return network.forward(views.posed, views.pose).square().mean(); };
    loss().backward();
    double slope = 0;
    std::vector<at::Tensor> direction;
    for (const auto& parameter : network.parameters()) {
        direction.push_back(is_fast(parameter.name) ? at::zeros_like(parameter.value)
                                                    : at::randn_like(parameter.value) * 0.1);
        slope += (parameter.value.grad() * direction.back()).sum().item<double>();
    }
    const at::NoGradGuard no_grad;
    const double step = 1e-5;
    const auto move = [&](double by) {
        for (std::size_t i = 0; i < direction.size(); ++i) {
            network.parameters()[i].value.add_(direction[i], by);
        }
    };
    move(step);
    const double above = loss().item<double>();
    move(-2 * step);
    const double below = loss().item<double>();
    const double measured = (above - below) / (2 * step);
    EXPECT_NEAR(slope / measured, 1.0, 1e-5);
}

/// Compares the gradients of all parameters in bf16 with those in fp64, with rates that differ from token to
/// token, from head to head and from matrix to matrix.
void expect_gradients_in_bf16(const ModelConfig& config, int64_t batch) {
    TrainableNetwork exact(config, {}, at::kCPU, at::kDouble, 4);
    TrainableNetwork rounded(config, {}, at::kCPU, at::kBFloat16, 4);
    {
        const at::NoGradGuard guard;
        auto generator = at::detail::createCPUGenerator(9);
        for (std::size_t i = 0; i < exact.parameters().size(); ++i) {
            if (exact.parameters()[i].name.find("lr_fc.weight") != std::string::npos) {
                const auto value = exact.parameters()[i].value;
                const auto varied = at::randn(value.sizes(), generator, at::kDouble);
                exact.parameters()[i].value.copy_(varied);
                rounded.parameters()[i].value.copy_(varied);
            }
        }
    }
    const TrainedViews both = random_views(3, 2);
    const TrainedViews views{both.posed.narrow(0, 0, batch), both.pose.narrow(0, 0, batch)};
    exact.forward(views.posed, views.pose).square().mean().backward();
    rounded.forward(views.posed.to(at::kFloat), views.pose.to(at::kFloat)).square().mean().backward();
    double dot = 0;
    double length_a = 0;
    double length_b = 0;
    for (std::size_t i = 0; i < exact.parameters().size(); ++i) {
        const auto a = exact.parameters()[i].value.grad();
        const auto b = rounded.parameters()[i].value.grad().to(at::kDouble);
        dot += (a * b).sum().item<double>();
        length_a += a.square().sum().item<double>();
        length_b += b.square().sum().item<double>();
    }
    EXPECT_GT(dot / std::sqrt(length_a * length_b), 0.98) << batch;
    EXPECT_NEAR(std::sqrt(length_b / length_a), 1.0, 0.05) << batch;
}

TEST(TrainableNetwork, Bf16GradientsPointWhereFp64OnesDo) {
    ModelConfig one_head = test::small_config();
    one_head.ttt_head = one_head.d;
    ASSERT_GT(test::small_config().ttt_heads(), 1);
    for (const int64_t batch : {1, 2}) {
        expect_gradients_in_bf16(test::small_config(), batch);
        expect_gradients_in_bf16(one_head, batch);
    }
}

TEST(TrainableNetwork, SeedsDecideTheParameters) {
    const TrainableNetwork a(test::small_config(), {}, at::kCPU, at::kFloat, 4);
    const TrainableNetwork b(test::small_config(), {}, at::kCPU, at::kFloat, 4);
    const TrainableNetwork c(test::small_config(), {}, at::kCPU, at::kFloat, 5);
    EXPECT_TRUE(at::equal(a.parameters()[0].value, b.parameters()[0].value));
    EXPECT_FALSE(at::equal(a.parameters()[0].value, c.parameters()[0].value));
    std::set<std::string> names;
    for (const auto& parameter : a.parameters()) {
        names.insert(parameter.name);
    }
    std::set<std::string> expected;
    for (const auto& [name, tensor] : test::random_weights(test::small_config()).tensors) {
        expected.insert(name);
    }
    EXPECT_EQ(names, expected);
}

TEST(TrainableNetwork, RefusesWeightsOfAnotherConfiguration) {
    TrainableNetwork network(test::small_config(), {}, at::kCPU, at::kFloat, 4);
    auto file = test::random_weights(test::small_config());
    file.tensors["input_linear.weight"] = at::zeros({3, 3});
    const auto loaded = network.load(file);
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().where, "input_linear.weight");
    file.tensors.erase("input_linear.weight");
    EXPECT_FALSE(network.load(file).has_value());
}

}  // namespace
}  // namespace lact
