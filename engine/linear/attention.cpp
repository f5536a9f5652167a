#include "engine/linear/attention.h"

namespace lact {
namespace {

/// Queries after phi, and the answers they get.
struct Answers {
    at::Tensor phi_q;
    at::Tensor o;
};

Answers answers_to(const Twin& twin, const at::Tensor& q) {
    const at::Tensor phi_q = twin_features(twin.kernel, twin.updated, q);
    return {phi_q, wide_product(phi_q, state_matrix(twin))};
}

/// <a, b> / <b, b> over all but the first axis.
at::Tensor projected(const at::Tensor& a, const at::Tensor& b) {
    return (a * b).sum({1, 2}) / (b * b).sum({1, 2});
}

at::Tensor share_of_s0(const Twin& twin, const Answers& answers) {
    return projected(wide_product(answers.phi_q, twin.initial.w1) * twin.d, answers.o);
}

}  // namespace

AttentionRow attention_row(const Twin& twin, const at::Tensor& q, AttentionSide side) {
    const Answers answers = answers_to(twin, q);
    AttentionRow row;
    row.o = answers.o;
    row.s0 = share_of_s0(twin, answers);
    const at::Tensor size = answers.o.square().sum({1, 2}).unsqueeze(1);
    for (const TwinBlock& block : twin.blocks) {
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

TokenShares token_shares(const Twin& twin, const at::Tensor& q, AttentionSide side) {
    constexpr int64_t queries_at_once = 256;
    const Answers answers = answers_to(twin, q);
    TokenShares result{{}, share_of_s0(twin, answers)};
    const at::Tensor size = answers.o.square().sum({1, 2}).unsqueeze(1);
    for (const TwinBlock& block : twin.blocks) {
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

at::Tensor token_reads(const Twin& twin, const at::Tensor& q, int64_t token, AttentionSide side) {
    const Answers answers = answers_to(twin, q);
    const at::Tensor size = answers.o.square().sum(2);
    at::Tensor reads;
    for (const TwinBlock& block : twin.blocks) {
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

}  // namespace lact
