#include "engine/linear/difference.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include <fmt/format.h>

namespace lact {
namespace {

using Numbers = std::vector<double>;

Numbers to_numbers(const at::Tensor& x) {
    const at::Tensor values = x.to(at::kCPU, at::kDouble).contiguous();
    const double* first = values.const_data_ptr<double>();
    return {first, first + values.numel()};
}

Numbers larger(Numbers a, const Numbers& b) {
    for (std::size_t i = 0; i < a.size(); ++i) {
        a[i] = std::max(a[i], b[i]);
    }
    return a;
}

/// What one precision finds.
struct Comparison {
    Numbers rel;
    Numbers key;
    Numbers drift;
    at::Tensor o;      ///< Of the TTT path.
    at::Tensor moved;  ///< [n]
};

/// Both readings of one twin against the TTT path's output.
void compare_readings(const Twin& twin, const at::Tensor& q, const at::Tensor& o, Numbers& rel,
                      Numbers& key) {
    rel = larger(std::move(rel), relative_difference(o, read_state(twin, q)));
    rel = larger(std::move(rel), relative_difference(o, read_attention(twin, q, AttentionSide::value)));
    key = larger(std::move(key), relative_difference(o, read_attention(twin, q, AttentionSide::key)));
}

Comparison compare(const UpdateRule& rule, const LayerInputs& inputs) {
    std::vector<FastWeights> states;
    const FastWeights updated = update_fast_weights(rule, inputs.initial, inputs.tokens, &states);
    Comparison result;
    result.o = apply_fast_weights(rule.kernel, updated, inputs.q);
    const Numbers none(static_cast<std::size_t>(inputs.q.size(0)), 0.0);
    result.rel = result.key = result.drift = none;
    const Twin twin = twin_of(rule, inputs);
    result.moved = feature_movement(twin, inputs.q);
    if (rule.inner_steps <= free_running_steps) {
        compare_readings(twin, inputs.q, result.o, result.rel, result.key);
        result.drift = result.rel;
        return result;
    }
    result.drift = relative_difference(result.o, read_state(twin, inputs.q));
    for (std::size_t i = 0; i + 1 < states.size(); ++i) {
        const Twin step = twin_step(rule, states[i], inputs.initial, inputs.tokens);
        const at::Tensor o = apply_fast_weights(rule.kernel, states[i + 1], inputs.q);
        compare_readings(step, inputs.q, o, result.rel, result.key);
    }
    return result;
}

/// The figures of all of n: the same inputs as recorded and in fp64.
void fill(std::span<TwinDifference> results, const UpdateRule& rule, const LayerInputs& inputs,
          const LayerInputs& wide) {
    const LayerInputs narrow = converted(inputs, at::kFloat);
    const Comparison in_fp64 = compare(rule, wide);
    const Comparison in_fp32 = compare(rule, narrow);
    const Numbers moved = to_numbers(in_fp32.moved);
    const Numbers precision =
        narrow.o.defined() ? relative_difference(in_fp32.o, narrow.o) : Numbers(results.size(), 0.0);
    for (std::size_t i = 0; i < results.size(); ++i) {
        TwinDifference& one = results[i];
        one.rel = in_fp32.rel[i];
        one.rel_key = in_fp32.key[i];
        one.rel_fp64 = std::max(in_fp64.rel[i], in_fp64.key[i]);
        one.drift = in_fp32.drift[i];
        one.precision = precision[i];
        one.moved = moved[i];
    }
}

}  // namespace

std::vector<double> relative_difference(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor wide_a = a.to(at::kDouble);
    const at::Tensor rel = (wide_a - b.to(at::kDouble)).abs().amax({1, 2}) / wide_a.abs().amax({1, 2});
    return to_numbers(rel.nan_to_num(std::numeric_limits<double>::infinity()));
}

std::vector<TwinDifference> compare_with_twin(const UpdateRule& rule, const LayerInputs& inputs,
                                              double largest_output) {
    UpdateRule exact = rule;
    exact.ns_precision = NsPrecision::fp32;
    std::vector<TwinDifference> result(static_cast<std::size_t>(inputs.q.size(0)));
    const LayerInputs wide = converted(inputs, at::kDouble);
    const FastWeights updated = update_fast_weights(exact, wide.initial, wide.tokens);
    const Numbers outputs = to_numbers(apply_fast_weights(exact.kernel, updated, wide.q).abs().amax({1, 2}));
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (!(std::isfinite(outputs[i]) && outputs[i] <= largest_output)) {
            result[i].not_applicable =
                fmt::format("the exact result reaches {:.3g} (compared up to {:g}): the rule runs away",
                            outputs[i], largest_output);
        }
    }
    const bool all = std::all_of(result.begin(), result.end(),
                                 [](const TwinDifference& one) { return one.not_applicable.empty(); });
    if (all) {
        fill(std::span(result), exact, inputs, wide);
        return result;
    }
    // One that runs away must not spoil the others' decompositions.
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (result[i].not_applicable.empty()) {
            const auto index = static_cast<int64_t>(i);
            fill(std::span(result).subspan(i, 1), exact, only(inputs, index), only(wide, index));
        }
    }
    return result;
}

}  // namespace lact
