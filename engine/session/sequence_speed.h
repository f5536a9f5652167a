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

/// What the speed of a TTT layer over sequences is measured on: the operation alone, without projections.
struct SequenceWorkload {
    std::int64_t heads = 4;
    std::int64_t d = 64;  ///< Width of a head, in, hidden and out.
    std::int64_t chunk = 512;
    std::vector<std::int64_t> lengths = {4096, 16384, 65536, 262144};  ///< Tokens.
    std::vector<int> rows = {0, 1, 2, 3, 4, 5, 6};                     ///< Of table 2.
    ComputeOptions compute{"cpu", Precision::fp32, 0};  ///< Threads below 0: as many as are set.
    NsPrecision ns = NsPrecision::bf16;                 ///< As released.
    std::int64_t segment = 0;  ///< Chunks that the parallel form takes at once; 0: by the device.
    int repeats = 5;           ///< Timed pairs of runs, after one that is not.
    /// Time the processor's time of the program in place of the clock's: with one thread on a machine that
    /// others use, what a quiet one would take. Not for GPUs.
    bool processor_time = false;
    double seconds = 20;  ///< No further pair once those of one row and length took so long.
};
/// The setting of arXiv 2602.21204: width 1536, 4 heads of 384, chunks of 2048.
[[nodiscard]] SequenceWorkload paper_sequence_workload();

/// One row and length. Times are medians over runs; recurrent and parallel take turns.
struct SequenceSpeed {
    int row = 0;
    std::int64_t length = 0;
    int pairs = 0;  ///< How many runs of each were timed.
    double recurrent_ms = 0;
    std::optional<double> parallel_ms;  ///< None where the rule has no parallel form.
    std::optional<double> ratio;        ///< Median over pairs of recurrent / parallel time.
    /// Largest difference of both outputs, of the largest output; measured at the shortest length.
    std::optional<double> difference;
    std::string device;

    [[nodiscard]] double recurrent_rate() const {
        return 1000.0 * static_cast<double>(length) / recurrent_ms;
    }
    [[nodiscard]] std::optional<double> parallel_rate() const {
        return parallel_ms ? std::optional(1000.0 * static_cast<double>(length) / *parallel_ms)
                           : std::nullopt;
    }
};

/// Times the recurrence (one chunk after the other, heads in one batch, Newton-Schulz for each chunk) and the
/// parallel form on random tokens, lengths in the order given, in each all rows. Stops between runs when
/// asked to. Errors: sizes below 1, a row that is not one, a device that is not there, out of memory.
[[nodiscard]] Result<std::vector<SequenceSpeed>> measure_sequence_speed(const SequenceWorkload& work,
                                                                        const Job& job = {});

}  // namespace lact
