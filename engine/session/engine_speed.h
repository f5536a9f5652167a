#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/model/operations.h"
#include "engine/session/session.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace lact {

/// What is timed, and how often.
struct EngineWorkload {
    std::size_t inputs = 8;
    Size size{64, 64};
    std::size_t batch = 1;  ///< Views that are rendered at once.
    int repeats = 20;
    double seconds = 60;  ///< No repeat begins after this time; at least three are made.
    /// Measures the processor time of the process in place of wall time: with one thread it is independent of
    /// other load on the machine. CPU only.
    bool processor_time = false;
};

/// Times of one kind of work, after one run that is not counted.
struct WorkTimes {
    std::vector<double> milliseconds;  ///< In the order of the runs.
    double operations = 0;             ///< Of one run (engine/model/operations.h).

    [[nodiscard]] double median() const;
    [[nodiscard]] double p95() const;  ///< The 95th percentile; with less than 20 runs the largest.
    /// Operations a second of the median run, in units of 1e9.
    [[nodiscard]] double gflops() const { return operations / median() / 1e6; }
};

/// Rendering `batch` views from a state, per view.
[[nodiscard]] Result<WorkTimes> time_rendering(std::shared_ptr<const Model> model, const UpdateRule& rule,
                                               const EngineWorkload& work, const Job& job = {});
/// Writing the input views into the state.
[[nodiscard]] Result<WorkTimes> time_set_up(std::shared_ptr<const Model> model, const UpdateRule& rule,
                                            const EngineWorkload& work, const Job& job = {});
/// From a switch of the rule to the first view: set-up and rendering, `rule` and `other` in turns.
[[nodiscard]] Result<WorkTimes> time_switch(std::shared_ptr<const Model> model, const UpdateRule& rule,
                                            const UpdateRule& other, const EngineWorkload& work,
                                            const Job& job = {});
/// From a weight file, whose pages the system may hold, to the first view: loading, set-up with `rule`,
/// rendering. Errors: those of loading; a workload out of range.
[[nodiscard]] Result<WorkTimes> time_start(const std::filesystem::path& weights,
                                           const ComputeOptions& compute, const UpdateRule& rule,
                                           const EngineWorkload& work, const Job& job = {});

/// The rate of products of two square matrices on the model's device in its precision, in 1e9 operations a
/// second: the median of several, so large that a launch costs nothing.
[[nodiscard]] Result<double> matrix_product_rate(const Model& model, const EngineWorkload& work);

/// Memory that the process has taken at its peak, in bytes.
struct PeakMemory {
    std::size_t main = 0;               ///< Resident; 0 where the system does not say.
    std::optional<std::size_t> device;  ///< Allocated on the GPU; none on the CPU.
};
[[nodiscard]] PeakMemory peak_memory(const Model& model);

}  // namespace lact
