#include "engine/linear/sequence_form.h"

#include "engine/linear/equivalence.h"

#include <algorithm>
#include <utility>

namespace lact {

namespace {

/// Momentum buffers of W0 and W2, like SequenceFormChunk::delta of W1.
struct FeatureBuffers {
    at::Tensor w0;
    at::Tensor w2;
};

at::Tensor with_momentum(const at::Tensor& g, const at::Tensor& before, const at::Tensor& alpha) {
    return before.defined() ? g + alpha * before : g;
}

/// The state between two chunks.
struct Progress {
    FastWeights weights;
    FastWeights sum;  ///< Before the weight norm; with NormPlace::pre never normalised.
    at::Tensor delta;
    FeatureBuffers buffers;
};

/// Adds `by`, M(delta), to one matrix and returns the factor of its weight norm.
at::Tensor write(const SequenceRule& rule, at::Tensor& weights, at::Tensor& sum, const at::Tensor& reference,
                 const at::Tensor& by) {
    const at::Tensor& base = rule.norm == NormPlace::post ? weights : sum;
    sum = (base.to(at::kDouble) + by).to(reference.scalar_type());
    const at::Tensor d = norm_factor(rule.rule, sum, reference);
    weights = sum * d;
    return d;
}

SequenceFormChunk take_chunk(const SequenceRule& rule, Progress& now, const FastWeights& initial,
                             const SequenceTokens& tokens, const FeatureGradientOf& gradient) {
    const auto coefficients = ns_coefficients(rule);
    const auto type = initial.w1.scalar_type();
    SequenceFormChunk chunk;
    chunk.before = now.weights;
    chunk.phi_k = form_features(rule.rule.kernel, now.weights, tokens.write.k);
    chunk.v_hat = form_values(rule.rule, now.weights, tokens.write, chunk.phi_k);
    chunk.alpha = rule.rule.momentum
                      ? tokens.momentum.to(at::kDouble).sum(1, true) / tokens.momentum.size(1)
                      : at::zeros({tokens.q.size(0), 1, 1}, tokens.q.options().dtype(at::kDouble));
    chunk.delta = with_momentum(wide_product(chunk.phi_k.mT(), chunk.v_hat), now.delta, chunk.alpha);
    chunk.muon = muon_factors(rule.rule, chunk.delta, type, coefficients);
    if (rule.rule.kernel == Kernel::swiglu && rule.rule.updated == UpdatedMatrices::all) {
        const FeatureGradient g = gradient(rule.rule, now.weights, tokens.write);
        const auto move = [&](at::Tensor& buffer, at::Tensor& weights, at::Tensor& sum, const at::Tensor& by,
                              const at::Tensor& reference) {
            buffer = with_momentum(by, buffer, chunk.alpha);
            const MuonFactors factor = muon_factors(rule.rule, buffer, type, coefficients);
            (void)write(rule, weights, sum, reference, orthogonalized_by(factor, buffer));
        };
        move(now.buffers.w0, now.weights.w0, now.sum.w0, g.g0, initial.w0);
        move(now.buffers.w2, now.weights.w2, now.sum.w2, g.g2, initial.w2);
    }
    chunk.d = write(rule, now.weights.w1, now.sum.w1, initial.w1, orthogonalized_by(chunk.muon, chunk.delta));
    now.delta = chunk.delta;
    return chunk;
}

/// The number of updates that chunk t reads.
std::size_t updates_read(const SequenceForm& form, std::size_t t) {
    return form.rule.order == ChunkOrder::apply_update ? t : t + 1;
}

/// The weights with which chunk t reads.
const FastWeights& weights_read(const SequenceForm& form, std::size_t t) {
    const auto updates = updates_read(form, t);
    return updates == 0 ? form.initial : form.after[updates - 1];
}

/// Product of the weight norms on the update of chunk j after `updates` chunks: [n, 1, d_out].
at::Tensor norms_from(const SequenceForm& form, std::size_t j, std::size_t updates) {
    if (form.rule.norm == NormPlace::pre) {
        return form.chunks[updates - 1].d;
    }
    at::Tensor d = form.chunks[j].d;
    for (std::size_t s = j + 1; s < updates; ++s) {
        d = d * form.chunks[s].d;
    }
    return d;
}

at::Tensor s0_read(const SequenceForm& form, std::size_t updates) {
    const at::Tensor s0 = form.initial.w1.to(at::kDouble);
    return updates == 0 ? s0 : s0 * norms_from(form, 0, updates);
}

/// v-hat_i R_i after `updates` chunks: [n, tokens of chunk i, d_out].
at::Tensor effective_values(const SequenceForm& form, std::size_t i, std::size_t updates) {
    const at::Tensor v = form.chunks[i].v_hat.to(at::kDouble);
    at::Tensor beta = at::ones_like(form.chunks[i].alpha);
    at::Tensor sum = at::zeros_like(v);
    for (std::size_t j = i; j < updates; ++j) {
        const auto& chunk = form.chunks[j];
        if (j > i) {
            beta = beta * chunk.alpha;
        }
        const at::Tensor turned = chunk.muon.p_right.defined() ? at::matmul(v, chunk.muon.p_right) : v;
        sum = sum + beta * turned * norms_from(form, j, updates);
    }
    return sum;
}

const at::Tensor& queries_of(const SequenceRule& rule, const SequenceTokens& tokens) {
    return rule.rule.read_with == ReadWith::key ? tokens.write.k : tokens.q;
}

/// Outputs for q after the last chunk alone was added to the weights before it. Its momentum buffer holds the
/// gradients of all chunks.
at::Tensor read_one_update(const SequenceForm& form, const FastWeights& after, const at::Tensor& q) {
    const SequenceFormChunk& last = form.chunks.back();
    const at::Tensor phi_q = form_features(form.rule.rule.kernel, after, q);
    at::Tensor o = wide_product(phi_q, last.before.w1.to(at::kDouble) * last.d);
    at::Tensor beta = at::ones_like(last.alpha);
    for (std::size_t i = form.chunks.size(); i-- > 0;) {
        const SequenceFormChunk& chunk = form.chunks[i];
        const at::Tensor v = chunk.v_hat.to(at::kDouble);
        const at::Tensor turned = last.muon.p_right.defined() ? at::matmul(v, last.muon.p_right) : v;
        o = o + at::matmul(wide_product(phi_q, chunk.phi_k.mT()), beta * turned * last.d);
        beta = beta * chunk.alpha;
    }
    return o;
}

at::Tensor features_of_chunk(const SequenceForm& form, std::size_t t, const at::Tensor& q) {
    const ChunkSpan& span = form.chunks[t].span;
    return form_features(form.rule.rule.kernel, weights_read(form, t),
                         q.slice(1, span.first, span.first + span.count));
}

}  // namespace

SequenceForm sequence_form_of(const SequenceRule& rule, const FastWeights& initial,
                              const SequenceTokens& tokens, const FeatureGradientOf& gradient) {
    SequenceForm form{rule, initial, {}, {}};
    Progress now{initial, initial, {}, {}};
    for (const ChunkSpan& span : chunks_of(tokens.length(), rule.chunk)) {
        form.chunks.push_back(take_chunk(rule, now, initial, tokens_of(tokens, span), gradient));
        form.chunks.back().span = span;
        form.after.push_back(now.weights);
    }
    return form;
}

Result<std::optional<double>> compare_chunk_by_chunk(const SequenceRule& rule, const FastWeights& initial,
                                                     const SequenceTokens& tokens,
                                                     const FeatureGradientOf& gradient) {
    if (rule.norm == NormPlace::pre) {
        return fail("sequence", "a form that starts at each chunk needs weights that are the running sum");
    }
    SequenceTrace trace;
    LACT_TRY(const at::Tensor o, run_sequence(rule, initial, tokens, &trace));
    const auto spans = chunks_of(tokens.length(), rule.chunk);
    Progress now{initial, initial, {}, {}};
    SequenceForm form{rule, initial, {}, {}};
    std::optional<double> largest;
    for (std::size_t j = 0; j < spans.size(); ++j) {
        form.chunks.push_back(take_chunk(rule, now, initial, tokens_of(tokens, spans[j]), gradient));
        const std::size_t reader = rule.order == ChunkOrder::update_apply ? j : j + 1;
        if (reader < spans.size()) {
            const ChunkSpan& span = spans[reader];
            const auto part = [&](const at::Tensor& x) {
                return x.slice(1, span.first, span.first + span.count);
            };
            const at::Tensor read = read_one_update(form, now.weights, part(queries_of(rule, tokens)));
            const std::vector<double> rel = relative_difference(part(o), read);
            largest = std::max(largest.value_or(0), *std::ranges::max_element(rel));
        }
        now.weights = trace.states[j];
    }
    return largest;
}

at::Tensor read_state(const SequenceForm& form, const at::Tensor& q) {
    std::vector<at::Tensor> outputs;
    for (std::size_t t = 0; t < form.chunks.size(); ++t) {
        const std::size_t updates = updates_read(form, t);
        at::Tensor s = s0_read(form, updates);
        for (std::size_t j = 0; j < updates; ++j) {
            const auto& chunk = form.chunks[j];
            s = s + orthogonalized_by(chunk.muon, chunk.delta) * norms_from(form, j, updates);
        }
        outputs.push_back(wide_product(features_of_chunk(form, t, q), s));
    }
    return at::cat(outputs, 1).to(q.scalar_type());
}

at::Tensor read_attention(const SequenceForm& form, const at::Tensor& q) {
    std::vector<at::Tensor> outputs;
    for (std::size_t t = 0; t < form.chunks.size(); ++t) {
        const std::size_t updates = updates_read(form, t);
        const at::Tensor phi_q = features_of_chunk(form, t, q);
        at::Tensor o = wide_product(phi_q, s0_read(form, updates));
        for (std::size_t i = 0; i < updates; ++i) {
            const at::Tensor a = wide_product(phi_q, form.chunks[i].phi_k.mT());
            o = o + at::matmul(a, effective_values(form, i, updates));
        }
        outputs.push_back(o);
    }
    return at::cat(outputs, 1).to(q.scalar_type());
}

}  // namespace lact
