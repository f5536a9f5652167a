#include "engine/linear/parallel.h"

#include "engine/linear/features.h"
#include "engine/ttt/newton_schulz.h"

#include <algorithm>

namespace lact {

namespace {

/// State and momentum that a segment hands to the next.
struct Carry {
    at::Tensor state;  ///< [n, d_phi, d_out]
    at::Tensor
        buffer;  ///< [n, d_phi, d_out] momentum; undefined before the first chunk and without momentum.
};

/// Rows of [n, tokens, d] as whole chunks [n, chunks, chunk, d], and the rows of a shorter last chunk
/// [n, rest, d], which may be empty.
struct Chunked {
    at::Tensor whole;
    at::Tensor rest;
};

Chunked chunked(const at::Tensor& x, std::int64_t chunk) {
    const std::int64_t whole = x.size(1) / chunk;
    return {x.slice(1, 0, whole * chunk).unflatten(1, {whole, chunk}), x.slice(1, whole * chunk)};
}

at::Tensor in_fp32(const at::Tensor& x) {
    return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

/// G of every chunk, phi(k)^T v-hat: [n, chunks, d_phi, d_out].
at::Tensor chunk_gradients(const at::Tensor& phi_k, const at::Tensor& v_hat, std::int64_t chunk) {
    const Chunked k = chunked(phi_k, chunk);
    const Chunked v = chunked(v_hat, chunk);
    at::Tensor g = at::matmul(k.whole.mT(), v.whole);
    if (k.rest.size(1) > 0) {
        g = at::cat({g, at::matmul(k.rest.mT(), v.rest).unsqueeze(1)}, 1);
    }
    return in_fp32(g);
}

at::Tensor chunk_means(const at::Tensor& x, std::int64_t chunk) {
    const Chunked parts = chunked(x, chunk);
    at::Tensor means = parts.whole.mean(2).squeeze(-1);
    if (parts.rest.size(1) > 0) {
        means = at::cat({means, parts.rest.mean(1)}, 1);
    }
    return means;
}

/// One matrix times the coefficient of each chunk: [n, chunks, d_phi, d_out] from [n, chunks] and
/// [n, d_phi, d_out].
at::Tensor spread(const at::Tensor& coefficients, const at::Tensor& matrix) {
    return coefficients.unsqueeze(2).unsqueeze(3) * matrix.unsqueeze(1);
}

/// Sum over i of L[t, i] G_i for lower [n, chunks, chunks] and g [n, chunks, d_phi, d_out].
at::Tensor mixed(const at::Tensor& lower, const at::Tensor& g) {
    return at::bmm(lower, g.flatten(2)).view_as(g);
}

/// S after each chunk of a segment [n, chunks, d_phi, d_out]; advances the carry.
at::Tensor scan(const SequenceRule& rule, const at::Tensor& g, const at::Tensor& alpha, Carry& carry) {
    at::Tensor written;  // Sum of the updates up to each chunk.
    const bool momentum = rule.rule.momentum;
    if (!rule.rule.orthogonalize) {
        // The state is linear in the gradients: momentum scan and cumulative sum are one product with C.
        written = momentum ? mixed(chunk_coefficients(alpha), g) : g.cumsum(1);
        if (momentum) {
            const at::Tensor lasting = alpha.cumprod(1);
            const at::Tensor last = momentum_products(alpha).select(1, -1).unsqueeze(1);
            at::Tensor buffer = at::bmm(last, g.flatten(2)).view_as(carry.state);
            if (carry.buffer.defined()) {
                written = written + spread(lasting.cumsum(1), carry.buffer);
                buffer = buffer + lasting.select(1, -1).view({-1, 1, 1}) * carry.buffer;
            }
            carry.buffer = buffer;
        }
    } else {
        at::Tensor delta = momentum ? mixed(momentum_products(alpha), g) : g;
        if (momentum) {
            if (carry.buffer.defined()) {
                delta = delta + spread(alpha.cumprod(1), carry.buffer);
            }
            carry.buffer = delta.select(1, -1);
        }
        written = newton_schulz(delta.flatten(0, 1), ns_coefficients(rule), rule.rule.ns_precision)
                      .view_as(delta)
                      .cumsum(1);
    }
    const at::Tensor states = carry.state.unsqueeze(1) + written;
    carry.state = states.select(1, -1);
    return states;
}

/// The queries of every chunk times its state: [n, tokens, d_out].
at::Tensor read(const at::Tensor& phi_q, const at::Tensor& states, std::int64_t chunk) {
    const Chunked q = chunked(phi_q, chunk);
    const at::Tensor s = states.to(phi_q.scalar_type());
    const std::int64_t whole = q.whole.size(1);
    at::Tensor o = at::matmul(q.whole, s.slice(1, 0, whole)).flatten(1, 2);
    if (q.rest.size(1) > 0) {
        o = at::cat({o, at::matmul(q.rest, s.select(1, whole))}, 1);
    }
    return o;
}

/// Runs consecutive whole chunks; only the last chunk of the sequence may be shorter. `write_last` is false
/// where nothing reads the update of the last chunk. Returns the outputs [n, tokens, d_out].
at::Tensor run_segment(const SequenceRule& rule, const FastWeights& initial, const SequenceTokens& tokens,
                       bool write_last, Carry& carry, std::vector<at::Tensor>* all_states) {
    const auto chunks = (tokens.length() + rule.chunk - 1) / rule.chunk;
    const auto written = write_last ? chunks : chunks - 1;
    const at::Tensor before = carry.state.unsqueeze(1);
    at::Tensor states;
    if (written > 0) {
        const SequenceTokens part = tokens_of(tokens, {0, std::min(tokens.length(), written * rule.chunk)});
        const at::Tensor phi_k = feature_map(rule.rule.kernel, initial, part.write.k);
        const at::Tensor v_hat = form_values(rule.rule, initial, part.write, phi_k).to(phi_k.scalar_type());
        const at::Tensor alpha =
            rule.rule.momentum ? in_fp32(chunk_means(part.momentum, rule.chunk)) : at::Tensor();
        states = scan(rule, chunk_gradients(phi_k, v_hat, rule.chunk), alpha, carry);
    }
    if (all_states != nullptr) {
        const auto each = states.unbind(1);
        all_states->insert(all_states->end(), each.begin(), each.end());
    }
    if (rule.order == ChunkOrder::apply_update) {
        states = chunks == 1 ? before : at::cat({before, states.slice(1, 0, chunks - 1)}, 1);
    }
    const auto& x = rule.rule.read_with == ReadWith::key ? tokens.write.k : tokens.q;
    return read(feature_map(rule.rule.kernel, initial, x), states, rule.chunk);
}

Result<void> check_parallel(const SequenceRule& rule, const FastWeights& initial,
                            const SequenceTokens& tokens) {
    LACT_CHECK(check_sequence(rule, initial, tokens));
    if (const std::string reason = no_parallel_form_because(rule.rule); !reason.empty()) {
        return fail("parallel form", reason, "Variants 2 to 6 have one.");
    }
    return {};
}

}  // namespace

std::int64_t segment_chunks(const ParallelOptions& options, const SequenceRule& rule,
                            const FastWeights& initial, const SequenceTokens& tokens) {
    const std::int64_t all = (tokens.length() + rule.chunk - 1) / rule.chunk;
    if (options.segment_chunks > 0) {
        return std::min(options.segment_chunks, all);
    }
    const std::int64_t d_phi = initial.w1.size(1);
    const std::int64_t d_out = initial.w1.size(2);
    // Features, gates and values of the tokens of a chunk; gradient, buffer, state and Newton-Schulz
    // matrices.
    const std::int64_t numbers =
        initial.w1.size(0) * (rule.chunk * (5 * d_phi + 3 * d_out) + 9 * d_phi * d_out);
    const std::int64_t bytes = numbers * (initial.w1.scalar_type() == at::kDouble ? 8 : 4);
    const std::int64_t by_device = tokens.q.is_cpu() ? cpu_workspace_bytes : gpu_workspace_bytes;
    const std::int64_t room = options.workspace_bytes > 0 ? options.workspace_bytes : by_device;
    return std::clamp<std::int64_t>(room / bytes, 1, all);
}

at::Tensor chunk_momentum(const SequenceRule& rule, const SequenceTokens& tokens) {
    const std::int64_t chunks = (tokens.length() + rule.chunk - 1) / rule.chunk;
    return rule.rule.momentum ? chunk_means(tokens.momentum, rule.chunk)
                              : at::zeros({tokens.q.size(0), chunks}, tokens.q.options());
}

Result<at::Tensor> run_parallel(const SequenceRule& rule, const FastWeights& initial,
                                const SequenceTokens& tokens, const ParallelOptions& options,
                                std::vector<at::Tensor>* states) {
    LACT_CHECK(check_parallel(rule, initial, tokens));
    const std::int64_t at_once = segment_chunks(options, rule, initial, tokens) * rule.chunk;
    Carry carry{initial.w1, {}};
    std::vector<at::Tensor> outputs;
    for (std::int64_t first = 0; first < tokens.length(); first += at_once) {
        const std::int64_t count = std::min(at_once, tokens.length() - first);
        const bool last = first + count == tokens.length();
        const bool write_last = !last || rule.order == ChunkOrder::update_apply || states != nullptr;
        outputs.push_back(
            run_segment(rule, initial, tokens_of(tokens, {first, count}), write_last, carry, states));
    }
    return outputs.size() == 1 ? outputs.front() : at::cat(outputs, 1);
}

Result<at::Tensor> run_masked(const SequenceRule& rule, const FastWeights& initial,
                              const SequenceTokens& tokens) {
    LACT_CHECK(check_parallel(rule, initial, tokens));
    if (rule.rule.orthogonalize) {
        return fail("masked product",
                    "Muon acts on the whole momentum buffer: no pair of chunks has a coefficient",
                    "Switch Muon off, or use the scan.");
    }
    at::Tensor c = chunk_coefficients(chunk_momentum(rule, tokens));
    if (rule.order == ChunkOrder::apply_update) {  // Chunk t reads the state after chunk t - 1.
        c = at::cat({at::zeros_like(c.slice(1, 0, 1)), c.slice(1, 0, c.size(1) - 1)}, 1);
    }
    const at::Tensor chunk_of_token =
        at::arange(tokens.length(), tokens.q.options().dtype(at::kLong)).floor_divide(rule.chunk);
    const at::Tensor mask = c.index_select(1, chunk_of_token).index_select(2, chunk_of_token);
    const auto& x = rule.rule.read_with == ReadWith::key ? tokens.write.k : tokens.q;
    const at::Tensor phi_q = feature_map(rule.rule.kernel, initial, x);
    const at::Tensor phi_k = feature_map(rule.rule.kernel, initial, tokens.write.k);
    const at::Tensor v_hat = form_values(rule.rule, initial, tokens.write, phi_k);
    return at::matmul(phi_q, initial.w1) + at::matmul(at::matmul(phi_q, phi_k.mT()) * mask, v_hat);
}

at::Tensor momentum_products(const at::Tensor& alpha) {
    const auto chunks = alpha.size(1);
    // Row j, column i holds alpha_j where j > i and 1 elsewhere; products down the columns are beta_i^j.
    const at::Tensor below = at::ones({chunks, chunks}, alpha.options().dtype(at::kBool)).tril(-1);
    const at::Tensor factors = at::where(below, alpha.unsqueeze(2), at::ones({}, alpha.options()));
    return factors.cumprod(1).tril();
}

at::Tensor chunk_coefficients(const at::Tensor& alpha) {
    return momentum_products(alpha).cumsum(1);
}

}  // namespace lact
