#pragma once

#include "engine/train/trainable_network.h"
#include "engine/train/training_loss.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

namespace lact {

/// Computes the gradients of a step on parts of its batch at the same time: every worker runs the forward and
/// the backward pass of some scenes on a thread of its own, and the gradients of the workers are added in
/// their order. On a CPU two workers of one thread take less time than one worker of two threads, which wait
/// for each other in every operation; and with one thread each the sums do not depend on timing.
class DataParallel {
  public:
    /// `workers` (at least 1) that share `threads` CPU threads; at least one each. With one worker the
    /// calling thread computes, with the threads it has.
    DataParallel(std::vector<Parameter> parameters, int workers, int threads);
    ~DataParallel();
    DataParallel(const DataParallel&) = delete;
    DataParallel& operator=(const DataParallel&) = delete;

    /// The loss of the scenes [first, last) of a batch, on the graph of the parameters. `total` and `mse` of
    /// all parts add up to those of the batch.
    using LossOfScenes = std::function<TrainingLoss(std::int64_t first, std::int64_t last)>;

    /// What one step measured. Times are those of the slowest worker.
    struct Step {
        double mse = 0;
        double forward_ms = 0;
        double backward_ms = 0;
    };
    /// Sets the gradient of every parameter to that of the loss of a batch of `scenes` scenes; undefined
    /// where the loss does not depend on it. Passes on the first exception of a worker.
    [[nodiscard]] Step compute_gradients(std::int64_t scenes, const LossOfScenes& loss) const;

    [[nodiscard]] int workers() const { return workers_; }

  private:
    class Threads;

    std::vector<Parameter> parameters_;
    int workers_;
    std::unique_ptr<Threads> threads_;  ///< None for one worker.
};

/// The workers of batches of different sizes: one DataParallel for each number of workers. Each is kept, so
/// that shapes which take turns start no threads at their steps.
class WorkerGroups {
  public:
    /// Groups that share `threads` CPU threads. They compute one at a time.
    WorkerGroups(std::vector<Parameter> parameters, int threads);

    /// The group of `workers` (at least 1), valid as long as this object.
    [[nodiscard]] const DataParallel& of(int workers);

  private:
    std::vector<Parameter> parameters_;
    int threads_;
    std::map<int, DataParallel> groups_;
};

/// Workers of a training run: `requested`, or with 0 one for each of `threads`; at most one a scene.
[[nodiscard]] int worker_count(int requested, int threads, int batch);

}  // namespace lact
