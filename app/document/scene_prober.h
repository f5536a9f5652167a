#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"
#include "engine/session/scene_header.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// What is known about a path before it is opened.
struct PathProbe {
    std::string sentence;
    bool warns = false;  ///< It cannot be opened, or takes too much memory.
};

/// Probes scenes on a thread of its own, while the user chooses one.
class SceneProber {
  public:
    /// `wake`: called on that thread when an answer is there.
    explicit SceneProber(std::function<void()> wake);
    ~SceneProber();
    SceneProber(const SceneProber&) = delete;
    SceneProber& operator=(const SceneProber&) = delete;

    /// The result for a path: a scene (for these weights) or a folder of photos. Empty until the probe is
    /// done, and for paths of other kinds. `on_cpu`: the model computes in main memory. A request for another
    /// path drops the one before.
    [[nodiscard]] std::optional<PathProbe> at(const std::string& path, const ModelConfig& config, Size size,
                                              bool on_cpu);

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;  ///< Outlives a probe that hangs on a slow disk.
    std::string path_;                ///< Of the last request; likewise the others.
    ModelConfig config_;
    Size size_;
    bool on_cpu_ = true;
};

}  // namespace lact::app
