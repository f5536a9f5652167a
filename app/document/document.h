#pragma once

#include "app/document/camera_motion.h"
#include "app/document/compare_state.h"
#include "app/document/query_board.h"
#include "app/document/session_file.h"
#include "app/document/viewpoint.h"
#include "app/runtime/snapshot.h"
#include "engine/scene/camera_track.h"
#include "engine/scene/flight.h"
#include "engine/session/matrix.h"
#include "engine/session/sequence_example.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

/// The camera path that is edited and flown; part of the view's state.
struct PathState {
    CameraTrack track;
    double time = 0;                      ///< Where on the path one is, seconds.
    std::optional<std::size_t> selected;  ///< A key.

    /// The path is flown by a second camera, whose picture is in the view's corner; the view's own stays.
    bool preview = false;
    bool turn_handle = false;  ///< The handle on the selected key turns it; otherwise it moves it.

    bool playing = false;
    double play_from = 0;   ///< `time` when playing began,
    double play_began = 0;  ///< and the clock then.

    bool recording = false;  ///< A free flight is being recorded.
    double record_began = 0;
    std::vector<FlightSample> flight;

    /// What flies it; empty where there is no path that can be flown.
    [[nodiscard]] std::optional<TrackEvaluator> evaluator() const {
        auto made = TrackEvaluator::make(track);
        return made ? std::optional(std::move(*made)) : std::nullopt;
    }
};

/// What is recorded, and how.
struct RecordChoice {
    std::string what = "window";  ///< "window", or "view": the viewport alone, in the same size.
    std::string format = "mp4";   ///< "mp4", "gif", or "png": a folder of pictures.
    int width = 1280;
    int height = 800;
    double fps = 30;
    int quality = 18;    ///< MP4: constant rate factor.
    double from = 0;     ///< Seconds of the story that are left out at its beginning.
    double seconds = 0;  ///< From there; 0: until the path and the script have ended.
    std::string folder;  ///< Where films are written; empty: the current one.
};

/// The script over time that a film plays; part of the view's state.
struct ScriptState {
    nlohmann::json steps = nlohmann::json::array();  ///< None: a film follows the camera path.
    /// What the window shows when it begins; null: whatever is shown then.
    std::shared_ptr<const SessionFile> begin;
    friend bool operator==(const ScriptState&, const ScriptState&) = default;
};

/// Of a take that goes on: what the person does becomes the script.
struct InteractionProgress {
    double seconds = 0;
    std::size_t steps = 0;
};

/// What the sequence panel shows.
struct SequenceView {
    std::string mode = "tokens";  ///< tokens, picture or speed
    SequenceExampleOptions options;
    std::string image;  ///< Picture file for ViTTT's modules; empty: a generated one.
    bool rotary = false;
    std::optional<std::array<int, 2>> pinned;  ///< Position of the picture, column and row; empty: hovered.
    int measurement = 0;                       ///< Rises with every wish to measure; 0: none yet.
};

/// The tour as it is shown: its texts, and the step that is on screen.
struct TourState {
    struct Page {
        std::string title;
        std::string text;
    };
    std::vector<Page> pages;
    std::optional<std::size_t> step;  ///< Empty: none is shown.
    bool offered = false;             ///< At the first start.

    void show(std::optional<std::size_t> shown) {
        step = shown;
        offered = false;
    }
};

/// A folder of photos without poses that was opened: the user is asked whether COLMAP finds them.
struct PosesOffer {
    std::filesystem::path folder;
    std::size_t photos = 0;
};

/// How the model's rendering is enlarged to the window's pixels.
enum class Enlargement { nearest, bicubic };

/// What the person looks at and how: where the camera is, which matrix is chosen, how pictures are enlarged.
/// Belongs to the thread of the window; panels and actions change it, the program turns changes into requests
/// to the engine.
class Document {
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
    Enlargement filter = Enlargement::bicubic;
    bool image_in_image = true;
    bool ground_truth_large =
        false;         ///< Show the truth of a generated scene in place of the model's picture.
    MatrixKey matrix;  ///< Its layer and head are those of all panels.
    [[nodiscard]] Place place() const { return {matrix.layer, matrix.head}; }
    Selection selection;
    CompareState compare;
    std::optional<UpdateRule> requested_rule;    ///< Of the engine; empty once it has built or refused it.
    std::string weights_mode = "map";            ///< What the fast-weights panel shows.
    std::size_t timeline_views = 1;              ///< Its state after so many photos.
    std::string linear_matrices = "state";       ///< Which pair of matrices the linear-attention panel shows.
    MuonFactor muon_factor = MuonFactor::right;  ///< Factor that attention maps are shown with.
    bool all_heads = false;                      ///< Attention of every layer and head instead of one.
    /// The input photo without which the picture is shown as a causal map (its index in the scene).
    std::optional<std::size_t> without_photo;
    /// The camera once it has rested for a moment: what slow questions are asked about. Empty while moving.
    std::optional<Camera> rested;
    QueryBoard queries;  ///< What panels ask about the state while they are drawn.
    PathState path;
    ScriptState script;
    std::optional<InteractionProgress> interaction;  ///< While a person's doings are recorded.
    RecordChoice record;
    std::uint64_t recording_job = 0;     ///< The job that records a video, or recorded one last; 0: none yet.
    bool open_dialog_requested = false;  ///< Until the dialog is drawn; likewise the help window.
    bool help_requested = false;
    std::vector<std::string> recent;  ///< Paths that were opened, newest first.
    double now = 0;                   ///< Seconds of the program's clock, of this frame.
    bool show_times = true;  ///< Off in recordings, which must not depend on how fast they were made.
    /// "12 ms"; empty in recordings.
    [[nodiscard]] std::string times(double milliseconds) const;
    SequenceView sequence;
    TourState tour;
    std::optional<PosesOffer> poses_offer;  ///< Empty: no such question is on screen.
    TrainingChoice training;
    std::optional<float> locked_range;  ///< Symmetric range of the heat map; empty: that of each matrix.

  private:
    Viewpoint viewpoint_;
    std::uint64_t moves_ = 0;
};

}  // namespace lact::app
