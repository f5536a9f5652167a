#include "engine/linear/attention.h"

namespace lact {

namespace {

/// Queries after phi, and the answers they get.
struct Answers {
    at::Tensor phi_q;
    at::Tensor o;
};

Answers answers_to(const LinearForm& form, const at::Tensor& q) {
    const at::Tensor phi_q = form_features(form.kernel, form.updated, q);
    return {phi_q, wide_product(phi_q, state_matrix(form))};
}

/// <a, b> / <b, b> over all but the first axis.
at::Tensor projected(const at::Tensor& a, const at::Tensor& b) {
    return (a * b).sum({1, 2}) / (b * b).sum({1, 2});
}

at::Tensor share_of_s0(const LinearForm& form, const Answers& answers) {
    return projected(wide_product(answers.phi_q, form.initial.w1) * form.d, answers.o);
}

}  // namespace

AttentionRow attention_row(const LinearForm& form, const at::Tensor& q, AttentionSide side) {
    const Answers answers = answers_to(form, q);
    AttentionRow row;
    row.o = answers.o;
    row.s0 = share_of_s0(form, answers);
    const at::Tensor size = answers.o.square().sum({1, 2}).unsqueeze(1);
    for (const LinearBlock& block : form.blocks) {
        // Vectors are pushed through P and D, so that no token needs an effective key or value of its own.
        at::Tensor phi = answers.phi_q;
        at::Tensor towards = answers.o * block.d;
        if (block.muon.p_left.defined() && side == AttentionSide::key) {
            phi = wide_product(phi, block.muon.p_left);
        }
        if (block.muon.p_right.defined() && side == AttentionSide::value) {
            towards = wide_product(towards, block.muon.p_right);
        }
        const at::Tensor a = wide_product(block.phi_k, phi.mT()).squeeze(2);
        const at::Tensor along = wide_product(block.v_hat, towards.mT()).squeeze(2);
        const at::Tensor part = a * along / size;
        row.weights.push_back(a);
        row.shares = row.shares.defined() ? row.shares + part : part;
    }
    return row;
}

TokenShares token_shares(const LinearForm& form, const at::Tensor& q, AttentionSide side) {
    constexpr int64_t queries_at_once = 256;
    const Answers answers = answers_to(form, q);
    TokenShares result{{}, share_of_s0(form, answers)};
    const at::Tensor size = answers.o.square().sum({1, 2}).unsqueeze(1);
    for (const LinearBlock& block : form.blocks) {
        const at::Tensor keys = block_keys(block, side);
        const at::Tensor values = block_values(block, side) * block.d;
        for (int64_t first = 0; first < q.size(1); first += queries_at_once) {
            const at::Tensor phi = answers.phi_q.slice(1, first, first + queries_at_once);
            const at::Tensor o = answers.o.slice(1, first, first + queries_at_once);
            const at::Tensor part =
                (wide_product(keys, phi.mT()) * wide_product(values, o.mT())).sum(2) / size;
            result.tokens = result.tokens.defined() ? result.tokens + part : part;
        }
    }
    return result;
}

at::Tensor token_reads(const LinearForm& form, const at::Tensor& q, int64_t token, AttentionSide side) {
    const Answers answers = answers_to(form, q);
    const at::Tensor size = answers.o.square().sum(2);
    at::Tensor reads;
    for (const LinearBlock& block : form.blocks) {
        const at::Tensor key = block_keys(block, side).narrow(1, token, 1);
        const at::Tensor value = (block_values(block, side) * block.d).narrow(1, token, 1);
        const at::Tensor part =
            (wide_product(answers.phi_q, key.mT()) * wide_product(answers.o, value.mT())).squeeze(2) / size;
        reads = reads.defined() ? reads + part : part;
    }
    return reads;
}

at::Tensor view_sums(const at::Tensor& of_tokens, int64_t tokens_per_view) {
    return of_tokens.unflatten(1, {of_tokens.size(1) / tokens_per_view, tokens_per_view}).sum(2);
}

FastWeights state_with_view_weights(const UpdateRule& rule, const LayerInputs& inputs,
                                    const at::Tensor& view_weights) {
    LayerInputs weighted = inputs;
    weighted.tokens.weight =
        token_weights(view_weights.to(inputs.tokens.k.options()), inputs.tokens_per_view);
    return linear_form_of(rule, weighted).updated;
}

FastWeights state_after_views(const UpdateRule& rule, const LayerInputs& inputs, int64_t count) {
    at::Tensor weights = at::zeros({inputs.views()}, inputs.tokens.k.options());
    weights.slice(0, 0, count).fill_(1);
    return state_with_view_weights(rule, inputs, weights);
}

FastWeights state_from_gradients(const UpdateRule& rule, const FastWeights& initial, const at::Tensor& g0,
                                 const at::Tensor& g1, const at::Tensor& g2) {
    const auto moved = [&](const at::Tensor& w, const at::Tensor& g) {
        if (!g.defined()) {
            return w;
        }
        const at::Tensor changed = w + orthogonalized_by(muon_factor(rule, g, w.scalar_type()), g);
        const at::Tensor result =
            rule.weight_norm ? changed / (changed.norm(2, {1}, true) + 1e-5) * w.norm(2, {1}, true) : changed;
        return result.to(w.scalar_type());
    };
    return {moved(initial.w0, g0), moved(initial.w1, g1), moved(initial.w2, g2)};
}

}  // namespace lact
