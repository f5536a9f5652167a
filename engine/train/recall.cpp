#include "engine/train/recall.h"

#include "engine/train/keyed_random.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

namespace lact {
namespace {

constexpr std::int64_t pair_kind = 0;
constexpr std::int64_t noise_kind = 1;
constexpr std::int64_t question_kind = 2;
constexpr std::int64_t kinds = 3;
constexpr std::int64_t no_answer = -1;
constexpr std::uint64_t held_out_batches = 1'000'000'000;  ///< Training uses the batches below.
constexpr double recall_norm_eps = 1e-5;
constexpr double initial_rate = 0.1;  ///< Of every token, before training.
constexpr double initial_momentum = 0.5;

/// The first `count` of a random order of 0 … size - 1.
std::vector<std::int64_t> some_of(std::int64_t size, std::int64_t count, KeyedRandom& random) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(size));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        std::swap(order[i], order[i + random.below(order.size() - i)]);
    }
    order.resize(static_cast<std::size_t>(count));
    return order;
}

struct RecallRow {
    std::int64_t* key;
    std::int64_t* value;
    std::int64_t* kind;
    std::int64_t* answer;
};

void write_row(const RecallTask& task, KeyedRandom& random, const RecallRow& row) {
    const int pairs = task.length / 4;
    const int half = task.length / 2;
    const auto keys = some_of(task.keys, pairs, random);
    const auto places = some_of(half, half, random);
    const auto any_value = [&] {
        return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(task.values)));
    };
    std::vector<std::int64_t> values;
    for (int i = 0; i < half; ++i) {
        const std::int64_t at = places[static_cast<std::size_t>(i)];
        const bool pair = i < pairs;
        row.key[at] = pair ? keys[static_cast<std::size_t>(i)] : task.keys;
        row.value[at] = any_value();
        row.kind[at] = pair ? pair_kind : noise_kind;
        row.answer[at] = no_answer;
        if (pair) {
            values.push_back(row.value[at]);
        }
    }
    for (int at = half; at < task.length; ++at) {
        const auto asked = static_cast<std::size_t>(random.below(static_cast<std::uint64_t>(pairs)));
        row.key[at] = keys[asked];
        row.value[at] = task.values;
        row.kind[at] = question_kind;
        row.answer[at] = values[asked];
    }
}

double inverse_softplus(double y) {
    return std::log(std::expm1(y));
}

at::Tensor unit_rows(const at::Tensor& x) {
    return x / (x.norm(2, {-1}, /*keepdim=*/true) + recall_norm_eps);
}

at::Tensor rms(const at::Tensor& x, const at::Tensor& gain) {
    return x * (x.square().mean({-1}, /*keepdim=*/true) + recall_norm_eps).rsqrt() * gain;
}

/// Each chunk `times` times in a row, so that the next chunk reads after as many updates on it.
SequenceTokens with_repeated_chunks(const SequenceTokens& tokens, std::int64_t chunk, int times) {
    const auto repeated = [&](const at::Tensor& x) {
        if (!x.defined()) {
            return x;
        }
        std::vector<at::Tensor> parts;
        for (const at::Tensor& part : x.split(chunk, 1)) {
            parts.insert(parts.end(), static_cast<std::size_t>(times), part);
        }
        return at::cat(parts, 1);
    };
    const auto& [k, v, lr0, lr1, lr2, weight] = tokens.write;
    return {repeated(tokens.q),
            {repeated(k), repeated(v), repeated(lr0), repeated(lr1), repeated(lr2), repeated(weight)},
            repeated(tokens.momentum)};
}

/// The outputs of the first time of each chunk, before any update on it.
at::Tensor first_of_repeated(const at::Tensor& x, std::int64_t chunk, int times) {
    std::vector<at::Tensor> parts;
    for (std::int64_t from = 0; from < x.size(1); from += chunk * times) {
        parts.push_back(x.slice(1, from, from + chunk));
    }
    return at::cat(parts, 1);
}

}  // namespace

