#pragma once

#include "app/commands/camera_controller.h"
#include "app/commands/script_player.h"
#include "app/document/document.h"
#include "engine/core/error.h"

#include <cstddef>

namespace lact::app {

/// The tour: its steps are scripts like any other.
class TourController {
  public:
    TourController(TourState& shown, ScriptPlayer& player, CameraController& camera)
        : shown_(&shown), player_(&player), camera_(&camera) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    /// Once all actions and parameters are there. Errors: the tour's file is missing or broken.
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
