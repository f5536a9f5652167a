#include "engine/linear/reduction.h"

#include "engine/linear/form.h"
#include "engine/ttt/sequence_layer.h"

#include <string>
#include <utility>

namespace lact {
namespace {

/// The tokens of the first half of the views, or of the other half.
UpdateTokens half_of(const LayerInputs& inputs, bool first) {
    const int64_t all = inputs.tokens.k.size(1);
    const int64_t middle = inputs.views() > 1 ? inputs.views() / 2 * inputs.tokens_per_view : all / 2;
    const auto part = [&](const at::Tensor& x) {
        return !x.defined() ? x : first ? x.slice(1, 0, middle) : x.slice(1, middle, all);
    };
    const auto& [k, v, lr0, lr1, lr2, weight] = inputs.tokens;
    return {part(k), part(v), part(lr0), part(lr1), part(lr2), part(weight)};
}

/// One inner step of the TTT layer from any state; the weight norm refers to `initial`.
FastWeights step_from(const UpdateRule& rule, const FastWeights& initial, const FastWeights& state,
                      const UpdateTokens& tokens) {
    const FastWeights change = orthogonalized(rule, inner_gradient(rule, state, tokens));
    return renormalize_columns(rule, apply_update(rule, state, change), initial);
}

/// What tokens write from the initial weights, before the weight norm: by the linear-attention form.
FastWeights written_alone(UpdateRule rule, const FastWeights& initial, const UpdateTokens& tokens) {
    rule.weight_norm = false;
    const FastWeights after = form_step(rule, initial, initial, tokens).updated;
    return {after.w0.defined() ? after.w0 - initial.w0 : after.w0, after.w1 - initial.w1,
            after.w2.defined() ? after.w2 - initial.w2 : after.w2};
}

/// `initial` and the sum of all parts, then one weight norm.
FastWeights summed(const UpdateRule& rule, const FastWeights& initial,
                   const std::vector<FastWeights>& parts) {
    FastWeights sum = initial;
    for (const FastWeights& part : parts) {
        sum = {sum.w0.defined() ? sum.w0 + part.w0 : sum.w0, sum.w1 + part.w1,
               sum.w2.defined() ? sum.w2 + part.w2 : sum.w2};
    }
    return renormalize_columns(rule, sum, initial);
}

/// |S - S'| / |S - S0| [n] in Frobenius norm.
at::Tensor relative_to_change(const at::Tensor& state, const at::Tensor& other, const at::Tensor& initial) {
    return (state - other).norm(2, {1, 2}) / (state - initial).norm(2, {1, 2});
}

/// Two chunks, one after the other, against the sum of what each writes alone.
at::Tensor two_chunks(const UpdateRule& rule, const LayerInputs& inputs) {
    const FastWeights& initial = inputs.initial;
    const UpdateTokens a = half_of(inputs, true);
    const UpdateTokens b = half_of(inputs, false);
    const FastWeights in_turn = step_from(rule, initial, step_from(rule, initial, initial, a), b);
    const FastWeights sum =
        summed(rule, initial, {written_alone(rule, initial, a), written_alone(rule, initial, b)});
    return relative_to_change(in_turn.w1, sum.w1, initial.w1);
}

/// One chunk against the sum of what its two halves write alone.
at::Tensor merged_chunk(const UpdateRule& rule, const LayerInputs& inputs) {
    const FastWeights& initial = inputs.initial;
    const FastWeights once = step_from(rule, initial, initial, inputs.tokens);
    const FastWeights sum = summed(rule, initial,
                                   {written_alone(rule, initial, half_of(inputs, true)),
                                    written_alone(rule, initial, half_of(inputs, false))});
    return relative_to_change(once.w1, sum.w1, initial.w1);
}

/// Inner steps on the same tokens against as many times what one step writes.
at::Tensor repeated_steps(const UpdateRule& rule, const LayerInputs& inputs) {
    const FastWeights steps = update_fast_weights(rule, inputs.initial, inputs.tokens);
    const std::vector<FastWeights> parts(static_cast<std::size_t>(rule.inner_steps),
                                         written_alone(rule, inputs.initial, inputs.tokens));
    return relative_to_change(steps.w1, summed(rule, inputs.initial, parts).w1, inputs.initial.w1);
}

/// Output of the TTT step after two chunks against phi_{t+1}(q) S of its linear-attention form, and against
/// the best S: the larger difference.
at::Tensor state_of_rule(const UpdateRule& rule, const LayerInputs& inputs) {
    const FastWeights& initial = inputs.initial;
    const UpdateTokens a = half_of(inputs, true);
    const UpdateTokens b = half_of(inputs, false);
    const FastWeights state = step_from(rule, initial, step_from(rule, initial, initial, a), b);
    const at::Tensor o = apply_fast_weights(rule.kernel, state, inputs.q);
    const LinearForm form = form_step(rule, form_step(rule, initial, initial, a).updated, initial, b);
    const at::Tensor difference = (o - read_state(form, inputs.q)).norm(2, {1, 2}) / o.norm(2, {1, 2});
    return at::maximum(difference.to(at::kCPU), state_residual(feature_map(rule.kernel, state, inputs.q), o));
}

/// Output against phi(q) times the best S for f(x) = silu(phi(x) W1), W1 updated by one step on -<f(k), v>.
at::Tensor state_of_nonlinear_layer(const UpdateRule& rule, const LayerInputs& inputs) {
    const auto& [k, v, lr0, lr1, lr2, weight] = inputs.tokens;
    const at::Tensor phi_k = feature_map(rule.kernel, inputs.initial, k);
    const at::Tensor z = at::bmm(phi_k, inputs.initial.w1);
    const at::Tensor slope = at::sigmoid(z) * (1 + z * (1 - at::sigmoid(z)));
    const at::Tensor w1 = inputs.initial.w1 + at::bmm(phi_k.mT(), v * slope * lr1);
    const at::Tensor phi_q = feature_map(rule.kernel, inputs.initial, inputs.q);
    return state_residual(phi_q, at::silu(at::bmm(phi_q, w1)));
}

/// The same with f(x) = phi(x) W1 + b, both updated by one step on -<f(k), v> from b = 0.
at::Tensor state_of_biased_layer(const UpdateRule& rule, const LayerInputs& inputs) {
    const auto& [k, v, lr0, lr1, lr2, weight] = inputs.tokens;
    const at::Tensor phi_k = feature_map(rule.kernel, inputs.initial, k);
    const at::Tensor w1 = inputs.initial.w1 + at::bmm(phi_k.mT(), v * lr1);
    const at::Tensor bias = (v * lr1).sum(1, /*keepdim=*/true);
    const at::Tensor phi_q = feature_map(rule.kernel, inputs.initial, inputs.q);
    return state_residual(phi_q, at::bmm(phi_q, w1) + bias);
}

UpdateRule reduction_preset(std::string_view name) {
    for (const RulePreset& one : rule_presets()) {
        if (one.name == name) {
            UpdateRule rule = one.rule;
            rule.ns_precision = NsPrecision::fp32;  // fp64 tensors are computed in fp64
            return rule;
        }
    }
    return {};
}

UpdateRule with_mse(UpdateRule rule) {
    rule.loss = InnerLoss::mse;
    return rule;
}

UpdateRule with_steps(UpdateRule rule, int steps) {
    rule.inner_steps = steps;
    return rule;
}

UpdateRule without_norm(UpdateRule rule) {
    rule.weight_norm = false;
    return rule;
}

constexpr std::string_view chunks_compared = "two chunks in turn, and the sum of what each writes alone";
constexpr std::string_view steps_compared = "four inner steps, and four times what one step writes";
constexpr std::string_view state_compared =
    "outputs after two chunks, and phi(q) S of the linear-attention form and with the best S";

std::vector<ReductionCase> cases_of_parallel_form() {
    constexpr Reduction parallel = Reduction::parallel;
    return {
        {"Variant 6: linear attention", parallel, true, chunks_compared,
         "A chunk writes k^T v, which does not depend on the state.", reduction_preset("variant6"),
         two_chunks},
        {"Variant 4: with Muon", parallel, true, chunks_compared,
         "M acts on the gradient of one chunk, which does not depend on the state: M(A) and M(B) add up.",
         reduction_preset("variant4"), two_chunks},
        {"Variant 3: with per-token rates", parallel, true, chunks_compared,
         "A rate scales the value of its token.", reduction_preset("variant3"), two_chunks},
        {"Variant 2: with phi, fixed", parallel, true, chunks_compared,
         "A fixed phi is a fixed kernel: keys are phi(k) in place of k.", reduction_preset("variant2"),
         two_chunks},
        {"Variant 2, four inner steps", parallel, true, steps_compared,
         "With a fixed phi and the dot-product loss each step writes the same again.",
         with_steps(reduction_preset("variant2"), 4), repeated_steps},
        {"Variant 4, one chunk or two", parallel, false,
         "one chunk, and the sum of what its halves write alone",
         "M is not linear: M(A + B) is not M(A) + M(B), so the sum runs over chunks and not over tokens.",
         reduction_preset("variant4"), merged_chunk},
        {"Variant 1: with the weight norm", parallel, false, chunks_compared,
         "The norm after the first chunk divides what the first chunk wrote but not what the second writes.",
         reduction_preset("variant1"), two_chunks},
        {"Variant 2 with the MSE loss", parallel, false, chunks_compared,
         "The value is v - phi(k) W1: it depends on the state.", with_mse(reduction_preset("variant2")),
         two_chunks},
        {"Variant 2 with the MSE loss, four inner steps", parallel, false, steps_compared,
         "Each step writes the residual that the step before has left.",
         with_steps(with_mse(reduction_preset("variant2")), 4), repeated_steps},
        {"Baseline without the weight norm", parallel, false, chunks_compared,
         "Phi moves: the second chunk writes with the phi that the first has changed.",
         without_norm(reduction_preset("baseline")), two_chunks},
        {"Baseline", parallel, false, chunks_compared,
         "Phi moves, and the weight norm acts after every chunk.", reduction_preset("baseline"), two_chunks}};
}

std::vector<ReductionCase> cases_of_state() {
    constexpr Reduction state = Reduction::state;
    const UpdateRule plain = reduction_preset("variant2");
    return {
        {"Baseline: the last layer is linear", state, true, state_compared,
         "The last layer is linear without bias: theorem 5.1 holds although phi moves and the norm acts.",
         reduction_preset("baseline"), state_of_rule},
        {"Baseline with the MSE loss", state, true, state_compared,
         "The loss changes the values, not the form.", with_mse(reduction_preset("baseline")), state_of_rule},
        {"A bias after the last layer", state, false, "outputs, and phi(q) S with the best S",
         "The bias is the same for every query and no product with phi(q); a constant feature would carry "
         "it.",
         plain, state_of_biased_layer},
        {"A silu after the last layer", state, false, "outputs, and phi(q) S with the best S",
         "The output is not linear in phi(q), so no S gives it for every query; small outputs come "
         "close, where silu(x) is nearly x / 2.",
         plain, state_of_nonlinear_layer}};
}

}  // namespace

const std::vector<ReductionCase>& reduction_cases() {
    static const std::vector<ReductionCase> all = [] {
        std::vector<ReductionCase> cases = cases_of_parallel_form();
        for (ReductionCase& one : cases_of_state()) {
            cases.push_back(std::move(one));
        }
        return cases;
    }();
    return all;
}

at::Tensor state_residual(const at::Tensor& phi, const at::Tensor& o) {
    const at::Tensor features = phi.to(at::kCPU, at::kDouble);
    const at::Tensor outputs = o.to(at::kCPU, at::kDouble);
    // By the range of phi, so that directions at the level of rounding do not count.
    const auto [u, sigma, vh] = at::linalg_svd(features, /*full_matrices=*/false);
    const at::Tensor kept = (sigma > 1e-13 * sigma.narrow(1, 0, 1)).to(at::kDouble).unsqueeze(1);
    const at::Tensor range = u * kept;
    const at::Tensor explained = at::bmm(range, at::bmm(range.mT(), outputs));
    return (outputs - explained).norm(2, {1, 2}) / outputs.norm(2, {1, 2});
}

LayerInputs random_layer_inputs(std::uint64_t seed) {
    constexpr int64_t tokens_per_view = 16;
    constexpr int64_t views = 4;
    const RandomSequence sequence = random_sequence({.n = 1, .length = 128, .d = 32, .hidden = 32}, seed, 0.5,
                                                    at::kFloat, at::Device(at::kCPU));
    const auto wide = [](const at::Tensor& x) { return x.to(at::kDouble); };
    const auto written = [&](const at::Tensor& x) { return wide(x).slice(1, 0, views * tokens_per_view); };
    const auto& [w0, w1, w2] = sequence.initial;
    const auto& [k, v, lr0, lr1, lr2, weight] = sequence.tokens.write;
    return {{wide(w0), wide(w1), wide(w2)},
            {written(k), written(v), written(lr0), written(lr1), written(lr2), {}},
            wide(sequence.tokens.q),
            {},
            tokens_per_view};
}

}  // namespace lact
