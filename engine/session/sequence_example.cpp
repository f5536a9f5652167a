#include "engine/session/sequence_example.h"

#include "engine/linear/equivalence.h"
#include "engine/linear/parallel.h"
#include "engine/linear/sequence_form.h"
#include "engine/ttt/sequence_layer.h"

#include <exception>

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

namespace lact {
namespace {

constexpr std::int64_t most_tokens = 4096;
constexpr int most_heads = 64;
constexpr int widest = 256;

Result<void> check(const SequenceExampleOptions& options) {
    const auto within = [](const char* what, double value, double lowest, double highest) -> Result<void> {
        if (!(value >= lowest && value <= highest)) {
            return fail(what, fmt::format("{:g} is not between {:g} and {:g}", value, lowest, highest));
        }
        return {};
    };
    LACT_CHECK(within("tokens", static_cast<double>(options.tokens), 1, most_tokens));
    LACT_CHECK(within("chunk", static_cast<double>(options.chunk), 1, most_tokens));
    LACT_CHECK(within("heads", options.heads, 1, most_heads));
    LACT_CHECK(within("width", options.d, 1, widest));
    LACT_CHECK(within("head", options.head, 0, options.heads - 1));
    return within("momentum", options.momentum, 1e-6, 1 - 1e-6);
}

Matrix to_matrix(const at::Tensor& x) {
    const at::Tensor values = x.to(at::kCPU, at::kFloat).contiguous();
    const auto* first = values.const_data_ptr<float>();
    Matrix matrix;
    matrix.rows = static_cast<int>(values.size(0));
    matrix.columns = static_cast<int>(values.size(1));
    matrix.values.assign(first, first + values.numel());
    return matrix;
}

double frobenius(const at::Tensor& x) {
    return x.norm().item<double>();
}

std::vector<SequenceChunk> describe(const SequenceRule& rule, const RandomSequence& sequence,
                                    const SequenceTrace& trace, const at::Tensor& alpha, int head) {
    const auto spans = chunks_of(sequence.tokens.length(), rule.chunk);
    std::vector<SequenceChunk> chunks;
    at::Tensor before = sequence.initial_of(rule.rule).w1[head];
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const at::Tensor after = trace.states[i].w1[head];
        chunks.push_back({spans[i].first, spans[i].count,
                          alpha[head][static_cast<std::int64_t>(i)].item<double>(),
                          frobenius(trace.buffers[i].w1[head]), frobenius(after), frobenius(after - before),
                          rule.order == ChunkOrder::update_apply || i + 1 < spans.size()});
        before = after;
    }
    return chunks;
}

/// Why no chunk has a coefficient for a reading chunk; empty where each has one.
std::string no_coefficients_because(const UpdateRule& rule) {
    const std::string no_parallel = no_parallel_form_because(rule);
    return !no_parallel.empty() ? "the rule has no parallel form: " + no_parallel
           : rule.orthogonalize
               ? "Muon orthogonalises each momentum buffer, which is no weighted sum of chunks any more"
               : std::string();
}

/// The same values in fp64.
FastWeights wide(const FastWeights& weights) {
    const auto one = [](const at::Tensor& x) { return x.defined() ? x.to(at::kDouble) : x; };
    return {one(weights.w0), one(weights.w1), one(weights.w2)};
}

SequenceTokens wide(const SequenceTokens& tokens) {
    const auto one = [](const at::Tensor& x) { return x.defined() ? x.to(at::kDouble) : x; };
    const auto& [k, v, lr0, lr1, lr2, weight] = tokens.write;
    return {one(tokens.q), {one(k), one(v), one(lr0), one(lr1), one(lr2), one(weight)}, one(tokens.momentum)};
}

/// SequenceExample::difference_fp64.
Result<std::optional<double>> judge(const SequenceRule& rule, const RandomSequence& sequence) {
    const FastWeights initial = wide(sequence.initial_of(rule.rule));
    const SequenceTokens tokens = wide(sequence.tokens);
    if (!no_parallel_form_because(rule.rule).empty()) {
        return compare_chunk_by_chunk(rule, initial, tokens);
    }
    LACT_TRY(const at::Tensor o, run_sequence(rule, initial, tokens));
    LACT_TRY(const at::Tensor other, run_parallel(rule, initial, tokens, {2}));
    return std::optional(((o - other).abs().max() / o.abs().max()).item<double>());
}

/// Outputs of the parallel form, or of the linear-attention form where the rule has no parallel one.
Result<at::Tensor> second_form(const SequenceRule& rule, const RandomSequence& sequence,
                               SequenceExample& result) {
    const FastWeights& initial = sequence.initial_of(rule.rule);
    result.no_parallel_because = no_parallel_form_because(rule.rule);
    if (result.no_parallel_because.empty()) {
        result.other_name = "parallel form";
        return run_parallel(rule, initial, sequence.tokens, {2});
    }
    result.other_name = "linear-attention equivalent";
    return read_attention(sequence_form_of(rule, initial, sequence.tokens), sequence.tokens.q);
}

Result<SequenceExample> make(const SequenceExampleOptions& options, const Job& job) {
    LACT_CHECK(check(options));
    LACT_TRY(SequenceRule rule, table2_rule(options.row));
    rule.chunk = options.chunk;
    rule.rule.ns_precision = NsPrecision::fp32;
    rule.rule.orthogonalize = rule.rule.orthogonalize && options.muon;
    rule.order = options.update_first ? ChunkOrder::update_apply : ChunkOrder::apply_update;
    const c10::InferenceMode inference;
    const RandomSequence sequence = random_sequence({options.heads, options.tokens, options.d, options.d},
                                                    options.seed, options.momentum, at::kFloat, at::kCPU);
    SequenceExample result;
    result.options = options;
    result.rule = format(rule.rule);
    SequenceTrace trace;
    LACT_TRY(const at::Tensor o, run_sequence(rule, sequence.initial_of(rule.rule), sequence.tokens, &trace));
    if (job.stopped()) {
        return cancelled();
    }
    LACT_TRY(const at::Tensor other, second_form(rule, sequence, result));
    const at::Tensor alpha = chunk_momentum(rule, sequence.tokens);
    result.chunks = describe(rule, sequence, trace, alpha, options.head);
    result.no_coefficients_because = no_coefficients_because(rule.rule);
    if (result.no_coefficients_because.empty()) {
        at::Tensor c = chunk_coefficients(alpha)[options.head];
        if (!options.update_first) {
            c = at::cat({at::zeros_like(c.slice(0, 0, 1)), c.slice(0, 0, c.size(0) - 1)}, 0);
        }
        result.coefficients = to_matrix(c);
    }
    result.momentum = to_matrix(momentum_products(alpha)[options.head]);
    result.recurrent = to_matrix(o[options.head]);
    result.other = to_matrix(other[options.head]);
    result.difference = to_matrix((o - other)[options.head]);
    result.largest_difference = ((o - other).abs().max() / o.abs().max()).item<double>();
    if (job.stopped()) {
        return cancelled();
    }
    LACT_TRY(result.difference_fp64, judge(rule, sequence));
    result.equal = !result.difference_fp64 || *result.difference_fp64 <= equivalence_limit;
    return result;
}

}  // namespace

Result<SequenceExample> sequence_example(const SequenceExampleOptions& options, const Job& job) {
    try {
        return make(options, job);
    } catch (const std::exception& problem) {
        const std::string_view text = problem.what();
        return fail("sequence", fmt::format("Torch failed: {}", text.substr(0, text.find('\n'))));
    }
}

}  // namespace lact
