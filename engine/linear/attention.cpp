#include "engine/linear/attention.h"

#include <cmath>
#include <limits>

namespace lact {

namespace {

/// S in fp64 by the same factor as the contributions, so that shares sum to 1 also where their parts cancel.
/// state_matrix() has the type of the inputs.
at::Tensor wide_state(const LinearForm& form, MuonFactor factor) {
    at::Tensor sum = form.initial.w1.to(at::kDouble) * form.d;
    for (const LinearBlock& block : form.blocks) {
        at::Tensor written = block.g1;
        if (block.muon.p_left.defined() && factor == MuonFactor::left) {
            written = wide_product(block.muon.p_left, written);
        }
        if (block.muon.p_right.defined() && factor == MuonFactor::right) {
            written = wide_product(written, block.muon.p_right);
        }
        sum = sum + written * block.d;
    }
    return sum;
}

/// What shares divide, fp64. The means are subtracted where there are any.
struct Divided {
    at::Tensor phi_q;  ///< [n, queries, d_phi]
    at::Tensor o;      ///< [n, queries, d_out] phi_q S
    at::Tensor size;   ///< [n, queries] |o|^2; NaN where it is zero up to rounding.
    at::Tensor mean;   ///< [n, 1, d_out] what was subtracted from o; undefined: nothing.
};

Divided divided_by(const LinearForm& form, const at::Tensor& q, MuonFactor factor, const MeanRead& mean) {
    Divided result;
    const at::Tensor state = wide_state(form, factor);
    const at::Tensor phi_q = form_features(form.kernel, form.updated, q).to(at::kDouble);
    result.phi_q = mean.phi_q.defined() ? phi_q - mean.phi_q : phi_q;
    result.o = wide_product(result.phi_q, state);
    at::Tensor scale = result.o.norm(2, {2});
    if (mean.phi_q.defined()) {
        result.mean = wide_product(mean.phi_q, state);
        scale = scale + 2 * result.mean.norm(2, {2});  // at least |o| + |mean(o)|
    }
    const at::Tensor size = result.o.square().sum(2);
    const at::Tensor nothing = size.sqrt() <= 1e-12 * scale;
    result.size = size.masked_fill(nothing, std::numeric_limits<double>::quiet_NaN());
    return result;
}

/// |o|^2 over all queries [n, 1]. A query that equals the mean adds nothing; NaN where all of them do.
at::Tensor total_size(const Divided& divided) {
    const at::Tensor none = divided.size.isnan().all(1, /*keepdim=*/true);
    const at::Tensor size = divided.o.square().sum({1, 2}).unsqueeze(1);
    return size.masked_fill(none, std::numeric_limits<double>::quiet_NaN());
}

at::Tensor share_of_s0(const LinearForm& form, const Divided& divided) {
    const at::Tensor part = wide_product(divided.phi_q, form.initial.w1) * form.d;
    return (part * divided.o).sum({1, 2}) / total_size(divided).squeeze(1);
}

}  // namespace

MeanRead mean_read(const LinearForm& form, const at::Tensor& q) {
    const at::Tensor phi_q = form_features(form.kernel, form.updated, q).to(at::kDouble);
    const at::Tensor o = wide_product(phi_q, wide_state(form, MuonFactor::right));
    return {phi_q.mean(1, /*keepdim=*/true), o.mean(1).square().sum(1) / o.square().sum(2).mean(1)};
}

AttentionRow attention_row(const LinearForm& form, const at::Tensor& q, MuonFactor factor,
                           const MeanRead& mean) {
    const Divided divided = divided_by(form, q, factor, mean);
    const at::Tensor phi_q = form_features(form.kernel, form.updated, q);
    AttentionRow row;
    row.o = divided.mean.defined() ? divided.o + divided.mean : divided.o;
    row.s0 = share_of_s0(form, divided);
    const at::Tensor size = total_size(divided);
    for (const LinearBlock& block : form.blocks) {
        // P and D act on the query and the output, so no token needs an effective key or value.
        at::Tensor phi = phi_q;
        at::Tensor about = divided.phi_q;
        at::Tensor towards = divided.o * block.d;
        if (block.muon.p_left.defined() && factor == MuonFactor::left) {
            phi = wide_product(phi, block.muon.p_left);
            about = wide_product(about, block.muon.p_left);
        }
        if (block.muon.p_right.defined() && factor == MuonFactor::right) {
            towards = wide_product(towards, block.muon.p_right);
        }
        row.weights.push_back(wide_product(block.phi_k, phi.mT()).squeeze(2));
        const at::Tensor read =
            mean.phi_q.defined() ? wide_product(block.phi_k, about.mT()).squeeze(2) : row.weights.back();
        const at::Tensor along = wide_product(block.v_hat, towards.mT()).squeeze(2);
        const at::Tensor part = read * along / size;
        row.shares = row.shares.defined() ? row.shares + part : part;
    }
    return row;
}

at::Tensor entropy_bits(const at::Tensor& weights) {
    const at::Tensor p = weights.abs() / weights.abs().sum(1, /*keepdim=*/true);
    return -at::xlogy(p, p).sum(1) / std::log(2.0);
}

TokenShares token_shares(const LinearForm& form, const at::Tensor& q, MuonFactor factor,
                         const MeanRead& mean) {
    constexpr int64_t queries_at_once = 256;
    const Divided divided = divided_by(form, q, factor, mean);
    TokenShares result{{}, share_of_s0(form, divided)};
    const at::Tensor size = total_size(divided);
    for (const LinearBlock& block : form.blocks) {
        const at::Tensor keys = block_keys(block, factor);
        const at::Tensor values = block_values(block, factor).to(at::kDouble) * block.d;
        for (int64_t first = 0; first < q.size(1); first += queries_at_once) {
            const at::Tensor phi = divided.phi_q.slice(1, first, first + queries_at_once);
            const at::Tensor o = divided.o.slice(1, first, first + queries_at_once);
            const at::Tensor part =
                (wide_product(keys, phi.mT()) * wide_product(values, o.mT())).sum(2) / size;
            result.tokens = result.tokens.defined() ? result.tokens + part : part;
        }
    }
    return result;
}

at::Tensor token_reads(const LinearForm& form, const at::Tensor& q, int64_t token, MuonFactor factor,
                       const MeanRead& mean) {
    const Divided divided = divided_by(form, q, factor, mean);
    at::Tensor reads;
    for (const LinearBlock& block : form.blocks) {
        const at::Tensor key = block_keys(block, factor).narrow(1, token, 1);
        const at::Tensor value = (block_values(block, factor).to(at::kDouble) * block.d).narrow(1, token, 1);
        const at::Tensor part =
            (wide_product(divided.phi_q, key.mT()) * wide_product(divided.o, value.mT())).squeeze(2) /
            divided.size;
        reads = reads.defined() ? reads + part : part;
    }
    return reads;
}

at::Tensor view_sums(const at::Tensor& of_tokens, int64_t tokens_per_view) {
    return of_tokens.unflatten(1, {of_tokens.size(1) / tokens_per_view, tokens_per_view}).sum(2);
}

FastWeights state_with_view_weights(const UpdateRule& rule, const LayerInputs& inputs,
                                    const at::Tensor& view_weights) {
    UpdateTokens weighted = inputs.tokens;
    weighted.weight = token_weights(view_weights.to(inputs.tokens.k.options()), inputs.tokens_per_view);
    return update_fast_weights(rule, inputs.initial, weighted);
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
