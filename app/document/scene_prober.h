#pragma once

#include "engine/core/error.h"
#include "engine/session/scene_header.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace lact::app {

/// What a glance at a path tells.
struct PathProbe {
    std::string sentence;
    bool warns = false;  ///< It cannot be opened, or takes too much memory.
};

/// Looks at scenes on a thread of its own, for a person who is choosing one.
class SceneProber {
  public:
    /// `wake`: called on that thread when an answer is there.
    explicit SceneProber(std::function<void()> wake);
    ~SceneProber();
    SceneProber(const SceneProber&) = delete;
    SceneProber& operator=(const SceneProber&) = delete;

    /// What is at a path, a scene (for these weights) or a folder of photos; empty while it is looked for,
    /// and where there is nothing of that kind. `on_cpu`: the model computes in main memory. Asking for
    /// another path forgets the one before.
    [[nodiscard]] std::optional<PathProbe> at(const std::string& path, const ModelConfig& config, Size size,
                                              bool on_cpu);

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;  ///< Outlives a look that hangs on a slow disk.
    std::string asked_;
    Size size_;
    bool on_cpu_ = true;
};

}  // namespace lact::app
