#include "engine/ttt/sequence_layer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <ATen/CPUGeneratorImpl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {

namespace {

struct Expected {
    const char* name;
    const at::Tensor& tensor;
    std::array<int64_t, 3> shape;
};

Result<void> check_shape(const Expected& one) {
    if (!one.tensor.defined()) {
        return fail(one.name, "is missing; the rule needs it");
    }
    if (one.tensor.sizes() != at::IntArrayRef(one.shape)) {
        return fail(one.name, fmt::format("has the shape [{}], needed is [{}]",
                                          fmt::join(one.tensor.sizes(), ", "), fmt::join(one.shape, ", ")));
    }
    return {};
}

/// Delta = G + alpha Delta_before, matrix by matrix; alpha [n, 1, 1].
FastWeights with_momentum(const FastWeights& gradient, const FastWeights& before, const at::Tensor& alpha) {
    const auto one = [&](const at::Tensor& g, const at::Tensor& b) {
        return b.defined() ? g + alpha.to(g.scalar_type()) * b : g;
    };
    return {one(gradient.w0, before.w0), one(gradient.w1, before.w1), one(gradient.w2, before.w2)};
}

}  // namespace

std::vector<ChunkSpan> chunks_of(std::int64_t length, std::int64_t chunk) {
    std::vector<ChunkSpan> result;
    for (std::int64_t first = 0; first < length; first += chunk) {
        result.push_back({first, std::min(chunk, length - first)});
    }
    return result;
}

SequenceTokens tokens_of(const SequenceTokens& tokens, const ChunkSpan& chunk) {
    const auto part = [&](const at::Tensor& x) {
        return x.defined() ? x.slice(1, chunk.first, chunk.first + chunk.count) : x;
    };
    const auto& [k, v, lr0, lr1, lr2, weight] = tokens.write;
    return {part(tokens.q),
            {part(k), part(v), part(lr0), part(lr1), part(lr2), part(weight)},
            part(tokens.momentum)};
}

Result<void> check_sequence(const SequenceRule& rule, const FastWeights& initial,
                            const SequenceTokens& tokens) {
    LACT_CHECK(check_sequence_rule(rule));
    const bool identity = rule.rule.kernel == Kernel::identity;
    if (!tokens.q.defined() || tokens.q.dim() != 3 || tokens.q.numel() == 0) {
        return fail("q", "must be [batch x heads, tokens, width] with at least one token");
    }
    if (!tokens.write.v.defined() || tokens.write.v.dim() != 3 || !initial.w1.defined() ||
        initial.w1.dim() != 3) {
        return fail("v, w1", "must have three dimensions");
    }
    const auto n = tokens.q.size(0);
    const auto length = tokens.q.size(1);
    const auto d_in = tokens.q.size(2);
    const auto d_out = tokens.write.v.size(2);
    const auto d_h = identity ? d_in : initial.w1.size(1);
    LACT_CHECK(check_shape({"k", tokens.write.k, {n, length, d_in}}));
    LACT_CHECK(check_shape({"v", tokens.write.v, {n, length, d_out}}));
    LACT_CHECK(check_shape({"w1", initial.w1, {n, d_h, d_out}}));
    if (!identity) {
        LACT_CHECK(check_shape({"w0", initial.w0, {n, d_in, d_h}}));
        LACT_CHECK(check_shape({"w2", initial.w2, {n, d_in, d_h}}));
    }
    if (rule.rule.per_token_rate) {
        LACT_CHECK(check_shape({"lr1", tokens.write.lr1, {n, length, 1}}));
        if (rule.rule.updated == UpdatedMatrices::all) {
            LACT_CHECK(check_shape({"lr0", tokens.write.lr0, {n, length, 1}}));
            LACT_CHECK(check_shape({"lr2", tokens.write.lr2, {n, length, 1}}));
        }
    }
    if (rule.rule.momentum) {
        LACT_CHECK(check_shape({"momentum", tokens.momentum, {n, length, 1}}));
    }
    return {};
}

std::vector<NsCoefficients> ns_coefficients(const SequenceRule& rule) {
    if (rule.ns == NsSchedule::llm) {
        return {llm_coefficients.begin(), llm_coefficients.end()};
    }
    return std::vector<NsCoefficients>(static_cast<std::size_t>(rule.rule.ns_steps), nvs_coefficients);
}

Result<at::Tensor> run_sequence(const SequenceRule& rule, const FastWeights& initial,
                                const SequenceTokens& tokens, SequenceTrace* trace) {
    LACT_CHECK(check_sequence(rule, initial, tokens));
    const auto coefficients = ns_coefficients(rule);
    const auto chunks = chunks_of(tokens.length(), rule.chunk);
    const bool reads_first = rule.order == ChunkOrder::apply_update;
    FastWeights sum = initial;      // Updates are added to these.
    FastWeights weights = initial;  // These are read; they differ from `sum` only with NormPlace::pre.
    FastWeights buffer;
    std::vector<at::Tensor> outputs;
    outputs.reserve(chunks.size());
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        const SequenceTokens part = tokens_of(tokens, chunks[i]);
        const auto read = [&] {
            const auto& x = rule.rule.read_with == ReadWith::key ? part.write.k : part.q;
            outputs.push_back(apply_fast_weights(rule.rule.kernel, weights, x));
        };
        if (reads_first) {
            read();
            if (i + 1 == chunks.size() && trace == nullptr) {
                break;
            }
        }
        buffer = rule.rule.momentum ? with_momentum(inner_gradient(rule.rule, weights, part.write), buffer,
                                                    part.momentum.mean(1, true))
                                    : inner_gradient(rule.rule, weights, part.write);
        sum = apply_update(rule.rule, rule.norm == NormPlace::post ? weights : sum,
                           orthogonalized(rule.rule, buffer, coefficients));
        weights = renormalize_columns(rule.rule, sum, initial);
        if (!reads_first) {
            read();
        }
        if (trace != nullptr) {
            trace->states.push_back(weights);
            trace->buffers.push_back(buffer);
        }
    }
    return outputs.size() == 1 ? outputs.front() : at::cat(outputs, 1);
}

RandomSequence random_sequence(const RandomSequenceSizes& sizes, std::uint64_t seed, double momentum,
                               at::ScalarType tokens, at::Device device) {
    const auto random = at::detail::createCPUGenerator(seed);  // The same values on every device.
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
