#pragma once

#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lact::app {

/// A point of a training curve.
struct CurvePoint {
    double step = 0;
    double value = 0;
};

/// A training run as its folder shows it; immutable.
struct TrainingView {
    std::filesystem::path folder;
    std::string name;
    std::string state;  ///< "running", "finished", "stopped", ...: as run.json says it.
    std::string device;
    long long steps_done = 0;
    long long steps = 0;
    double scenes_per_second = 0;
    double hours = 0;
    std::vector<CurvePoint> train_psnr;    ///< dB of the training batches, smoothed by the trainer.
    std::vector<CurvePoint> held_out;      ///< dB on held-out generated objects, averaged parameters.
    std::vector<CurvePoint> nearest_view;  ///< dB of showing the nearest input instead.
    std::vector<CurvePoint> learning_rate;
    std::string sheet_name;
    std::shared_ptr<const Image8> sheet;  ///< The newest contact sheet: truth beside prediction.
};

/// Reads a run's folder (run.json, curve.csv, sheets/). Errors: no run there; a file that cannot be read.
/// `last`: what was read before, whose sheet is kept where it is still the newest.
[[nodiscard]] Result<TrainingView> read_training(const std::filesystem::path& folder,
                                                 const TrainingView* last = nullptr);

/// Looks at a run's folder every other second on a thread of its own, as long as it is watched.
class TrainingWatch {
  public:
    /// `wake` is called on the watching thread when there is something new.
    explicit TrainingWatch(std::function<void()> wake);
    ~TrainingWatch();
    TrainingWatch(const TrainingWatch&) = delete;
    TrainingWatch& operator=(const TrainingWatch&) = delete;

    /// Watches this folder from now on. Errors: those of read_training.
    [[nodiscard]] Result<void> open(const std::filesystem::path& folder);
    /// The newest reading; null where nothing is watched.
    [[nodiscard]] std::shared_ptr<const TrainingView> view() const;

  private:
    void run(const std::stop_token& stop);

    std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::shared_ptr<const TrainingView> view_;
    std::jthread thread_;  ///< Last: it uses the others.
};

}  // namespace lact::app
