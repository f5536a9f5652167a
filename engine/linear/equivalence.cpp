#include "engine/linear/equivalence.h"

#include "engine/ttt/sequence_rule.h"
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

/// Output of the TTT step after inner step `step` in [0, inner_steps).
at::Tensor output_of(const UpdateRule& rule, const TttRun& run, std::size_t step, const at::Tensor& q) {
    return apply_fast_weights(rule.kernel, run.readers[step], q);
}

/// Output of the TTT step after all inner steps.
at::Tensor output_of(const UpdateRule& rule, const TttRun& run, const at::Tensor& q) {
    return output_of(rule, run, run.readers.size() - 1, q);
}

/// The largest differences of single steps, each from the state of the TTT step before it.
FactorDifferences compare_steps(const UpdateRule& rule, const LayerInputs& inputs, const TttRun& run) {
    const Numbers none(static_cast<std::size_t>(inputs.q.size(0)), 0.0);
    FactorDifferences worst{none, none, none};
    const LayerInputs wide = converted(inputs, at::kDouble);
    for (std::size_t i = 0; i < run.readers.size(); ++i) {
        const LinearForm step = form_step(rule, run.states[i], inputs.initial, inputs.tokens);
        const at::Tensor o = output_of(rule, run, i, inputs.q);
        const FactorDifferences one = compare_outputs(step, inputs.q, o);
        const LinearForm exact = form_step(rule, in_fp64(run.states[i]), wide.initial, wide.tokens);
        worst = {larger(std::move(worst.rel), one.rel), larger(std::move(worst.key), one.key),
                 larger(std::move(worst.rounding),
                        rounding_of(read_state(exact, wide.q), o, read_state(step, inputs.q)))};
    }
    return worst;
}

bool step_by_step_in_fp64(const UpdateRule& rule) {
    return rule.inner_steps > free_running_steps;
}

/// The judged differences, in fp64; `wide` are fp64.
Numbers differences_fp64(const UpdateRule& rule, const LayerInputs& wide, const TttRun& run) {
    const FactorDifferences exact =
        step_by_step_in_fp64(rule)
            ? compare_steps(rule, wide, run)
            : compare_outputs(linear_form_of(rule, wide), wide.q, output_of(rule, run, wide.q));
    return larger(exact.rel, exact.key);
}

/// Fills in the differences of all of n; `wide` are `inputs` in fp64.
void fill(std::span<HeadEquivalence> results, const UpdateRule& rule, const LayerInputs& inputs,
          const LayerInputs& wide, const TttStep& step) {
    const LayerInputs narrow = converted(inputs, at::kFloat);
    const TttRun run_fp64 = step(rule, wide);
    const TttRun run_fp32 = step(rule, narrow);
    const at::Tensor o_fp32 = output_of(rule, run_fp32, narrow.q);
    const LinearForm form = linear_form_of(rule, narrow);
    const Numbers judged = differences_fp64(rule, wide, run_fp64);
    const FactorDifferences free = compare_outputs(form, narrow.q, o_fp32);
    const Numbers rounding =
        rounding_of(output_of(rule, run_fp64, wide.q), o_fp32, read_state(form, narrow.q));
    const bool many = step_by_step_in_fp64(rule);
    const bool stepwise = many || std::any_of(rounding.begin(), rounding.end(),
                                              [](double r) { return !(r <= largest_rounding); });
    const FactorDifferences steps = stepwise ? compare_steps(rule, narrow, run_fp32) : free;
    const Numbers moved = to_numbers(feature_movement(form, narrow.q));
    const Numbers precision =
        narrow.o.defined() ? relative_difference(o_fp32, narrow.o) : Numbers(results.size(), 0.0);
    for (std::size_t i = 0; i < results.size(); ++i) {
        HeadEquivalence& one = results[i];
        one.rel_fp64 = judged[i];
        one.step_by_step_fp64 = many;
        one.step_by_step_fp32 = rule.inner_steps > 1 && (many || !(rounding[i] <= largest_rounding));
        const FactorDifferences& chosen = one.step_by_step_fp32 ? steps : free;
        one.rel_fp32 = chosen.rel[i];
        one.rel_fp32_key = chosen.key[i];
        one.drift_fp32 = free.rel[i];
        one.rounding_fp32 = one.step_by_step_fp32 ? steps.rounding[i] : rounding[i];
        one.precision = precision[i];
        one.moved = moved[i];
    }
}

/// The rule with Newton-Schulz in fp32; fp64 inputs are computed in fp64.
UpdateRule with_exact_newton_schulz(UpdateRule rule) {
    rule.ns_precision = NsPrecision::fp32;
    return rule;
}

