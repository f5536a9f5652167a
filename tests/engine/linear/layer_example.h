#pragma once

#include "engine/linear/layer_inputs.h"
#include "tests/support/golden.h"

#include <ATen/ATen.h>

namespace lact::test {

/// Sizes of an example layer; every one differs from its neighbours by default.
struct ExampleSizes {
    int64_t n = 2;
    int64_t views = 3;
    int64_t tokens_per_view = 8;
    int64_t queries = 13;
    int64_t d_in = 10;
    int64_t d_hidden = 14;
    int64_t d_out = 10;
};

/// Seeded random inputs of a layer in fp64, of the kind a network gives: silu'd values, unit keys and
/// queries, rates around 0.1.
inline LayerInputs example_inputs(const ExampleSizes& sizes = {}, int seed = 5) {
    at::manual_seed(static_cast<uint64_t>(seed));
    const auto options = at::TensorOptions(at::kDouble);
    const auto random = [&](int64_t rows, int64_t columns) {
        return at::randn({sizes.n, rows, columns}, options);
    };
    const auto unit = [&](int64_t rows) {
        const at::Tensor x = at::silu(random(rows, sizes.d_in));
        return x / (x.norm(2, {2}, true) + 1e-5);
    };
    const int64_t tokens = sizes.views * sizes.tokens_per_view;
    const auto rate = [&] { return at::softplus(random(tokens, 1) - 2); };
    LayerInputs inputs;
    inputs.initial = {random(sizes.d_in, sizes.d_hidden) * 0.5, random(sizes.d_hidden, sizes.d_out) * 0.5,
                      random(sizes.d_in, sizes.d_hidden) * 0.5};
    inputs.tokens = {unit(tokens), at::silu(random(tokens, sizes.d_out)), rate(), rate(), rate(), {}};
    inputs.q = unit(sizes.queries);
    inputs.tokens_per_view = sizes.tokens_per_view;
    const auto there = [](at::Tensor& x) { x = x.to(test_device()); };
    for (at::Tensor* x :
         {&inputs.initial.w0, &inputs.initial.w1, &inputs.initial.w2, &inputs.tokens.k, &inputs.tokens.v,
          &inputs.tokens.lr0, &inputs.tokens.lr1, &inputs.tokens.lr2, &inputs.q}) {
        there(*x);
    }
    return inputs;
}

/// Largest |a - b| / largest |a|.
inline double relative(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor wide = a.to(at::kCPU, at::kDouble);
    return ((wide - b.to(at::kCPU, at::kDouble)).abs().max() / wide.abs().max()).item<double>();
}

}  // namespace lact::test
