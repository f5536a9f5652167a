#pragma once

#include "app/document/camera_motion.h"
#include "app/document/compare_state.h"
#include "app/document/query_board.h"
#include "app/document/scene_remarks.h"
#include "app/document/session_file.h"
#include "app/document/viewpoint.h"
#include "app/runtime/snapshot.h"
#include "engine/experiment/experiment.h"
#include "engine/scene/camera_track.h"
#include "engine/scene/flight.h"
#include "engine/session/matrix.h"
#include "engine/session/sequence_example.h"

#include <algorithm>
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
    std::size_t input = 0;  ///< Position in the list of inputs.
    PatchAt at;
    friend bool operator==(const InputPatch&, const InputPatch&) = default;
};

/// Patches under the pointer and patches pinned by a click, shared by all panels. A patch of the novel view
/// shows its attention over the photos, a patch of a photo shows where the view reads it. Pins stay when
/// layer, rule or state change, also where a smaller size has no such patch: panels show those that the grid
/// has (selected_patch() and selected_input() in ui/photo_grid.h).
struct Selection {
    std::optional<PatchAt> hovered;  ///< Of the novel view; set again every frame.
    std::optional<PatchAt> pinned;
    std::optional<InputPatch> hovered_input;       ///< Of a photo, from the last frame.
    std::optional<InputPatch> next_hovered_input;  ///< Set by panels for the next frame.
    std::optional<InputPatch> pinned_input;
    /// The scene (SceneSummary::sequence) and the list of inputs that `pinned_input` counts in.
    std::pair<std::uint64_t, std::vector<std::size_t>> pinned_among;

    /// Before each frame: a pinned patch stays on its photo when the inputs change, and goes where the photo
    /// is no input any more.
    void follow_inputs(std::uint64_t scene, const std::vector<std::size_t>& inputs);
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

/// The camera path that is edited and played; part of the document.
struct PathState {
    CameraTrack track;
    double time = 0;                      ///< Current time on the path, seconds.
    std::optional<std::size_t> selected;  ///< A key.

    /// A second camera plays the path, rendered in the corner of the view; the camera of the view stays.
    bool preview = false;
    bool turn_handle = false;  ///< The handle on the selected key turns it; otherwise it moves it.

    bool playing = false;
    double play_from = 0;   ///< `time` when playback began,
    double play_began = 0;  ///< and the clock then.

    bool recording = false;  ///< A free flight is being recorded.
    double record_began = 0;
    std::vector<FlightSample> flight;

