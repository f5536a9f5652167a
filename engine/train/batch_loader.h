#pragma once

#include "engine/core/error.h"
#include "engine/train/drawn_scenes.h"
#include "engine/train/sample_order.h"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// Images and cameras of one step on the CPU. The first `plan.inputs` views are inputs.
struct Batch {
    BatchPlan plan;
    at::Tensor images;      ///< fp32 [b, v, 3, h, w] in [0, 1].
    at::Tensor intrinsics;  ///< fp32 [b, v, 4]: fx fy cx cy in pixels.
    at::Tensor c2w;         ///< fp32 [b, v, 4, 4].
    at::Tensor
        geometry;  ///< fp32 [b, v, 4, h, w]: silhouette, position x, y, z; undefined without positions.
};

/// Inputs and ground truth of a training step on the device of the network.
struct TrainingViews {
    at::Tensor posed;     ///< fp32 [b, inputs, 12, h, w]: pose channels, then 2 * image - 1.
    at::Tensor pose;      ///< fp32 [b, targets, 9, h, w].
    at::Tensor targets;   ///< fp32 [b, targets, 3, h, w] in [0, 1].
    at::Tensor geometry;  ///< fp32 [b, targets, 4, h, w] as in Batch; undefined without positions.
};

/// Moves the scenes [first, last) of a batch to the device and computes their pose channels there.
[[nodiscard]] TrainingViews training_views(const Batch& batch, at::Device device, std::int64_t first,
                                           std::int64_t last);
/// All scenes.
[[nodiscard]] TrainingViews training_views(const Batch& batch, at::Device device);

/// Makes the batch of a plan: draws its scenes, or takes them from the cache `scenes`, and augments them.
[[nodiscard]] Batch make_batch(BatchPlan plan, DrawnScenes& scenes);

/// Prepares the batches of a run ahead of their use on threads of low priority and returns them in the order
/// of their steps. The destructor stops the threads after their current batch.
class BatchLoader {
  public:
    /// Prepares the steps from `first_step` to the last one of `order`, at most `ahead` steps in advance, on
    /// `threads` threads (at least one). `order` must outlive the loader.
    BatchLoader(const SampleOrder& order, long long first_step, DrawScene draw, int threads, int ahead);
    ~BatchLoader();
    BatchLoader(const BatchLoader&) = delete;
    BatchLoader& operator=(const BatchLoader&) = delete;

    /// Waits for the batch of the next step. Errors: the last batch of the run was returned; the batch could
    /// not be made, for example for lack of memory; `stop` was requested while waiting.
    [[nodiscard]] Result<Batch> next(std::stop_token stop = {});

    /// Scenes drawn so far.
    [[nodiscard]] long long scenes_drawn() const { return scenes_.drawn(); }

  private:
    void work(const std::stop_token& stop);

    const SampleOrder& order_;
    DrawnScenes scenes_;
    long long ahead_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    long long to_make_;                            ///< Next step to prepare.
    long long to_take_;                            ///< Next step to return.
    std::map<long long, Result<Batch>> prepared_;  ///< By step.
    std::vector<std::jthread> threads_;            ///< Last member: the threads use all others.
};

}  // namespace lact
