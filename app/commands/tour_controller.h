#pragma once

#include "app/commands/camera_controller.h"
#include "app/commands/script_player.h"
#include "app/document/document.h"
#include "engine/core/error.h"

#include <cstddef>

namespace lact::app {

/// The tour: texts with a script for each step.
class TourController {
  public:
    TourController(TourState& shown, ScriptPlayer& player, CameraController& camera)
        : shown_(&shown), player_(&player), camera_(&camera) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    /// Call after all commands and parameters are added. Errors: the file of the tour is missing or invalid.
    [[nodiscard]] Result<void> load(const CommandTable& commands, const ParameterTable& parameters);

  private:
    /// Shows a step and runs its script from its beginning.
    void go_to(std::size_t step);

    TourState* shown_;
    ScriptPlayer* player_;
    CameraController* camera_;
    std::vector<Script> scripts_;  ///< Of the steps.
};

}  // namespace lact::app
