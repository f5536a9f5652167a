#pragma once

#include "app/core/engine_state.h"
#include "app/core/fly_camera.h"
#include "app/core/navigation.h"
#include "app/program/compare_state.h"
#include "app/program/path_state.h"
#include "app/program/question_board.h"
#include "app/program/script_state.h"
#include "app/program/sequence_view.h"
#include "app/window/canvas.h"
#include "engine/session/matrix.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

namespace lact::app {

/// A patch of the novel view.
struct PatchAt {
    int column = 0;
    int row = 0;
    friend bool operator==(const PatchAt&, const PatchAt&) = default;
};

/// A patch of an input photo.
struct InputPatch {
    std::size_t input = 0;  ///< Place in the inputs.
    PatchAt at;
    friend bool operator==(const InputPatch&, const InputPatch&) = default;
};

/// What the pointer is on and what was pinned by a click, shared by all panels: a patch of the novel view
/// shows its attention over the photos, a patch of a photo shows where the view reads it. Pins are kept over
/// changes of layer, rule and state.
struct Selection {
    std::optional<PatchAt> hovered;  ///< Of the novel view; set anew every frame.
    std::optional<PatchAt> pinned;
    std::optional<InputPatch> hovered_input;       ///< Of a photo, as the last frame saw it.
    std::optional<InputPatch> next_hovered_input;  ///< Set by panels for the next frame.
    std::optional<InputPatch> pinned_input;

    /// What is shown: the pinned patch, else the one under the pointer.
    [[nodiscard]] std::optional<PatchAt> patch() const { return pinned ? pinned : hovered; }
    [[nodiscard]] std::optional<InputPatch> input() const {
        return hovered_input ? hovered_input : pinned_input;
    }
    /// Before the panels are drawn.
    void begin_frame() {
        hovered.reset();
        hovered_input = std::exchange(next_hovered_input, std::nullopt);
    }
};

/// How training runs are shown.
struct TrainingChoice {
    std::string axis = "step";  ///< What curves are drawn over: step, scenes or hours.
    std::string follow;         ///< Folder of the run whose newest weights are opened; empty: none.
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
    window::Filter filter = window::Filter::bicubic;
    bool picture_in_picture = true;
    bool truth_large = false;  ///< Show the truth of a generated scene in place of the model's picture.
    MatrixKey matrix;          ///< Its layer and head are those of all panels.
    [[nodiscard]] Place place() const { return {matrix.layer, matrix.head}; }
    Selection selection;
    CompareState compare;
    std::string weights_look = "map";       ///< What the fast-weights panel shows.
    std::size_t timeline_views = 1;         ///< Its state after so many photos.
    std::string linear_matrices = "state";  ///< Which pair of matrices the linear-attention panel shows.
    Side side = Side::value;                ///< On which side Muon's factor stands in attention maps.
    bool all_heads = false;                 ///< Attention of every layer and head instead of one.
    /// The input photo without which the picture is shown as a causal map (its index in the scene).
    std::optional<std::size_t> without_photo;
    /// The camera once it has rested for a moment: what slow questions are asked about. Empty while moving.
    std::optional<Camera> rested;
    PathState path;
    ScriptState script;
    std::optional<TakeProgress> take;  ///< While a person's doings are recorded.
    RecordChoice record;
    double now = 0;          ///< Seconds of the program's clock, of this frame.
    bool show_times = true;  ///< Off in recordings, which must not depend on how fast they were made.
    /// "12 ms"; empty in recordings.
    [[nodiscard]] std::string times(double milliseconds) const;
    SequenceView sequence;
    TrainingChoice training;
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
