#include "engine/ttt/random_sequence.h"

#include <cmath>

#include <ATen/CPUGeneratorImpl.h>

namespace lact {

RandomSequence random_sequence(const RandomSequenceSizes& sizes, std::uint64_t seed, double momentum,
                               at::ScalarType tokens, at::Device device) {
    const auto random = at::detail::createCPUGenerator(seed);  // the same numbers on every device
    const auto normal = [&](std::int64_t rows, std::int64_t columns) {
        return at::randn({sizes.n, rows, columns}, random, at::TensorOptions(at::kFloat));
    };
    const auto there = [&](const at::Tensor& x) { return x.to(device); };
    // In place: sequences can be as large as memory.
    const auto unit = [&] {
        at::Tensor x = normal(sizes.length, sizes.d);
        at::silu_(x);
        x.div_(x.norm(2, {2}, /*keepdim=*/true).add_(1e-5));
        return x.to(device, tokens);
    };
    const auto rate = [&] { return there(at::softplus(normal(sizes.length, 1) - 2)); };
    const auto weights = [&](std::int64_t rows, std::int64_t columns) {
        return there(normal(rows, columns) / std::sqrt(static_cast<double>(rows)));
    };
    RandomSequence result;
    result.initial = {weights(sizes.d, sizes.hidden), weights(sizes.hidden, sizes.d),
                      weights(sizes.d, sizes.hidden)};
    result.linear_initial = {{}, weights(sizes.d, sizes.d), {}};
    auto& [q, write, alpha] = result.tokens;
    q = unit();
    write.k = unit();
    at::Tensor v = normal(sizes.length, sizes.d);
    write.v = at::silu_(v).to(device, tokens);
    write.lr0 = rate();
    write.lr1 = rate();
    write.lr2 = rate();
    alpha = there(at::sigmoid(normal(sizes.length, 1) + std::log(momentum / (1 - momentum))));
    return result;
}

}  // namespace lact
