#include "engine/linear/form.h"

#include <algorithm>
#include <utility>

namespace lact {

namespace {

at::Tensor moved(const UpdateRule& rule, const at::Tensor& w, const at::Tensor& reference,
                 const at::Tensor& g) {
    const at::Tensor changed =
        (w + orthogonalized_by(muon_factors(rule, g, w.scalar_type()), g)).to(w.scalar_type());
    return changed * norm_factor(rule, changed, reference);
}

/// Takes one inner step: updates `state` and returns the block, whose `d` is the weight norm of this step
/// alone.
LinearBlock take_step(const UpdateRule& rule, FastWeights& state, const FastWeights& reference,
                      const UpdateTokens& tokens, const FeatureGradientOf& gradient) {
    LinearBlock block;
    block.before = state;
    block.phi_k = form_features(rule.kernel, state, tokens.k);
    block.v_hat = form_values(rule, state, tokens, block.phi_k);
    block.g1 = wide_product(block.phi_k.mT(), block.v_hat);
    block.muon = muon_factors(rule, block.g1, state.w1.scalar_type());
    const at::Tensor written = wide_product(block.phi_k.mT(), block_values(block, MuonFactor::right));
    const at::Tensor changed = (state.w1 + written).to(state.w1.scalar_type());
    block.d = norm_factor(rule, changed, reference.w1);
    if (rule.kernel == Kernel::swiglu && rule.updated == UpdatedMatrices::all) {
        const FeatureGradient g = gradient(rule, state, tokens);
        block.g0 = g.g0;
        block.g2 = g.g2;
        state.w0 = moved(rule, state.w0, reference.w0, g.g0);
        state.w2 = moved(rule, state.w2, reference.w2, g.g2);
    }
    state.w1 = changed * block.d;
    return block;
}

/// Multiplies the weight norm of each step by those of all later steps.
void accumulate_norms(LinearForm& form) {
    at::Tensor later = at::ones_like(form.blocks.back().d);
    for (auto block = form.blocks.rbegin(); block != form.blocks.rend(); ++block) {
        later = later * block->d;
        block->d = later;
    }
    form.d = later;
}

}  // namespace

at::Tensor norm_factor(const UpdateRule& rule, const at::Tensor& changed, const at::Tensor& reference) {
    const at::Tensor reference_norm = reference.square().sum(1, /*keepdim=*/true).sqrt();
    if (!rule.weight_norm) {
        return at::ones_like(reference_norm);
    }
    return reference_norm / (changed.square().sum(1, /*keepdim=*/true).sqrt() + 1e-5);
}

LinearForm linear_form_of(const UpdateRule& rule, const LayerInputs& inputs,
                          const FeatureGradientOf& gradient) {
    LinearForm form{rule.kernel, inputs.initial, inputs.initial, {}, {}};
    for (int i = 0; i < rule.inner_steps; ++i) {
        form.blocks.push_back(take_step(rule, form.updated, inputs.initial, inputs.tokens, gradient));
    }
    accumulate_norms(form);
    return form;
}

LinearForm form_step(const UpdateRule& rule, const FastWeights& state, const FastWeights& reference,
                     const UpdateTokens& tokens, const FeatureGradientOf& gradient) {
    LinearForm form{rule.kernel, state, state, {}, {}};
    form.blocks.push_back(take_step(rule, form.updated, reference, tokens, gradient));
    accumulate_norms(form);
    return form;
}

LinearForm only(const LinearForm& form, int64_t index) {
    const auto one = [index](const at::Tensor& x) { return x.defined() ? x.slice(0, index, index + 1) : x; };
    const auto weights = [&](const FastWeights& w) { return FastWeights{one(w.w0), one(w.w1), one(w.w2)}; };
    LinearForm result{form.kernel, weights(form.initial), weights(form.updated), one(form.d), {}};
    for (const LinearBlock& b : form.blocks) {
        const MuonFactors muon{one(b.muon.p_left), one(b.muon.p_right), one(b.muon.sigma),
                               one(b.muon.sigma_after)};
        result.blocks.push_back(
            {weights(b.before), one(b.phi_k), one(b.v_hat), one(b.g0), one(b.g1), one(b.g2), muon, one(b.d)});
    }
    return result;
}

at::Tensor block_values(const LinearBlock& block, MuonFactor factor) {
    const bool effective = factor == MuonFactor::right && block.muon.p_right.defined();
    return effective ? wide_product(block.v_hat, block.muon.p_right) : block.v_hat;
}

at::Tensor block_keys(const LinearBlock& block, MuonFactor factor) {
    const bool effective = factor == MuonFactor::left && block.muon.p_left.defined();
    return effective ? wide_product(block.phi_k, block.muon.p_left) : block.phi_k;
}

at::Tensor state_change(const LinearForm& form) {
    at::Tensor sum = at::zeros_like(form.initial.w1);
    for (const LinearBlock& block : form.blocks) {
        sum = sum + wide_product(block.phi_k.mT(), block_values(block, MuonFactor::right)) * block.d;
    }
    return sum.to(form.initial.w1.scalar_type());
}

at::Tensor state_matrix(const LinearForm& form) {
    return form.initial.w1 * form.d + state_change(form);
}

at::Tensor read_state(const LinearForm& form, const at::Tensor& q) {
    return at::matmul(form_features(form.kernel, form.updated, q), state_matrix(form));
}

at::Tensor read_attention(const LinearForm& form, const at::Tensor& q, MuonFactor factor) {
    constexpr int64_t queries_at_once = 256;
    const at::Tensor phi_q = form_features(form.kernel, form.updated, q);
    at::Tensor o = at::matmul(phi_q, form.initial.w1) * form.d;
    for (const LinearBlock& block : form.blocks) {
        const at::Tensor keys = block_keys(block, factor);
        const at::Tensor values = block_values(block, factor);
        std::vector<at::Tensor> parts;
        for (int64_t first = 0; first < q.size(1); first += queries_at_once) {
            const at::Tensor a = wide_product(phi_q.slice(1, first, first + queries_at_once), keys.mT());
            parts.push_back(wide_product(a, values) * block.d);
        }
        o = o + at::cat(parts, 1);
    }
    return o.to(q.scalar_type());
}

at::Tensor feature_movement(const LinearForm& form, const at::Tensor& q) {
    const at::Tensor before = form_features(form.kernel, form.initial, q);
    const at::Tensor after = form_features(form.kernel, form.updated, q);
    return (after - before).norm(2, {1, 2}) / before.norm(2, {1, 2});
}

}  // namespace lact