RecallBatch recall_batch(const RecallTask& task, int batch, std::uint64_t seed, std::uint64_t index) {
    const auto empty = [&] { return at::empty({batch, task.length}, at::kLong); };
    RecallBatch result{empty(), empty(), empty(), empty()};
    for (int i = 0; i < batch; ++i) {
        KeyedRandom random{seed, index, static_cast<std::uint64_t>(i),
                           static_cast<std::uint64_t>(task.length)};
        const auto row = [&](const at::Tensor& x) { return x[i].data_ptr<std::int64_t>(); };
        write_row(task, random, {row(result.key), row(result.value), row(result.kind), row(result.answer)});
    }
    return result;
}

Result<void> check_recall(const RecallOptions& options) {
    const RecallTask& task = options.task;
    if (task.length < 4 || task.length % 4 != 0 || task.length / 4 > task.keys || task.values < 2) {
        return fail(
            "recall",
            fmt::format("{} tokens, {} keys, {} values do not fit", task.length, task.keys, task.values),
            "The length is a multiple of 4 with at most 4 tokens for each key; at least 2 values.");
    }
    if (options.rule.chunk < 1 || task.length / 2 % options.rule.chunk != 0) {
        return fail("recall",
                    fmt::format("the chunk {} does not divide half of the length {}", options.rule.chunk,
                                task.length),
                    "Choose a chunk that divides it.");
    }
    if (options.heads < 1 || options.width < 1 || options.width % options.heads != 0 || options.batch < 1 ||
        options.steps < 1) {
        return fail("recall",
                    fmt::format("batch {}, steps {}, width {}, heads {} do not fit", options.batch,
                                options.steps, options.width, options.heads),
                    "All are at least 1, and the heads divide the width.");
    }
    return check_sequence_rule(options.rule);
}

RecallTraining::RecallTraining(const RecallOptions& options) : options_(options) {
    const std::int64_t d = options.width;
    const std::int64_t h = options.heads;
    const std::int64_t head = d / h;
    auto generator = at::detail::createCPUGenerator(options.seed);
    const auto keep = [this](const char* name, const at::Tensor& value) {
        const at::Tensor leaf = value.detach().clone().requires_grad_(true);
        parameters_.push_back({name, leaf});
        return leaf;
    };
    const auto normal = [&](const char* name, at::IntArrayRef shape, double deviation) {
        return keep(name, at::normal(0.0, deviation, shape, generator));
    };
    const double projection = 1 / std::sqrt(static_cast<double>(d));
    const double fast = 1 / std::sqrt(static_cast<double>(head));
    embed_key_ = normal("embed_key", {options.task.keys + 1, d}, 1);
    embed_value_ = normal("embed_value", {options.task.values + 1, d}, 1);
    embed_kind_ = normal("embed_kind", {kinds, d}, 1);
    norm_ = keep("norm", at::ones({d}));
    to_qkv_ = normal("to_qkv", {3 * d, d}, projection);
    to_rates_ = normal("to_rates", {4 * h, d}, projection / 10);
    const double momentum = std::log(initial_momentum / (1 - initial_momentum));
    rates_bias_ = keep("rates_bias",
                       at::cat({at::full({3 * h}, inverse_softplus(initial_rate)), at::full({h}, momentum)}));
    w0_ = normal("w0", {h, head, head}, fast);
    const bool identity = options.rule.rule.kernel == Kernel::identity;
    w1_ = normal("w1", {h, head, head}, fast);
    w2_ = normal("w2", {h, head, head}, fast);
    if (identity) {
        // A linear layer has no W0 and W2; the names stay free of parameters that nothing reads.
        std::erase_if(parameters_, [](const Parameter& one) { return one.name == "w0" || one.name == "w2"; });
    }
    o_norm_ = keep("o_norm", at::ones({head}));
    c_proj_ = normal("c_proj", {d, d}, projection);
    output_norm_ = keep("output_norm", at::ones({d}));
    output_ = normal("output", {options.task.values, d}, projection);
    OptimizerOptions adamw;
    adamw.kind = OptimizerKind::adamw;
    adamw.weight_decay = 0;
    adamw.ema_decay = 0;
    optimizer_ = std::make_unique<Optimizer>(parameters_, adamw);
}

