#include "engine/linear/equivalence.h"

#include "engine/ttt/update_rule.h"

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

/// The TTT step in one precision.
struct TttRun {
    std::vector<FastWeights> states;  ///< Before the first step and after each.
    at::Tensor o;                     ///< [n, queries, d_out]
};

TttRun run_ttt(const UpdateRule& rule, const LayerInputs& inputs) {
    TttRun path;
    const FastWeights updated = update_fast_weights(rule, inputs.initial, inputs.tokens, &path.states);
    path.o = apply_fast_weights(rule.kernel, updated, inputs.q);
    return path;
}

/// Differences of the form, read with either factor, from the TTT step.
struct FactorDifferences {
    Numbers rel;         ///< The larger of state and attention with the right (value) factor.
    Numbers key;         ///< Attention with the left (key) factor.
    Numbers rounding{};  ///< rounding_of() of single steps.
};

FactorDifferences compare_outputs(const LinearForm& form, const at::Tensor& q, const at::Tensor& o) {
    return {larger(relative_difference(o, read_state(form, q)),
                   relative_difference(o, read_attention(form, q, MuonFactor::right))),
            relative_difference(o, read_attention(form, q, MuonFactor::left)),
            {}};
}

FastWeights in_fp64(const FastWeights& weights) {
    return {weights.w0.to(at::kDouble), weights.w1.to(at::kDouble), weights.w2.to(at::kDouble)};
}

/// Difference of fp32 from the exact result, the larger of TTT step and form.
Numbers rounding_of(const at::Tensor& exact, const at::Tensor& ttt, const at::Tensor& form) {
    return larger(relative_difference(exact, ttt), relative_difference(exact, form));
}

/// The largest differences of single steps, each from the state of the TTT step before it.
FactorDifferences compare_steps(const UpdateRule& rule, const LayerInputs& inputs, const TttRun& path) {
    const Numbers none(static_cast<std::size_t>(inputs.q.size(0)), 0.0);
    FactorDifferences worst{none, none, none};
    const LayerInputs wide = converted(inputs, at::kDouble);
    for (std::size_t i = 0; i + 1 < path.states.size(); ++i) {
        const LinearForm step = form_step(rule, path.states[i], inputs.initial, inputs.tokens);
        const at::Tensor o = apply_fast_weights(rule.kernel, path.states[i + 1], inputs.q);
        const FactorDifferences one = compare_outputs(step, inputs.q, o);
        const LinearForm exact = form_step(rule, in_fp64(path.states[i]), wide.initial, wide.tokens);
        worst = {larger(std::move(worst.rel), one.rel), larger(std::move(worst.key), one.key),
                 larger(std::move(worst.rounding),
                        rounding_of(read_state(exact, wide.q), o, read_state(step, inputs.q)))};
    }
    return worst;
}

/// Fills in the differences of all of n; `wide` are `inputs` in fp64.
void fill(std::span<HeadEquivalence> results, const UpdateRule& rule, const LayerInputs& inputs,
          const LayerInputs& wide) {
    const LayerInputs narrow = converted(inputs, at::kFloat);
    const TttRun path_fp64 = run_ttt(rule, wide);
    const TttRun path_fp32 = run_ttt(rule, narrow);
    const LinearForm form = linear_form_of(rule, narrow);
    const bool many = rule.inner_steps > free_running_steps;
    const FactorDifferences exact = many ? compare_steps(rule, wide, path_fp64)
                                         : compare_outputs(linear_form_of(rule, wide), wide.q, path_fp64.o);
    const FactorDifferences free = compare_outputs(form, narrow.q, path_fp32.o);
    const Numbers rounding = rounding_of(path_fp64.o, path_fp32.o, read_state(form, narrow.q));
    const bool stepwise = many || std::any_of(rounding.begin(), rounding.end(),
                                              [](double r) { return !(r <= largest_rounding); });
    const FactorDifferences steps = stepwise ? compare_steps(rule, narrow, path_fp32) : free;
    const Numbers moved = to_numbers(feature_movement(form, narrow.q));
    const Numbers precision =
        narrow.o.defined() ? relative_difference(path_fp32.o, narrow.o) : Numbers(results.size(), 0.0);
    for (std::size_t i = 0; i < results.size(); ++i) {
        HeadEquivalence& one = results[i];
        one.step_by_step = rule.inner_steps > 1 && (many || !(rounding[i] <= largest_rounding));
        const FactorDifferences& chosen = one.step_by_step ? steps : free;
        one.rel = chosen.rel[i];
        one.rel_key = chosen.key[i];
        one.rel_fp64 = std::max(exact.rel[i], exact.key[i]);
        one.drift = free.rel[i];
        one.rounding = one.step_by_step ? steps.rounding[i] : rounding[i];
        one.tolerance = std::clamp(2 * one.rounding, equivalence_tolerance_fp32, largest_tolerance_fp32);
        one.precision = precision[i];
        one.moved = moved[i];
    }
}

bool is_preset(const UpdateRule& rule) {
    const auto presets = rule_presets();
    return std::any_of(presets.begin(), presets.end(),
                       [&](const RulePreset& preset) { return same_but_precision(preset.rule, rule); });
}

}  // namespace

std::vector<double> relative_difference(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor wide_a = a.to(at::kDouble);
    const at::Tensor rel = (wide_a - b.to(at::kDouble)).abs().amax({1, 2}) / wide_a.abs().amax({1, 2});
    return to_numbers(rel.nan_to_num(std::numeric_limits<double>::infinity()));
}

std::vector<HeadEquivalence> compare_forms(const UpdateRule& rule, const LayerInputs& inputs,
                                           double largest_output) {
    UpdateRule exact = rule;
    exact.ns_precision = NsPrecision::fp32;
    std::vector<HeadEquivalence> result(static_cast<std::size_t>(inputs.q.size(0)));
    const LayerInputs wide = converted(inputs, at::kDouble);
    const FastWeights updated = update_fast_weights(exact, wide.initial, wide.tokens);
    const Numbers outputs = to_numbers(apply_fast_weights(exact.kernel, updated, wide.q).abs().amax({1, 2}));
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (!(std::isfinite(outputs[i]) && outputs[i] <= largest_output)) {
            result[i].not_applicable =
                fmt::format("the exact result reaches {:.3g} (compared up to {:g}): the rule diverges",
                            outputs[i], largest_output);
        }
    }
    const bool all = std::all_of(result.begin(), result.end(),
                                 [](const HeadEquivalence& one) { return one.not_applicable.empty(); });
    if (all) {
        fill(std::span(result), exact, inputs, wide);
        return result;
    }
    // A head that diverges must not spoil the decompositions of the others.
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (result[i].not_applicable.empty()) {
            const auto index = static_cast<int64_t>(i);
            fill(std::span(result).subspan(i, 1), exact, only(inputs, index), only(wide, index));
        }
    }
    return result;
}

double largest_compared_output(const UpdateRule& rule) {
    return is_preset(rule) ? std::numeric_limits<double>::max() : largest_sound_output;
}

}  // namespace lact
