#include "engine/session/sequence_speed.h"

#include "engine/core/counted.h"
#include "engine/linear/parallel.h"
#include "engine/model/device.h"
#include "engine/session/timing.h"
#include "engine/ttt/sequence_layer.h"

#include <algorithm>
#include <chrono>
#include <exception>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/InferenceMode.h>
#include <fmt/format.h>

namespace lact {
namespace {

using Clock = std::chrono::steady_clock;

Result<void> check(const SequenceWorkload& work) {
    if (work.heads < 1 || work.d < 1 || work.chunk < 1 || work.repeats < 1 || work.segment < 0) {
        return fail("workload", fmt::format("{} of width {}, chunks of {}, {}: all must be at least 1",
                                            counted(work.heads, "head"), work.d, work.chunk,
                                            counted(work.repeats, "repeat")));
    }
    if (work.lengths.empty() || std::ranges::min(work.lengths) < 1) {
        return fail("lengths", "every length must be at least 1 token, and there must be one");
    }
    return {};
}

/// The tensors that gradients are taken of.
std::vector<at::Tensor> leaves_of(const RandomSequence& sequence) {
    const auto& [q, write, momentum] = sequence.tokens;
    return {sequence.initial.w0,
            sequence.initial.w1,
            sequence.initial.w2,
            sequence.linear_initial.w1,
            q,
            write.k,
            write.v,
            write.lr0,
            write.lr1,
            write.lr2,
            momentum};
}

/// Runs a form; with `backward` also its backward pass, whose gradients go to `leaves`.
template <class Form>
Result<at::Tensor> run_passes(const Form& form, const std::vector<at::Tensor>& leaves, bool backward) {
    for (const at::Tensor& leaf : leaves) {
        leaf.mutable_grad() = at::Tensor();
    }
    LACT_TRY(const at::Tensor o, form());
    if (backward) {
        o.backward(at::ones_like(o));
    }
    return o.detach();
}

/// Milliseconds of one complete run; its output goes to `o`.
template <class Run>
Result<double> timed(const Run& run, at::Tensor& o, bool processor_time) {
    o = at::Tensor();  // Frees the memory before the next run.
    const double began = clock_milliseconds(processor_time);
    LACT_TRY(o, run());
    (void)o.flatten()[0].item<float>();  // Waits for a GPU.
    return clock_milliseconds(processor_time) - began;
}

double difference(const at::Tensor& a, const at::Tensor& b) {
    const at::Tensor wide = a.to(at::kFloat);
    return ((wide - b.to(at::kFloat)).abs().max() / wide.abs().max()).item<double>();
}

Result<SequenceSpeed> measure(const SequenceWorkload& work, int row, const RandomSequence& sequence,
                              bool compare, const Job& job) {
    LACT_TRY(SequenceRule rule, table2_rule(row));
    rule.chunk = work.chunk;
    rule.rule.ns_precision = work.ns;
    const FastWeights& initial = sequence.initial_of(rule.rule);
    const auto leaves = work.backward ? leaves_of(sequence) : std::vector<at::Tensor>{};
    const auto recurrent = [&] {
        return run_passes([&] { return run_sequence(rule, initial, sequence.tokens); }, leaves,
                          work.backward);
    };
    const auto parallel = [&] {
        return run_passes([&] { return run_parallel(rule, initial, sequence.tokens, {work.segment}); },
                          leaves, work.backward);
    };
    const bool both = no_parallel_form_because(rule.rule).empty();
    SequenceSpeed result;
    result.row = row;
    result.length = sequence.tokens.length();
    at::Tensor o;
    if (compare) {
        LACT_TRY(const at::Tensor expected, recurrent());
        const at::Tensor gradient = work.backward ? sequence.tokens.write.v.grad() : at::Tensor();
        if (both) {
            LACT_TRY(o, parallel());
            result.difference = difference(expected, o);
            // Nothing writes where the only chunk reads before its update.
            if (gradient.defined() && sequence.tokens.write.v.grad().defined()) {
                result.gradient_difference = difference(gradient, sequence.tokens.write.v.grad());
            }
        }
    }
    std::vector<double> recurrent_ms;
    std::vector<double> parallel_ms;
    std::vector<double> ratios;
    const auto began = Clock::now();
    for (int i = 0; i < work.repeats; ++i) {
        if (i > 0 && std::chrono::duration<double>(Clock::now() - began).count() > work.seconds) {
            break;
        }
        if (job.stopped()) {
            return cancelled();
        }
        LACT_TRY(const double first, timed(recurrent, o, work.processor_time));
        recurrent_ms.push_back(first);
        if (both) {
            LACT_TRY(const double second, timed(parallel, o, work.processor_time));
            parallel_ms.push_back(second);
            ratios.push_back(first / second);
        }
    }
    result.pairs = static_cast<int>(recurrent_ms.size());
    result.recurrent_ms = median_of_times(recurrent_ms);
    if (both) {
        result.parallel_ms = median_of_times(parallel_ms);
        result.ratio = median_of_times(ratios);
    }
    return result;
}

/// Restores the number of threads at the end of its lifetime.
class RestoreThreads {
  public:
    RestoreThreads() = default;
    RestoreThreads(const RestoreThreads&) = delete;
    RestoreThreads& operator=(const RestoreThreads&) = delete;
    ~RestoreThreads() { at::set_num_threads(threads_); }

  private:
    int threads_ = at::get_num_threads();
};

Result<std::vector<SequenceSpeed>> measure_all(const SequenceWorkload& work, const Job& job) {
    LACT_CHECK(check(work));
    LACT_TRY(const at::Device device, select_device(work.compute.device));
    if (work.processor_time && !device.is_cpu()) {
        return fail("clock", "CPU time does not measure a GPU", "Use --clock wall.");
    }
    const RestoreThreads restore;
    if (work.compute.threads >= 0) {
        use_reference_arithmetic(work.compute.threads);
    }
    const c10::InferenceMode inference(!work.backward);
    const auto type = work.compute.precision == Precision::bf16 ? at::kBFloat16 : at::kFloat;
    const auto tokens_of = [&](std::int64_t length) {
        return random_sequence({work.heads, length, work.d, work.d}, 1, 0.5, type, device);
    };
    std::vector<SequenceSpeed> results;
    const std::size_t all = work.lengths.size() * work.rows.size();
    const std::int64_t shortest = std::ranges::min(work.lengths);
    for (const std::int64_t length : work.lengths) {
        const RandomSequence sequence = tokens_of(length);
        for (const at::Tensor& leaf : work.backward ? leaves_of(sequence) : std::vector<at::Tensor>{}) {
            leaf.set_requires_grad(true);
        }
        for (const int row : work.rows) {
            job.progress(fmt::format("{}, {}", table2_name(row), counted(length, "token")),
                         static_cast<double>(results.size()) / static_cast<double>(all));
            LACT_TRY(SequenceSpeed one, measure(work, row, sequence, length == shortest, job));
            one.device = describe_device(device);
            results.push_back(std::move(one));
        }
    }
    return results;
}

}  // namespace

SequenceWorkload paper_sequence_workload() {
    SequenceWorkload work;
    work.d = 384;
    work.chunk = 2048;
    return work;
}

Result<std::vector<SequenceSpeed>> measure_sequence_speed(const SequenceWorkload& work, const Job& job) {
    try {
        return measure_all(work, job);
    } catch (const std::exception& problem) {
        const std::string_view text = problem.what();
        return fail("sequence", fmt::format("Torch failed: {}", text.substr(0, text.find('\n'))),
                    "Shorter lengths need less memory.");
    }
}

}  // namespace lact