at::Tensor RecallTraining::logits(const RecallBatch& batch, int inner_steps) const {
    const std::int64_t size = batch.key.size(0);
    const std::int64_t length = batch.key.size(1);
    const std::int64_t h = options_.heads;
    const at::Tensor x = at::embedding(embed_key_, batch.key) + at::embedding(embed_value_, batch.value) +
                         at::embedding(embed_kind_, batch.kind);
    const at::Tensor y = rms(x, norm_);
    // [size * heads, length, -1]
    const auto to_heads = [&](const at::Tensor& all) {
        return all.view({size, length, h, -1}).transpose(1, 2).reshape({size * h, length, -1});
    };
    const auto qkv = at::linear(y, to_qkv_).chunk(3, -1);
    const auto rates = at::linear(y, to_rates_, rates_bias_).chunk(4, -1);
    const auto rate = [&](std::size_t i) { return to_heads(at::softplus(rates[i])); };
    SequenceTokens tokens{
        unit_rows(at::silu(to_heads(qkv[0]))),
        {unit_rows(at::silu(to_heads(qkv[1]))), at::silu(to_heads(qkv[2])), rate(0), rate(1), rate(2), {}},
        at::sigmoid(to_heads(rates[3]))};
    const auto each = [&](const at::Tensor& w) { return w.repeat({size, 1, 1}); };
    const bool identity = options_.rule.rule.kernel == Kernel::identity;
    const FastWeights initial =
        identity ? FastWeights{{}, each(w1_), {}} : FastWeights{each(w0_), each(w1_), each(w2_)};
    const std::int64_t chunk = options_.rule.chunk;
    if (inner_steps > 1) {
        tokens = with_repeated_chunks(tokens, chunk, inner_steps);
    }
    auto read = run_sequence(options_.rule, initial, tokens);
    at::Tensor o = *read;  // check_recall() has checked what can fail.
    if (inner_steps > 1) {
        o = first_of_repeated(o, chunk, inner_steps);
    }
    o = rms(o, o_norm_).view({size, h, length, -1}).transpose(1, 2).reshape({size, length, -1});
    return at::linear(rms(x + at::linear(o, c_proj_), output_norm_), output_);
}

double RecallTraining::step() {
    const RecallBatch batch =
        recall_batch(options_.task, options_.batch, options_.seed, static_cast<std::uint64_t>(steps_done_));
    const at::Tensor loss = at::cross_entropy_loss(logits(batch).flatten(0, 1), batch.answer.flatten(), {},
                                                   at::Reduction::Mean, no_answer);
    loss.backward();
    const double left = 1 - static_cast<double>(steps_done_) / options_.steps;
    optimizer_->step(options_.learning_rate * left);
    ++steps_done_;
    return loss.item<double>();
}

RecallScore RecallTraining::evaluate(int length, int inner_steps, int batches) const {
    const at::NoGradGuard no_grad;
    RecallTask task = options_.task;
    task.length = length;
    RecallScore sum;
    for (int i = 0; i < batches; ++i) {
        const RecallBatch batch = recall_batch(task, options_.batch, options_.seed,
                                               held_out_batches + static_cast<std::uint64_t>(i));
        const at::Tensor answer = batch.answer.flatten();
        const at::Tensor all = logits(batch, inner_steps).flatten(0, 1);
        sum.loss += at::cross_entropy_loss(all, answer, {}, at::Reduction::Mean, no_answer).item<double>();
        const at::Tensor asked = answer != no_answer;
        const at::Tensor right = (all.argmax(-1) == answer).logical_and(asked);
        sum.accuracy += right.sum().item<double>() / asked.sum().item<double>();
    }
    return {sum.loss / batches, sum.accuracy / batches};
}

}  // namespace lact