/// Why each of n cannot be compared; empty where it can. Judged by the true step in fp64.
std::vector<std::string> divergence_of(const UpdateRule& rule, const LayerInputs& wide,
                                       double largest_output) {
    const FastWeights updated = update_fast_weights(rule, wide.initial, wide.tokens);
    const Numbers outputs = to_numbers(apply_fast_weights(rule.kernel, updated, wide.q).abs().amax({1, 2}));
    std::vector<std::string> reasons(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        if (!(std::isfinite(outputs[i]) && outputs[i] <= largest_output)) {
            reasons[i] = fmt::format(
                "the exact result reaches {:.3g} (compared up to {:g}, beyond which rounding decides)",
                outputs[i], largest_output);
        }
    }
    return reasons;
}

bool is_preset(const UpdateRule& rule) {
    const auto presets = rule_presets();
    return std::any_of(presets.begin(), presets.end(),
                       [&](const RulePreset& preset) { return same_but_precision(preset.rule, rule); });
}

/// Whether the state is a sum of outer products of what the layer was given, whatever the number of steps.
bool is_plain_sum(const UpdateRule& rule) {
    return no_parallel_form_because(rule).empty() && !rule.orthogonalize && !rule.weight_norm;
}

}  // namespace

std::vector<double> relative_difference(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor wide_a = a.to(at::kDouble);
    const at::Tensor rel = (wide_a - b.to(at::kDouble)).abs().amax({1, 2}) / wide_a.abs().amax({1, 2});
    return to_numbers(rel.nan_to_num(std::numeric_limits<double>::infinity()));
}

TttRun run_ttt_step(const UpdateRule& rule, const LayerInputs& inputs) {
    TttRun run;
    static_cast<void>(update_fast_weights(rule, inputs.initial, inputs.tokens, &run.states));
    run.readers.assign(run.states.begin() + 1, run.states.end());
    return run;
}

std::vector<HeadEquivalence> compare_forms(const UpdateRule& rule, const LayerInputs& inputs,
                                           double largest_output, const TttStep& step) {
    const UpdateRule exact = with_exact_newton_schulz(rule);
    const LayerInputs wide = converted(inputs, at::kDouble);
    const std::vector<std::string> reasons = divergence_of(exact, wide, largest_output);
    std::vector<HeadEquivalence> result(reasons.size());
    if (std::ranges::all_of(reasons, &std::string::empty)) {
        fill(std::span(result), exact, inputs, wide, step);
        return result;
    }
    // A head that diverges must not spoil the decompositions of the others.
    for (std::size_t i = 0; i < result.size(); ++i) {
        result[i].not_applicable = reasons[i];
        if (reasons[i].empty()) {
            const auto index = static_cast<int64_t>(i);
            fill(std::span(result).subspan(i, 1), exact, only(inputs, index), only(wide, index), step);
        }
    }
    return result;
}

std::vector<std::optional<double>> compare_in_fp64(const UpdateRule& rule, const LayerInputs& inputs,
                                                   double largest_output, const TttStep& step) {
    const UpdateRule exact = with_exact_newton_schulz(rule);
    const LayerInputs wide = converted(inputs, at::kDouble);
    const std::vector<std::string> reasons = divergence_of(exact, wide, largest_output);
    if (std::ranges::all_of(reasons, &std::string::empty)) {
        const Numbers judged = differences_fp64(exact, wide, step(exact, wide));
        return {judged.begin(), judged.end()};
    }
    std::vector<std::optional<double>> result(reasons.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (reasons[i].empty()) {
            const LayerInputs one = only(wide, static_cast<int64_t>(i));
            result[i] = differences_fp64(exact, one, step(exact, one)).front();
        }
    }
    return result;
}

std::vector<std::optional<double>> change_in_fp64(const UpdateRule& rule, const LayerInputs& inputs,
                                                  double largest_output, const TttStep& step) {
    const UpdateRule exact = with_exact_newton_schulz(rule);
    const LayerInputs wide = converted(inputs, at::kDouble);
    const std::vector<std::string> reasons = divergence_of(exact, wide, largest_output);
    const TttRun as_it_is = run_ttt_step(exact, wide);
    const TttRun changed = step(exact, wide);
    const std::size_t last = step_by_step_in_fp64(exact) ? 0 : as_it_is.readers.size() - 1;
    const Numbers change = relative_difference(output_of(exact, as_it_is, last, wide.q),
                                               output_of(exact, changed, last, wide.q));
    std::vector<std::optional<double>> result(reasons.size());
    for (std::size_t i = 0; i < result.size(); ++i) {
        if (reasons[i].empty()) {
            result[i] = change[i];
        }
    }
    return result;
}

double largest_compared_output(const UpdateRule& rule) {
    // Without Muon, norm and moving features the state is a plain sum: its size amplifies no rounding.
    return is_preset(rule) || is_plain_sum(rule) ? std::numeric_limits<double>::max() : largest_sound_output;
}

}  // namespace lact
