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

/// What a probe needs to know of the open weights.
struct ProbedFor {
    ModelConfig config;
    Size size;                              ///< At which the scene would be opened.
    bool on_cpu = true;                     ///< The model computes in main memory,
    Precision precision = Precision::fp32;  ///< with values of this precision.
    friend bool operator==(const ProbedFor&, const ProbedFor&) = default;
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
    /// done, and for paths of other kinds. A request for another path drops the one before.
    [[nodiscard]] std::optional<PathProbe> at(const std::string& path, const ProbedFor& weights);

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;  ///< Outlives a probe that hangs on a slow disk.
    std::string path_;                ///< Of the last request; likewise the weights.
    ProbedFor weights_;
};

}  // namespace lact::app