    /// The evaluator of the path; empty where there is no valid path.
    [[nodiscard]] std::optional<TrackEvaluator> evaluator() const {
        auto made = TrackEvaluator::make(track);
        return made ? std::optional(std::move(*made)) : std::nullopt;
    }
    /// After a change of the track: the current time stays on it.
    void clamp_time() {
        const auto path = evaluator();
        time = path ? std::clamp(time, path->start(), path->start() + path->duration()) : 0;
    }
};

/// What is recorded, and how.
struct RecordChoice {
    std::string what = "window";  ///< "window", or "view": the rendering alone.
    bool labels = false;          ///< In videos of the view: captions, the photo in the corner, bars.
    std::string format = "mp4";   ///< "mp4", "gif", or "png": a folder of images.
    int width = 1280;
    int height = 800;
    double fps = 30;
    int quality = 18;    ///< MP4: constant rate factor.
    double from = 0;     ///< Seconds left out at the beginning.
    double seconds = 0;  ///< Length; 0: to the end of path and script.
    std::string folder;  ///< Folder for videos; empty: the user is asked.
};

/// The script that is played and recorded; part of the document.
struct ScriptState {
    nlohmann::json steps = nlohmann::json::array();  ///< Empty: videos follow the camera path.
    /// The state that the script begins with; null: whatever is shown when it begins.
    std::shared_ptr<const SessionFile> begin;
    bool own = false;  ///< The user recorded it, or allowed all that it does.
    friend bool operator==(const ScriptState&, const ScriptState&) = default;
};

/// The camera path and the script as they were last saved or opened.
struct SavedWork {
    CameraTrack track;
    nlohmann::json steps = nlohmann::json::array();
};

/// A file or folder that a command writes, whose name the user is asked for.
struct SaveRequest {
    std::string title;    ///< "Save the session"
    std::string command;  ///< Id of the command that runs with the chosen path,
    nlohmann::json arguments = nlohmann::json::object();  ///< these arguments,
    std::string argument = "path";                        ///< and the path as this one.
    std::filesystem::path suggested;                      ///< Name, or path.
    std::vector<std::string> extensions;                  ///< Allowed ones, ".json"; empty: a folder.
};

/// What the script of an opened file asks for, beyond showing something.
struct ConsentQuestion {
    std::string source;                 ///< The file.
    std::vector<std::string> requests;  ///< One line each.
};

/// Progress of an interaction recording.
struct InteractionProgress {
    double seconds = 0;
    std::size_t steps = 0;
};

/// What the sequence panel shows.
struct SequenceView {
    std::string mode = "tokens";  ///< View mode: tokens, picture or speed.
    SequenceExampleOptions options;
    std::string image;  ///< Image file for the modules of ViTTT; empty: a generated image.
    bool rotary = false;
    std::optional<std::array<int, 2>> pinned;  ///< Position in the image, column and row; empty: hovered.
    int measurement = 0;                       ///< Rises with every request to measure; 0: none yet.
};

/// PSNR of the current state at held-out photos, for thumbnails.
struct ViewFigures {
    std::uint64_t generation = 0;  ///< Of the state that they are about; 0: none are known.
    std::vector<HeldOutPsnr::OfView> views;
    std::string problem = {};  ///< Why there are none in that state; empty where there are.

    [[nodiscard]] std::optional<double> of(std::size_t view) const {
        for (const HeldOutPsnr::OfView& one : views) {
            if (one.view == view) {
                return one.psnr;
            }
        }
        return std::nullopt;
    }
};

/// The experiment that is chosen, and how it is run.
struct ExperimentChoice {
    std::string id = std::string(experiments().front().id);
    ExperimentSettings settings;
    std::string image;  ///< Name of the image of its report that is shown large; empty: none.
};

/// The texts of the tour, and the step that is on screen.
struct TourState {
    struct Page {
        std::string title;
        std::string text;
    };
    std::vector<Page> pages;
    std::optional<std::size_t> step;  ///< The step on screen; empty: none.
    bool offered = false;             ///< The tour is offered, at the first start.
    bool playing = false;             ///< The script of the step runs: its text may not be true yet.

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

/// What is open and shown, as plain data: camera, selected matrix, comparison, camera path, script. Belongs
/// to the thread of the window. Commands change it; RequestSender turns changes into requests to the engine.
class Document {
  public:
    [[nodiscard]] const Viewpoint& viewpoint() const { return viewpoint_; }
    void set_viewpoint(const Viewpoint& viewpoint) {
        viewpoint_ = viewpoint;
        ++moves_;
    }
    /// Rises with every motion of the camera.
    [[nodiscard]] std::uint64_t moves() const { return moves_; }

