#pragma once

#include "app/core/engine_state.h"
#include "app/core/fly_camera.h"
#include "app/core/navigation.h"
#include "app/window/canvas.h"
#include "engine/session/matrix.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include <nlohmann/json.hpp>

namespace lact::app {

/// What the person looks at and how: where the camera is, which matrix is chosen, how pictures are enlarged.
/// Belongs to the thread of the window; panels and actions change it, the program turns changes into requests
/// to the engine.
class ViewState {
  public:
    [[nodiscard]] const Viewpoint& viewpoint() const { return viewpoint_; }
    void set_viewpoint(const Viewpoint& viewpoint) {
        viewpoint_ = viewpoint;
        ++moves_;
    }
    /// Rises with every motion of the camera.
    [[nodiscard]] std::uint64_t moves() const { return moves_; }

    bool flying = false;  ///< Fly with W A S D and the mouse; otherwise orbit.
    FlySpeed fly_speed;
    window::Filter filter = window::Filter::nearest;
    bool picture_in_picture = true;
    MatrixKey matrix;
    std::optional<float> locked_range;  ///< Symmetric range of the heat map; empty: that of each matrix.

  private:
    Viewpoint viewpoint_;
    std::uint64_t moves_ = 0;
};

/// What panels read and do things with; nothing else of the program.
struct PanelServices {
    const Published* published = nullptr;  ///< Refreshed before every frame.
    ViewState* view = nullptr;
    const class ActionTable* actions = nullptr;
    const class ParameterTable* parameters = nullptr;
    const class JobRegistry* jobs = nullptr;
    class ErrorLog* log = nullptr;

    /// Runs an action for a widget; what it refuses is logged, so that the person is told.
    void run(std::string_view id, const nlohmann::json& with = nlohmann::json::object()) const;
};

}  // namespace lact::app
