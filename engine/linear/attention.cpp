#include "engine/linear/attention.h"

namespace lact {

namespace {

/// Features of the queries and their outputs, fp64.
struct Outputs {
    at::Tensor phi_q;  ///< [n, queries, d_phi]
    at::Tensor o;      ///< [n, queries, d_out]
};

Outputs outputs_of(const LinearForm& form, const at::Tensor& q) {
    const at::Tensor phi_q = form_features(form.kernel, form.updated, q);
    return {phi_q, wide_product(phi_q, state_matrix(form))};
}

/// <a, b> / <b, b> over all but the first axis.
at::Tensor projected(const at::Tensor& a, const at::Tensor& b) {
    return (a * b).sum({1, 2}) / (b * b).sum({1, 2});
}

at::Tensor share_of_s0(const LinearForm& form, const Outputs& outputs) {
    return projected(wide_product(outputs.phi_q, form.initial.w1) * form.d, outputs.o);
}

}  // namespace

AttentionRow attention_row(const LinearForm& form, const at::Tensor& q, MuonFactor factor) {
    const Outputs outputs = outputs_of(form, q);
    AttentionRow row;
    row.o = outputs.o;
    row.s0 = share_of_s0(form, outputs);
    const at::Tensor size = outputs.o.square().sum({1, 2}).unsqueeze(1);
    for (const LinearBlock& block : form.blocks) {
        // P and D act on the query and the output, so no token needs an effective key or value.
        at::Tensor phi = outputs.phi_q;
        at::Tensor towards = outputs.o * block.d;
        if (block.muon.p_left.defined() && factor == MuonFactor::left) {
            phi = wide_product(phi, block.muon.p_left);
        }
        if (block.muon.p_right.defined() && factor == MuonFactor::right) {
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

TokenShares token_shares(const LinearForm& form, const at::Tensor& q, MuonFactor factor) {
    constexpr int64_t queries_at_once = 256;
    const Outputs outputs = outputs_of(form, q);
    TokenShares result{{}, share_of_s0(form, outputs)};
    const at::Tensor size = outputs.o.square().sum({1, 2}).unsqueeze(1);
    for (const LinearBlock& block : form.blocks) {
        const at::Tensor keys = block_keys(block, factor);
        const at::Tensor values = block_values(block, factor) * block.d;
        for (int64_t first = 0; first < q.size(1); first += queries_at_once) {
            const at::Tensor phi = outputs.phi_q.slice(1, first, first + queries_at_once);
            const at::Tensor o = outputs.o.slice(1, first, first + queries_at_once);
            const at::Tensor part =
                (wide_product(keys, phi.mT()) * wide_product(values, o.mT())).sum(2) / size;
            result.tokens = result.tokens.defined() ? result.tokens + part : part;
        }
    }
    return result;
}

at::Tensor token_reads(const LinearForm& form, const at::Tensor& q, int64_t token, MuonFactor factor) {
    const Outputs outputs = outputs_of(form, q);
    const at::Tensor size = outputs.o.square().sum(2);
    at::Tensor reads;
    for (const LinearBlock& block : form.blocks) {
        const at::Tensor key = block_keys(block, factor).narrow(1, token, 1);
        const at::Tensor value = (block_values(block, factor) * block.d).narrow(1, token, 1);
        const at::Tensor part =
            (wide_product(outputs.phi_q, key.mT()) * wide_product(outputs.o, value.mT())).squeeze(2) / size;
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
        const at::Tensor changed = w + orthogonalized_by(muon_factors(rule, g, w.scalar_type()), g);
        const at::Tensor result =
            rule.weight_norm ? changed / (changed.norm(2, {1}, true) + 1e-5) * w.norm(2, {1}, true) : changed;
        return result.to(w.scalar_type());
    };
    return {moved(initial.w0, g0), moved(initial.w1, g1), moved(initial.w2, g2)};
}

}  // namespace lact