    bool flying = false;  ///< Fly with keys and the mouse; otherwise orbit.
    /// After a flight, an orbit turns around the middle of the image.
    void set_flying(bool on) {
        if (std::exchange(flying, on) && !on) {
            set_viewpoint(recenter(viewpoint_));
        }
    }
    FlySpeed fly_speed;
    Enlargement filter = Enlargement::bicubic;
    bool image_in_image = true;  ///< Show the nearest held-out photo in the corner of the view.
    bool overlays = true;        ///< Show captions and the photo in the corner over the rendering.
    Size view_size;              ///< Of the view in pixels, in the last frame.
    /// Show the ground truth of a generated scene in place of the rendering.
    bool ground_truth_large = false;
    MatrixKey matrix;  ///< Its layer and head are those of all panels.
    [[nodiscard]] Place place() const { return {matrix.layer, matrix.head}; }
    Selection selection;
    CompareState compare;
    std::optional<UpdateRule>
        requested_rule;  ///< Requested from the engine; empty once it is built or rejected.
    /// Input views that were requested from the engine for the scene of a sequence number; as above.
    std::optional<std::pair<std::uint64_t, std::vector<std::size_t>>> requested_inputs;
    std::optional<Size> requested_size;     ///< Of the model's images; as above.
    std::string weights_mode = "map";       ///< View mode of the fast-weights panel.
    std::size_t timeline_views = 1;         ///< Number of photos in the state of its timeline.
    std::string linear_matrices = "state";  ///< Which pair of matrices the linear-attention panel shows.
    bool recomputed_w1 = false;             ///< W1 beside S: recomputed in fp64, in place of the running one.
    AttentionOptions attention;             ///< Form of the attention maps.
    bool all_heads = false;                 ///< Attention of every layer and head instead of one.
    /// The input photo (index in the scene) whose removal the causal map shows.
    std::optional<std::size_t> without_photo;
    /// The camera once it has rested for a moment: slow queries are about it. Empty while it moves.
    std::optional<Camera> rested;
    QueryBoard queries;  ///< Queries of the panels about the state.
    PathState path;
    ScriptState script;
    std::optional<InteractionProgress> interaction;  ///< While an interaction is recorded.
    SavedWork saved;
    /// Whether there is a camera path or a script that was neither saved nor opened as it is.
    [[nodiscard]] bool unsaved_path() const {
        return !path.track.keys.empty() && !(path.track == saved.track);
    }
    [[nodiscard]] bool unsaved_script() const { return !script.steps.empty() && script.steps != saved.steps; }
    RecordChoice record;
    std::uint64_t recording_job = 0;     ///< The job that records a video, or recorded one last; 0: none yet.
    bool open_dialog_requested = false;  ///< Until the dialog is drawn; likewise the others.
    bool help_focused = false;           ///< In the last frame: Esc closes the help, and does nothing else.
    bool popup_open = false;             ///< In the last frame: likewise of a menu, list or dialog.
    bool help_requested = false;
    bool palette_requested = false;
    bool quit_requested = false;  ///< The user closes the window, and something would be lost.
    bool quit_confirmed = false;
    bool records_video = false;    ///< A video is being recorded in the background.
    bool finds_poses = false;      ///< COLMAP runs in the background.
    bool runs_experiment = false;  ///< Or waits to begin.
    std::optional<SaveRequest> save_request;
    std::optional<ConsentQuestion> consent;  ///< Until the user answers.
    std::filesystem::path save_folder;       ///< Where the user saved last; empty: the current folder.
    bool user_present = false;        ///< Who can be asked: for a path to write to, what a script may do.
    bool script_acts = false;         ///< The command that runs now comes from a script, which is not asked.
    std::vector<std::string> recent;  ///< Paths that were opened, newest first.
    double now = 0;                   ///< Seconds of the program's clock, of this frame.
    bool show_times = true;           ///< Off in recordings, which must not depend on measured times.
    /// "12 ms"; empty in recordings.
    [[nodiscard]] std::string times(double milliseconds) const;
    SequenceView sequence;
    ExperimentChoice experiment;
    TourState tour;
    std::optional<PosesOffer> poses_offer;  ///< Empty: no such dialog is open.
    TrainingChoice training;
    RemarksView remarks;
    bool show_psnr = true;  ///< On the thumbnails of held-out photos.
    ViewFigures view_figures;
    std::optional<float> locked_range;  ///< Symmetric range of the heat map; empty: that of each matrix.

  private:
    Viewpoint viewpoint_;
    std::uint64_t moves_ = 0;
};

/// The input views of a scene as they were last requested; those that it has where nothing is requested.
[[nodiscard]] inline std::vector<std::size_t> requested_inputs(const Document& document,
                                                               const SceneSummary& scene) {
    const auto& requested = document.requested_inputs;
    return requested && requested->first == scene.sequence ? requested->second : scene.inputs;
}

}  // namespace lact::app
