#include "engine/train/optimizer.h"

#include "engine/ttt/newton_schulz.h"

#include <cmath>
#include <limits>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

Parameter parameter(const std::string& name, at::IntArrayRef shape) {
    return {name, at::randn(shape, at::kDouble).requires_grad_(true)};
}

std::vector<Parameter> some_parameters() {
    at::manual_seed(1);
    return {parameter("input_linear.weight", {4, 6}), parameter("blocks.0.module_list.0.ln.weight", {4}),
            parameter("blocks.0.module_list.0.f.to_qkv.weight", {12, 4}),
            parameter("blocks.0.module_list.1.f.lr_fc.weight", {3, 4})};
}

void set_gradients(const std::vector<Parameter>& parameters, double scale) {
    for (const auto& p : parameters) {
        p.value.mutable_grad() = at::randn_like(p.value) * scale;
    }
}

TEST(Optimizer, FirstAdamStepIsTheSignOfTheGradient) {
    auto parameters = some_parameters();
    OptimizerOptions options;
    options.weight_decay = 0;
    options.clip = 0;
    Optimizer optimizer(parameters, options);
    const auto before = parameters[0].value.detach().clone();
    set_gradients(parameters, 1);
    const auto gradient = parameters[0].value.grad().clone();
    optimizer.step(0.01);
    const auto change = parameters[0].value.detach() - before;
    EXPECT_LT((change + 0.01 * gradient.sign()).abs().max().item<double>(), 1e-6);
    EXPECT_FALSE(parameters[0].value.grad().defined());
}

TEST(Optimizer, MuonOrthogonalisesEachProjectionApart) {
    auto parameters = some_parameters();
    OptimizerOptions options;
    options.weight_decay = 0;
    options.clip = 0;
    Optimizer optimizer(parameters, options);
    const auto& qkv = parameters[2].value;
    const auto before = qkv.detach().clone();
    set_gradients(parameters, 1);
    const auto gradient = qkv.grad().clone();
    optimizer.step(0.01);
    const auto change = qkv.detach() - before;
    for (int i = 0; i < 3; ++i) {
        const auto piece = gradient.narrow(0, 4 * i, 4).unsqueeze(0);
        const auto expected = -0.01 * 0.2 * std::sqrt(4.0) * newton_schulz(piece, 5, NsPrecision::fp32)[0];
        EXPECT_LT((change.narrow(0, 4 * i, 4) - expected).abs().max().item<double>(), 1e-9);
    }
}

TEST(Optimizer, DecaysMatricesButNotGains) {
    auto parameters = some_parameters();
    OptimizerOptions options;
    options.weight_decay = 0.5;
    Optimizer optimizer(parameters, options);
    std::vector<at::Tensor> before;
    for (const auto& p : parameters) {
        before.push_back(p.value.detach().clone());
        p.value.mutable_grad() = at::zeros_like(p.value);
    }
    optimizer.step(0.1);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const double factor = parameters[i].value.dim() == 2 ? 0.95 : 1.0;
        EXPECT_LT((parameters[i].value.detach() - factor * before[i]).abs().max().item<double>(), 1e-12)
            << parameters[i].name;
    }
}

TEST(Optimizer, ClipsTheWholeGradient) {
    auto parameters = some_parameters();
    auto same = some_parameters();
    OptimizerOptions options;
    Optimizer clipped(parameters, options);
    Optimizer scaled(same, options);
    set_gradients(parameters, 100);
    for (std::size_t i = 0; i < same.size(); ++i) {
        same[i].value.mutable_grad() = parameters[i].value.grad().clone();
    }
    double norm = 0;
    for (const auto& p : same) {
        norm += p.value.grad().square().sum().item<double>();
    }
    norm = std::sqrt(norm);
    for (const auto& p : same) {
        p.value.mutable_grad().div_(norm);
    }
    EXPECT_NEAR(clipped.step(0.01).gradient_norm, norm, 1e-6);
    scaled.step(0.01);
    for (std::size_t i = 0; i < same.size(); ++i) {
        EXPECT_LT((parameters[i].value - same[i].value).abs().max().item<double>(), 1e-6);
    }
}

TEST(Optimizer, SkipsAGradientThatIsNotFinite) {
    auto parameters = some_parameters();
    Optimizer optimizer(parameters, {});
    set_gradients(parameters, 1);
    optimizer.step(0.01);
    const auto state = optimizer.state();
    const auto before = parameters[2].value.detach().clone();
    set_gradients(parameters, 1);
    parameters[1].value.mutable_grad()[0] = std::numeric_limits<double>::infinity();
    EXPECT_TRUE(optimizer.step(0.01).skipped);
    EXPECT_TRUE(at::equal(before, parameters[2].value.detach()));
    EXPECT_EQ(optimizer.steps(), 1);
    for (const auto& [name, tensor] : optimizer.state()) {
        EXPECT_TRUE(at::equal(tensor, state.at(name))) << name;
    }
    EXPECT_FALSE(parameters[2].value.grad().defined());
}

TEST(Optimizer, GoesOnFromItsStateBitForBit) {
    for (const auto kind : {OptimizerKind::adamw, OptimizerKind::muon}) {
        auto parameters = some_parameters();
        OptimizerOptions options;
        options.kind = kind;
        Optimizer first(parameters, options);
        set_gradients(parameters, 1);
        first.step(0.01);
        const auto state = first.state();
        std::vector<Parameter> copies;
        for (const auto& p : parameters) {
            copies.push_back({p.name, p.value.detach().clone().requires_grad_(true)});
        }
        Optimizer second(copies, options);
        ASSERT_TRUE(second.load_state(state).has_value());
        set_gradients(parameters, 1);
        for (std::size_t i = 0; i < copies.size(); ++i) {
            copies[i].value.mutable_grad() = parameters[i].value.grad().clone();
        }
        first.step(0.01);
        second.step(0.01);
        for (std::size_t i = 0; i < copies.size(); ++i) {
            EXPECT_TRUE(at::equal(copies[i].value.detach(), parameters[i].value.detach()));
        }
        const auto average = second.averaged();
        for (const auto& [name, tensor] : first.averaged()) {
            EXPECT_TRUE(at::equal(tensor, average.at(name)));
        }
    }
}

TEST(Optimizer, RefusesAnotherRunsState) {
    auto parameters = some_parameters();
    Optimizer optimizer(parameters, {});
    auto state = optimizer.state();
    state.erase("first.input_linear.weight");
    const auto loaded = optimizer.load_state(state);
    ASSERT_FALSE(loaded.has_value());
    EXPECT_EQ(loaded.error().where, "first.input_linear.weight");
    EXPECT_FALSE(optimizer.load_state({}).has_value());
}

TEST(Optimizer, AverageFollowsTheParameters) {
    auto parameters = some_parameters();
    OptimizerOptions options;
    options.ema_decay = 0.5;
    Optimizer optimizer(parameters, options);
    const auto start = parameters[0].value.detach().clone();
    set_gradients(parameters, 1);
    optimizer.step(0.1);
    const auto now = parameters[0].value.detach();
    const double decay = 2.0 / 11.0;  // the average's own warm-up after one step
    const auto expected = decay * start + (1 - decay) * now;
    EXPECT_LT((optimizer.averaged().at("input_linear.weight") - expected).abs().max().item<double>(), 1e-12);
}

}  // namespace
}  // namespace lact
