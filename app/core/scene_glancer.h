#pragma once

#include "engine/core/error.h"
#include "engine/session/scene_glance.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace lact::app {

/// Looks at scenes on a thread of its own, for a person who is choosing one.
class SceneGlancer {
  public:
    /// `wake`: called on that thread when an answer is there.
    explicit SceneGlancer(std::function<void()> wake);
    ~SceneGlancer();
    SceneGlancer(const SceneGlancer&) = delete;
    SceneGlancer& operator=(const SceneGlancer&) = delete;

    /// What is at a path, for these weights; empty while it is looked for, and where nothing there is a
    /// scene. Asking for another path forgets the one before.
    [[nodiscard]] std::optional<Result<SceneGlance>> at(const std::string& path, const ModelConfig& config,
                                                        Size size);

  private:
    struct Shared;
    std::shared_ptr<Shared> shared_;  ///< Outlives a look that hangs on a slow disk.
    std::string asked_;
    Size size_;
};

}  // namespace lact::app
