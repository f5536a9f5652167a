#pragma once

#include "app/core/engine_state.h"
#include "app/core/fly_camera.h"
#include "app/core/navigation.h"
#include "app/program/question_board.h"
#include "app/program/sequence_view.h"
#include "app/window/canvas.h"
#include "engine/session/matrix.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace lact::app {

/// A patch of the novel view.
struct PatchAt {
    int column = 0;
    int row = 0;
    friend bool operator==(const PatchAt&, const PatchAt&) = default;
};

/// What the pointer is on and what was pinned by a click, shared by all panels: a patch of the novel view
/// shows its attention over the photos. Kept over changes of layer, rule and state.
struct Selection {
    std::optional<PatchAt> hovered;  ///< Of the novel view; set anew every frame.
    std::optional<PatchAt> pinned;

    /// What is shown: the pinned patch, else the one under the pointer.
    [[nodiscard]] std::optional<PatchAt> patch() const { return pinned ? pinned : hovered; }
};

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
    bool truth_large = false;  ///< Show the truth of a generated scene in place of the model's picture.
    MatrixKey matrix;          ///< Its layer and head are those of all panels.
    [[nodiscard]] Place place() const { return {matrix.layer, matrix.head}; }
    Selection selection;
    std::string weights_look = "map";       ///< What the fast-weights panel shows.
    std::size_t timeline_views = 1;         ///< Its state after so many photos.
    std::string linear_matrices = "state";  ///< Which pair of matrices the linear-attention panel shows.
    Side side = Side::value;                ///< On which side Muon's factor stands in attention maps.
    /// The camera once it has rested for a moment: what slow questions are asked about. Empty while moving.
    std::optional<Camera> rested;
    SequenceView sequence;
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
    QuestionBoard* questions = nullptr;

    /// Runs an action for a widget; what it refuses is logged, so that the person is told.
    void run(std::string_view id, const nlohmann::json& with = nlohmann::json::object()) const;
};

}  // namespace lact::app
