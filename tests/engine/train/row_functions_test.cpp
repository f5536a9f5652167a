// The one-pass kernels (bf16 on the CPU) against the same functions composed of ATen operations in fp64.
#include "engine/train/row_functions.h"

#include <functional>
#include <limits>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace lact {
namespace {

using Tensors = std::vector<at::Tensor>;

at::Tensor random_bf16(at::IntArrayRef shape, double scale = 1) {
    return (at::randn(shape) * scale).to(at::kBFloat16);
}

/// Calls `function` on bf16 tokens and fp32 gains, and on the same numbers in fp64; compares outputs and
/// gradients to what bf16 storage costs. `tokens` and `gains` are copied into leaves.
void expect_same(const Tensors& tokens, const Tensors& gains,
                 const std::function<Tensors(const Tensors& tokens, const Tensors& gains)>& function) {
    const auto leaves = [](const Tensors& from, at::ScalarType type) {
        Tensors result;
        for (const auto& x : from) {
            result.push_back(x.detach().to(type).clone().requires_grad_(true));
        }
        return result;
    };
    const auto gradients = [](const Tensors& outputs, const Tensors& a, const Tensors& b) {
        at::manual_seed(5);
        at::Tensor total = at::zeros({}, at::kDouble);
        for (const auto& y : outputs) {
            total = total + (y.to(at::kDouble) * at::randn(y.sizes(), at::kDouble)).sum();
        }
        Tensors inputs = a;
        inputs.insert(inputs.end(), b.begin(), b.end());
        return torch::autograd::grad({total}, inputs);
    };
    const auto fused_tokens = leaves(tokens, at::kBFloat16);
    const auto fused_gains = leaves(gains, at::kFloat);
    const auto exact_tokens = leaves(tokens, at::kDouble);
    const auto exact_gains = leaves(gains, at::kDouble);
    const auto fused = function(fused_tokens, fused_gains);
    const auto exact = function(exact_tokens, exact_gains);
    const auto compare = [](const at::Tensor& a, const at::Tensor& b, const std::string& what) {
        const double error = ((a.to(at::kDouble) - b).norm() / b.norm()).item<double>();
        EXPECT_LT(error, 0.008) << what;  // a bf16 value is within 2^-9 of the number it stands for
    };
    ASSERT_EQ(fused.size(), exact.size());
    for (std::size_t i = 0; i < fused.size(); ++i) {
        compare(fused[i], exact[i], "output " + std::to_string(i));
    }
    const auto fused_back = gradients(fused, fused_tokens, fused_gains);
    const auto exact_back = gradients(exact, exact_tokens, exact_gains);
    for (std::size_t i = 0; i < fused_back.size(); ++i) {
        compare(fused_back[i], exact_back[i], "gradient of input " + std::to_string(i));
    }
}

at::ScalarType type_of(const Tensors& tokens) {
    return tokens[0].scalar_type();
}

TEST(RowFunctions, AddNorm) {
    at::manual_seed(1);
    expect_same({random_bf16({70, 48}), random_bf16({70, 48})}, {at::rand({48}) + 0.5},
                [](const Tensors& t, const Tensors& g) {
                    const auto x = t[0].to(g[0].scalar_type());
                    const auto normed = training::add_norm(x, t[1], g[0], type_of(t));
                    return Tensors{normed.sum, normed.y};
                });
}

TEST(RowFunctions, NormWithoutAddition) {
    at::manual_seed(2);
    expect_same({random_bf16({33, 20})}, {at::rand({20}) + 0.5}, [](const Tensors& t, const Tensors& g) {
        const auto x = t[0].to(g[0].scalar_type());
        return Tensors{training::add_norm(x, {}, g[0], type_of(t)).y};
    });
}

TEST(RowFunctions, AttentionInsideEachView) {
    at::manual_seed(3);
    expect_same({random_bf16({3 * 10, 3 * 32})}, {at::rand({16}) + 0.5, at::rand({16}) + 0.5},
                [](const Tensors& t, const Tensors& g) {
                    return Tensors{training::attention(t[0], g[0], g[1], 10)};
                });
}

TEST(RowFunctions, SiluHeads) {
    at::manual_seed(4);
    expect_same({random_bf16({2 * 7, 3 * 24})}, {}, [](const Tensors& t, const Tensors&) {
        return training::silu_heads(t[0], {true, true, false}, 7, 3);
    });
}

TEST(RowFunctions, NormJoined) {
    at::manual_seed(5);
    expect_same({random_bf16({2 * 3, 9, 8})}, {at::rand({8}) + 0.5}, [](const Tensors& t, const Tensors& g) {
        return Tensors{training::norm_joined(t[0], g[0], 3)};
    });
}

TEST(RowFunctions, Gated) {
    at::manual_seed(6);
    expect_same({random_bf16({2, 9, 2 * 13})}, {},
                [](const Tensors& t, const Tensors&) { return Tensors{training::gated(t[0])}; });
}

TEST(RowFunctions, Gelu) {
    at::manual_seed(7);
    expect_same({random_bf16({40, 33}, 3)}, {},
                [](const Tensors& t, const Tensors&) { return Tensors{training::gelu(t[0])}; });
}

TEST(RowFunctions, LargeValuesStayFinite) {
    const auto x = at::full({4, 32}, 3e4).to(at::kBFloat16).requires_grad_(true);
    for (const auto& y : {training::gelu(x), training::gelu(-x)}) {
        EXPECT_TRUE(at::isfinite(y).all().item<bool>());
        EXPECT_TRUE(at::isfinite(torch::autograd::grad({y.sum()}, {x})[0]).all().item<bool>());
    }
    for (const auto& heads : training::silu_heads(-x, {true}, 4, 2)) {
        EXPECT_TRUE(at::isfinite(heads).all().item<bool>());
        EXPECT_TRUE(at::isfinite(torch::autograd::grad({heads.sum()}, {x})[0]).all().item<bool>());
    }
}

TEST(RowFunctions, NotANumberIsNotHidden) {
    auto x = at::ones({2, 16}).to(at::kBFloat16);
    x[1][3] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(at::isnan(training::gelu(x)[1][3]).item<bool>());
    const auto normed = training::add_norm(x.to(at::kFloat), {}, at::ones({16}), at::kBFloat16);
    EXPECT_TRUE(at::isnan(normed.y[1]).all().item<bool>());
    EXPECT_FALSE(at::isnan(normed.y[0]).any().item<bool>());
}

}  // namespace
}  // namespace lact
