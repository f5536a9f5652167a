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

/// A point of a training curve: a value after so many steps, scenes and hours.
struct CurvePoint {
    double step = 0;
    double scenes = 0;
    double hours = 0;
    double value = 0;
};

/// State of a run whose folder cannot be read any more; what was read last stays.
inline constexpr const char* unreadable_training = "folder cannot be read";

/// A training run as its folder shows it; immutable.
struct TrainingView {
    std::filesystem::path folder;  ///< Absolute where it is watched.
    std::string name;
    std::string state;  ///< "running", "finished", "stopped", ...: as run.json says it, unless
                        ///< that is "running" and the process is gone.
    std::string device;
    long long steps_done = 0;
    long long steps = 0;
    long long checkpoint_step = -1;  ///< Of the newest weight file; -1: none yet.
    double scenes_per_second = 0;
    double hours = 0;
    std::vector<CurvePoint> train_psnr;    ///< dB of the training batches, smoothed by the trainer.
    std::vector<CurvePoint> held_out;      ///< dB on held-out worlds of the family, averaged parameters.
    std::vector<CurvePoint> nearest_view;  ///< dB of showing the nearest input instead.
    std::vector<CurvePoint> learning_rate;
    std::string sheet_name;
    std::shared_ptr<const Image8> sheet;  ///< The newest contact sheet: ground truth beside rendering.
};

/// Reads a run's folder (run.json, curve.csv, sheets/). Errors: no run there; a file that cannot be read.
/// `last`: what was read before, whose sheet is kept where it is still the newest.
[[nodiscard]] Result<TrainingView> read_training(const std::filesystem::path& folder,
                                                 const TrainingView* last = nullptr);

/// One spelling for every folder: absolute, without a slash at its end.
[[nodiscard]] std::filesystem::path watched_folder(const std::filesystem::path& folder);

/// The name of a run's folder, with that of its parent where another run among these has the same.
[[nodiscard]] std::string label_of(const TrainingView& view,
                                   const std::vector<std::shared_ptr<const TrainingView>>& among);

/// Reads the folders of watched runs every two seconds on a thread of its own.
class TrainingWatch {
  public:
    using Views = std::vector<std::shared_ptr<const TrainingView>>;
    static constexpr std::size_t most = 8;  ///< Runs; a further one takes the place of the oldest.

    /// `wake` is called on the watching thread when there is something new.
    explicit TrainingWatch(std::function<void()> wake);
    ~TrainingWatch();
    TrainingWatch(const TrainingWatch&) = delete;
    TrainingWatch& operator=(const TrainingWatch&) = delete;

    /// Starts to watch this folder. Errors: those of read_training.
    [[nodiscard]] Result<void> open(const std::filesystem::path& folder);
    /// Stops watching it. Errors: it is not watched.
    [[nodiscard]] Result<void> close(const std::filesystem::path& folder);
    /// The newest readings, in the order in which the folders were opened.
    [[nodiscard]] Views views() const;

  private:
    void run(const std::stop_token& stop);
    [[nodiscard]] Views::iterator find(const std::filesystem::path& folder);

    std::function<void()> wake_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    Views views_;
    std::jthread thread_;  ///< Last: it uses the other members.
};

}  // namespace lact::app
