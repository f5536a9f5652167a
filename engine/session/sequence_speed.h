#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/session/session.h"
#include "engine/ttt/sequence_rule.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace lact {

/// Workload of a speed measurement of a TTT layer over sequences, without projections.
struct SequenceWorkload {
    std::int64_t heads = 4;
    std::int64_t d = 64;  ///< Width of a head, in, hidden and out.
    std::int64_t chunk = 512;
    std::vector<std::int64_t> lengths = {4096, 16384, 65536, 262144};  ///< Tokens.
    std::vector<int> rows = {0, 1, 2, 3, 4, 5, 6};                     ///< Of arXiv 2602.21204, table 2.
    ComputeOptions compute{"cpu", Precision::fp32, 0};  ///< Threads below 0: the current number.
    NsPrecision ns = NsPrecision::bf16;                 ///< As released.
    std::int64_t segment = 0;  ///< Chunks of a segment of the parallel form; 0: by the device.
    int repeats = 5;           ///< Timed pairs of runs.
    /// Times the forward pass and the gradients of all weights and tokens, as training needs them.
    bool backward = false;
    /// Measures the CPU time of the process in place of wall time: with one thread it is independent of other
    /// load on the machine. CPU only.
    bool processor_time = false;
    double seconds = 20;  ///< No further pair of one row and length after this time.
};
/// The setting of arXiv 2602.21204: width 1536, 4 heads of 384, chunks of 2048.
[[nodiscard]] SequenceWorkload paper_sequence_workload();

/// Result of one row and length. Times are medians over runs; recurrence and parallel form alternate.
struct SequenceSpeed {
    int row = 0;
    std::int64_t length = 0;
    int pairs = 0;  ///< Timed runs of each.
    double recurrent_ms = 0;
    std::optional<double> parallel_ms;  ///< Empty where the rule has no parallel form.
    std::optional<double> ratio;        ///< Median over pairs of recurrent / parallel time.
    /// Largest difference of the outputs relative to the largest output; measured at the shortest length.
    std::optional<double> difference;
    /// The same of the gradients of the values; only with `backward`, and where a chunk is written.
    std::optional<double> gradient_difference;
    std::string device;

    [[nodiscard]] double recurrent_rate() const {
        return 1000.0 * static_cast<double>(length) / recurrent_ms;
    }
    [[nodiscard]] std::optional<double> parallel_rate() const {
        return parallel_ms ? std::optional(1000.0 * static_cast<double>(length) / *parallel_ms)
                           : std::nullopt;
    }
};

/// Times the recurrence (chunk by chunk, heads in one batch, Newton-Schulz for each chunk) and the parallel
/// form on random tokens, for each length all rows. Errors: sizes below 1, an unknown row, no such device,
/// out of memory; the job was stopped, which is checked between runs.
[[nodiscard]] Result<std::vector<SequenceSpeed>> measure_sequence_speed(const SequenceWorkload& work,
                                                                        const Job& job = {});

}  // namespace lact
