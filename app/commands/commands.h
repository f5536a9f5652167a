#pragma once

#include "app/commands/command.h"
#include "app/platform/assets.h"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <Eigen/Core>

// Every command of the program as a value. Titles, keys, tooltips and what each one does are rows of the
// command table, added by the controllers (camera_controller.cpp and so on) and by application/.
namespace lact::app {

// File.

/// Opens the scene, weights and camera of the last time the program was used.
struct ReopenLast {
    static constexpr const char* id = "file.reopen_last";
    static constexpr Effect effect = Effect::opens;
};

/// Opens a file or folder of any kind the program knows; without a path, the Open dialog.
struct OpenFile {
    static constexpr const char* id = "file.open";
    static constexpr Effect effect = Effect::opens;
    std::optional<std::string> path = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"path", &OpenFile::path, "path of a scene folder, weight file or script"}};
    }
};

/// Shows a file that was written in the file manager of the desktop.
struct ShowInFolder {
    static constexpr const char* id = "file.show_in_folder";
    static constexpr Effect effect = Effect::starts;
    std::string path;
    static constexpr auto arguments() {
        return std::tuple{Argument{"path", &ShowInFolder::path, "file or folder"}};
    }
};

/// Saves the model's rendering at its own size.
struct SaveRendering {
    static constexpr const char* id = "file.save_view";
    static constexpr Effect effect = Effect::writes;
    std::optional<std::string> path = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"path", &SaveRendering::path, "PNG file to write"}};
    }
};

/// Saves the whole window.
struct SaveWindow {
    static constexpr const char* id = "file.save_window";
    static constexpr Effect effect = Effect::writes;
    std::optional<std::string> path = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"path", &SaveWindow::path, "PNG file to write"}};
    }
};

struct SaveSession {
    static constexpr const char* id = "file.save_session";
    static constexpr Effect effect = Effect::writes;
    std::optional<std::string> path = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"path", &SaveSession::path, "JSON file to write"}};
    }
};

struct Quit {
    static constexpr const char* id = "file.quit";
    static constexpr Effect effect = Effect::ends;
};

/// Saves a panel as an image (.png) or its numbers (.csv, .safetensors).
struct ExportPanel {
    static constexpr const char* id = "panel.export";
    static constexpr Effect effect = Effect::writes;
    std::string panel;
    std::string path;
    static constexpr auto arguments() {
        return std::tuple{Argument{"panel", &ExportPanel::panel, "title of the panel"},
                          Argument{"path", &ExportPanel::path, "file to write"}};
    }
};

/// Opens the list of all commands and settings to type in.
struct OpenPalette {
    static constexpr const char* id = "help.palette";
    static constexpr Effect effect = Effect::shows;
};

struct OpenHelp {
    static constexpr const char* id = "help.open";
    static constexpr Effect effect = Effect::shows;
};

// View.

struct ToggleTheme {
    static constexpr const char* id = "view.theme";
    static constexpr Effect effect = Effect::customizes;
};

struct EnlargeInterface {
    static constexpr const char* id = "view.larger";
    static constexpr Effect effect = Effect::customizes;
};

struct ReduceInterface {
    static constexpr const char* id = "view.smaller";
    static constexpr Effect effect = Effect::customizes;
};

struct ResetLayout {
    static constexpr const char* id = "view.reset_layout";
    static constexpr Effect effect = Effect::customizes;
};

struct ToggleEnlargement {
    static constexpr const char* id = "view.filter";
    static constexpr Effect effect = Effect::shows;
};

struct ToggleGroundTruth {
    static constexpr const char* id = "view.ground_truth";
    static constexpr Effect effect = Effect::shows;
};

struct ShowPanel {
    static constexpr const char* id = "panel.show";
    static constexpr Effect effect = Effect::shows;
    std::string panel;
    static constexpr auto arguments() {
        return std::tuple{Argument{"panel", &ShowPanel::panel, "title of the panel"}};
    }
};

/// Brings the panel to the front that shows a term of the formulae.
struct ShowTerm {
    static constexpr const char* id = "formula.show";
    static constexpr Effect effect = Effect::shows;
    std::string what;
    static constexpr auto arguments() {
        return std::tuple{
            Argument{"what", &ShowTerm::what,
                     "w0, w1, w2, rates, spectrum, keys, values, gradient, muon, change, state, attention"}};
    }
};

struct MeasureSequence {
    static constexpr const char* id = "sequence.measure";
    static constexpr Effect effect = Effect::shows;
};

// Camera.

struct FrameScene {
    static constexpr const char* id = "camera.frame_all";
    static constexpr Effect effect = Effect::shows;
};

struct ResetCamera {
    static constexpr const char* id = "camera.reset";
    static constexpr Effect effect = Effect::shows;
};

/// Looks at the centre of the scene from one of its axes.
struct ViewFromAxis {
    static constexpr const char* id = "camera.from_axis";
    static constexpr Effect effect = Effect::shows;
    std::string axis;
    static constexpr auto arguments() {
        return std::tuple{Argument{"axis", &ViewFromAxis::axis, "x, y, z, -x, -y or -z"}};
    }
};

struct LevelCamera {
    static constexpr const char* id = "camera.level";
    static constexpr Effect effect = Effect::shows;
};

struct NextInput {
    static constexpr const char* id = "camera.next_input";
    static constexpr Effect effect = Effect::shows;
};

struct PreviousInput {
    static constexpr const char* id = "camera.previous_input";
    static constexpr Effect effect = Effect::shows;
};

struct NextHeldOut {
    static constexpr const char* id = "camera.next_held_out";
    static constexpr Effect effect = Effect::shows;
};

struct PreviousHeldOut {
    static constexpr const char* id = "camera.previous_held_out";
    static constexpr Effect effect = Effect::shows;
};

/// Moves to the held-out photo with the next higher PSNR, from the lowest on.
struct NextWorstView {
    static constexpr const char* id = "camera.next_worst";
    static constexpr Effect effect = Effect::shows;
};

struct GoToView {
    static constexpr const char* id = "camera.go_to_view";
    static constexpr Effect effect = Effect::shows;
    std::uint64_t view = 0;
    static constexpr auto arguments() {
        return std::tuple{Argument{"view", &GoToView::view, "index of a photo"}};
    }
};

/// Turns the camera around the scene at once.
struct TurnCamera {
    static constexpr const char* id = "camera.turn";
    static constexpr Effect effect = Effect::shows;
    std::optional<double> yaw = {};
    std::optional<double> pitch = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"yaw", &TurnCamera::yaw, "degrees to the right, 10 if not given"},
                          Argument{"pitch", &TurnCamera::pitch, "degrees upwards"}};
    }
};

struct TurnCameraBack {
    static constexpr const char* id = "camera.turn_back";
    static constexpr Effect effect = Effect::shows;
};

struct RaiseCamera {
    static constexpr const char* id = "camera.rise";
    static constexpr Effect effect = Effect::shows;
};

struct LowerCamera {
    static constexpr const char* id = "camera.sink";
    static constexpr Effect effect = Effect::shows;
};

struct ToggleFlying {
    static constexpr const char* id = "camera.fly";
    static constexpr Effect effect = Effect::shows;
};

/// Turns the camera around the scene over some seconds.
struct GlideAround {
    static constexpr const char* id = "camera.glide";
    static constexpr Effect effect = Effect::shows;
    std::optional<double> yaw = {};
    std::optional<double> pitch = {};
    std::optional<double> seconds = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"yaw", &GlideAround::yaw, "degrees to the right, 90 if not given"},
                          Argument{"pitch", &GlideAround::pitch, "degrees upwards"},
                          Argument{"seconds", &GlideAround::seconds, "3 if not given"}};
    }
};

struct GlideToView {
    static constexpr const char* id = "camera.glide_to_view";
    static constexpr Effect effect = Effect::shows;
    std::uint64_t view = 0;
    std::optional<double> seconds = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"view", &GlideToView::view, "index of a photo"},
                          Argument{"seconds", &GlideToView::seconds, "2 if not given"}};
    }
};

// Scene and weights.

struct OpenScene {
    static constexpr const char* id = "scene.open";
    static constexpr Effect effect = Effect::opens;
    std::string path;
    std::optional<std::uint64_t> views = {};
    std::optional<std::string> size = {};
    std::optional<std::vector<std::size_t>> inputs = {};
    static constexpr auto arguments() {
        return std::tuple{
            Argument{"path", &OpenScene::path, "scene folder or file"},
            Argument{"views", &OpenScene::views, "input views, spread; 8 if not given"},
            Argument{"size", &OpenScene::size, "of the model's images, WxH; the current one if not given"},
            Argument{"inputs", &OpenScene::inputs, "input views by index, in place of their number"}};
    }
};

struct OpenBundledScene {
    static constexpr const char* id = "scene.open_bundled";
    static constexpr Effect effect = Effect::shows;
    std::string name;
    static auto arguments() {
        static const std::string names = names_of(bundled_scenes());
        return std::tuple{Argument{"name", &OpenBundledScene::name, names.c_str()}};
    }
};

struct OpenBundledWeights {
    static constexpr const char* id = "weights.open_bundled";
    static constexpr Effect effect = Effect::shows;
    std::string name;
    static auto arguments() {
        static const std::string names = names_of(bundled_weights());
        return std::tuple{Argument{"name", &OpenBundledWeights::name, names.c_str()}};
    }
};

struct OpenTrainedWith {
    static constexpr const char* id = "weights.open_trained_with";
    static constexpr Effect effect = Effect::shows;
    std::optional<std::string> rule = {};
    static constexpr auto arguments() {
        return std::tuple{
            Argument{"rule", &OpenTrainedWith::rule, "name of a preset; the one on screen if not given"}};
    }
};

struct GenerateScene {
    static constexpr const char* id = "scene.generate";
    static constexpr Effect effect = Effect::writes;
    std::optional<std::uint64_t> seed = {};
    std::optional<std::string> family = {};
    static constexpr auto arguments() {
        return std::tuple{
            Argument{"seed", &GenerateScene::seed, "whole number; by default another one each time"},
            Argument{"family", &GenerateScene::family,
                     "vehicles, general or a JSON file; by default that of the weights"}};
    }
};

struct FindPoses {
    static constexpr const char* id = "scene.find_poses";
    static constexpr Effect effect = Effect::starts;
    std::string path;
    std::optional<std::string> matching = {};
    std::optional<bool> one_camera = {};
    static constexpr auto arguments() {
        return std::tuple{
            Argument{"path", &FindPoses::path, "folder of photos, or one with a folder \"images\" of them"},
            Argument{"matching", &FindPoses::matching, "auto (if not given), exhaustive or sequential"},
            Argument{"one_camera", &FindPoses::one_camera,
                     "true (if not given): all photos are of one camera with one zoom"}};
    }
};

struct OpenFoundScene {
    static constexpr const char* id = "scene.open_found";
    static constexpr Effect effect = Effect::opens;
};

/// Hides the remarks on the open scene.
struct DismissRemarks {
    static constexpr const char* id = "scene.dismiss_remarks";
    static constexpr Effect effect = Effect::shows;
};

struct ToggleInput {
    static constexpr const char* id = "inputs.toggle";
    static constexpr Effect effect = Effect::shows;
    std::uint64_t view = 0;
    static constexpr auto arguments() {
        return std::tuple{Argument{"view", &ToggleInput::view, "index of a photo"}};
    }
};

struct SetInputs {
    static constexpr const char* id = "inputs.set";
    static constexpr Effect effect = Effect::shows;
    std::vector<std::size_t> views;
    static constexpr auto arguments() {
        return std::tuple{Argument{"views", &SetInputs::views, "list of indices"}};
    }
};

struct SpreadInputs {
    static constexpr const char* id = "inputs.reset";
    static constexpr Effect effect = Effect::shows;
};

struct UseAllPhotos {
    static constexpr const char* id = "inputs.all";
    static constexpr Effect effect = Effect::shows;
};

struct UseOnePhoto {
    static constexpr const char* id = "inputs.first";
    static constexpr Effect effect = Effect::shows;
};

struct CancelJob {
    static constexpr const char* id = "jobs.cancel";
    static constexpr Effect effect = Effect::shows;
    std::uint64_t job = 0;
    static constexpr auto arguments() {
        return std::tuple{Argument{"job", &CancelJob::job, "number of the job"}};
    }
};

struct CancelAllJobs {
    static constexpr const char* id = "jobs.cancel_all";
    static constexpr Effect effect = Effect::shows;
};

// Rule.

struct SetRule {
    static constexpr const char* id = "rule.set";
    static constexpr Effect effect = Effect::shows;
    std::string rule;
    static constexpr auto arguments() {
        return std::tuple{Argument{"rule", &SetRule::rule, "preset and switches"}};
    }
};

struct UseTrainedRule {
    static constexpr const char* id = "rule.trained";
    static constexpr Effect effect = Effect::shows;
};

// Compare.

struct ToggleCompare {
    static constexpr const char* id = "compare.toggle";
    static constexpr Effect effect = Effect::shows;
};

struct NextCompareMode {
    static constexpr const char* id = "compare.next_mode";
    static constexpr Effect effect = Effect::shows;
};

struct FlipSides {
    static constexpr const char* id = "compare.flip";
    static constexpr Effect effect = Effect::shows;
};

struct SwapSides {
    static constexpr const char* id = "compare.swap";
    static constexpr Effect effect = Effect::shows;
};

struct KeepRendering {
    static constexpr const char* id = "compare.keep";
    static constexpr Effect effect = Effect::shows;
};

struct CompareWithPhoto {
    static constexpr const char* id = "compare.photo";
    static constexpr Effect effect = Effect::shows;
};

struct CompareWithGroundTruth {
    static constexpr const char* id = "compare.ground_truth";
    static constexpr Effect effect = Effect::shows;
};

struct CompareWithAscent {
    static constexpr const char* id = "compare.ascent";
    static constexpr Effect effect = Effect::shows;
};

struct CompareWithLinearAttention {
    static constexpr const char* id = "compare.linear";
    static constexpr Effect effect = Effect::shows;
};

struct CompareWithFourViews {
    static constexpr const char* id = "compare.four_views";
    static constexpr Effect effect = Effect::shows;
};

struct CompareWithBf16 {
    static constexpr const char* id = "compare.bf16";
    static constexpr Effect effect = Effect::shows;
};

struct CompareTrainedWith {
    static constexpr const char* id = "compare.trained_with";
    static constexpr Effect effect = Effect::shows;
    std::optional<std::string> a = {};
    std::optional<std::string> b = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"a", &CompareTrainedWith::a, "name of a preset; baseline if not given"},
                          Argument{"b", &CompareTrainedWith::b, "name of a preset; variant6 if not given"}};
    }
};

struct CompareWith {
    static constexpr const char* id = "compare.with";
    static constexpr Effect effect = Effect::shows;
    std::string side;
    static constexpr auto arguments() {
        return std::tuple{
            Argument{"side", &CompareWith::side,
                     "photo, ground-truth, or any of rule=..., weights=..., views=..., precision=..., "
                     "form=linear"}};
    }
};

struct GoWhereBothAreSeen {
    static constexpr const char* id = "compare.go";
    static constexpr Effect effect = Effect::shows;
};

struct ExportComparison {
    static constexpr const char* id = "compare.export";
    static constexpr Effect effect = Effect::writes;
    std::optional<std::string> path = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"path", &ExportComparison::path, ".csv or .json file to write"}};
    }
};

struct ExportComparisonJson {
    static constexpr const char* id = "compare.export_json";
    static constexpr Effect effect = Effect::writes;
    std::optional<std::string> path = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"path", &ExportComparisonJson::path, ".json or .csv file to write"}};
    }
};

// Experiments.

/// Sets what is given of the choices, and runs the experiment.
struct RunExperiment {
    static constexpr const char* id = "experiment.run";
    static constexpr Effect effect = Effect::shows;
    std::optional<std::string> experiment = {};
    std::optional<double> layer = {};
    std::optional<double> head = {};
    std::optional<std::uint64_t> steps = {};
    std::optional<std::uint64_t> views = {};
    std::optional<std::string> projection = {};
    std::optional<std::uint64_t> seed = {};
    std::optional<std::uint64_t> training_steps = {};
    static constexpr auto arguments() {
        return std::tuple{
            Argument{"experiment", &RunExperiment::experiment, "its id; the chosen one if not given"},
            Argument{"layer", &RunExperiment::layer, "from 0; -1: all, or the one that is shown"},
            Argument{"head", &RunExperiment::head, "from 0; -1: all, or the one that is shown"},
            Argument{"steps", &RunExperiment::steps, "largest number of inner steps, 1 to 64"},
            Argument{"views", &RunExperiment::views, "held-out views; 0: all"},
            Argument{"projection", &RunExperiment::projection, "pca or tsne"},
            Argument{"seed", &RunExperiment::seed, "whole number"},
            Argument{"training_steps", &RunExperiment::training_steps, "steps of each run that trains"}};
    }
};

struct CancelExperiment {
    static constexpr const char* id = "experiment.cancel";
    static constexpr Effect effect = Effect::shows;
};

/// Writes the report of the last run to a folder.
struct ExportExperiment {
    static constexpr const char* id = "experiment.export";
    static constexpr Effect effect = Effect::writes;
    std::optional<std::string> experiment = {};
    std::optional<std::string> folder = {};
    static constexpr auto arguments() {
        return std::tuple{
            Argument{"experiment", &ExportExperiment::experiment, "its id; the chosen one if not given"},
            Argument{"folder", &ExportExperiment::folder, "folder to write; a new one if not given"}};
    }
};

// Camera path.

struct AddPathKey {
    static constexpr const char* id = "path.add_key";
    static constexpr Effect effect = Effect::shows;
};

struct SetPathKey {
    static constexpr const char* id = "path.set_key";
    static constexpr Effect effect = Effect::shows;
    std::uint64_t key = 0;
    std::optional<double> time = {};
    std::optional<double> fov = {};
    std::optional<std::string> easing = {};
    std::optional<Eigen::Matrix4d> c2w = {};
    std::optional<bool> here = {};
    static constexpr auto arguments() {
        return std::tuple{
            Argument{"key", &SetPathKey::key, "its number from 0"},
            Argument{"time", &SetPathKey::time, "seconds"},
            Argument{"fov", &SetPathKey::fov, "degrees"},
            Argument{"easing", &SetPathKey::easing, "smooth, linear, ease-in, ease-out, ease-in-out, hold"},
            Argument{"c2w", &SetPathKey::c2w, "its pose: 4 rows of 4 numbers"},
            Argument{"here", &SetPathKey::here, "true: the current camera"}};
    }
};

struct RemovePathKey {
    static constexpr const char* id = "path.remove_key";
    static constexpr Effect effect = Effect::shows;
    std::uint64_t key = 0;
    static constexpr auto arguments() {
        return std::tuple{Argument{"key", &RemovePathKey::key, "its number from 0"}};
    }
};

struct ClearPath {
    static constexpr const char* id = "path.clear";
    static constexpr Effect effect = Effect::shows;
};

struct UsePathPreset {
    static constexpr const char* id = "path.preset";
    static constexpr Effect effect = Effect::shows;
    std::string preset;
    std::optional<double> seconds = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"preset", &UsePathPreset::preset,
                                   "orbit, spiral, dolly, dolly-zoom, turntable or inputs"},
                          Argument{"seconds", &UsePathPreset::seconds, "8 if not given"}};
    }
};

struct PlayPath {
    static constexpr const char* id = "path.play";
    static constexpr Effect effect = Effect::shows;
};

struct GoToPathKey {
    static constexpr const char* id = "path.go_to_key";
    static constexpr Effect effect = Effect::shows;
    std::uint64_t key = 0;
    static constexpr auto arguments() {
        return std::tuple{Argument{"key", &GoToPathKey::key, "its number from 0"}};
    }
};

struct RecordFlight {
    static constexpr const char* id = "path.record_flight";
    static constexpr Effect effect = Effect::shows;
};

struct SavePath {
    static constexpr const char* id = "path.save";
    static constexpr Effect effect = Effect::writes;
    std::optional<std::string> path = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"path", &SavePath::path, "JSON file to write"}};
    }
};

struct LoadPath {
    static constexpr const char* id = "path.load";
    static constexpr Effect effect = Effect::opens;
    std::string path;
    static constexpr auto arguments() { return std::tuple{Argument{"path", &LoadPath::path, "JSON file"}}; }
};

// Script, undo, tour.

struct RecordScript {
    static constexpr const char* id = "script.record";
    static constexpr Effect effect = Effect::shows;
};

struct PlayScript {
    static constexpr const char* id = "script.play";
    static constexpr Effect effect = Effect::shows;
};

struct BeginScriptHere {
    static constexpr const char* id = "script.begin_here";
    static constexpr Effect effect = Effect::shows;
};

struct SaveScript {
    static constexpr const char* id = "script.save";
    static constexpr Effect effect = Effect::writes;
    std::optional<std::string> path = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"path", &SaveScript::path, "JSON file to write"}};
    }
};

struct RemoveScriptStep {
    static constexpr const char* id = "script.remove_step";
    static constexpr Effect effect = Effect::shows;
    std::uint64_t step = 0;
    static constexpr auto arguments() {
        return std::tuple{Argument{"step", &RemoveScriptStep::step, "its number from 0"}};
    }
};

struct ClearScript {
    static constexpr const char* id = "script.clear";
    static constexpr Effect effect = Effect::shows;
};

/// Answers whether the script of an opened file may do what it asks for. Only the user answers, never a
/// script.
struct AnswerConsent {
    static constexpr const char* id = "script.answer";
    static constexpr Effect effect = Effect::ends;
    std::string answer;
    static constexpr auto arguments() {
        return std::tuple{Argument{"answer", &AnswerConsent::answer, "allow, without or cancel"}};
    }
};

/// Removes the pins of patches of the view and of photos.
struct ClearPins {
    static constexpr const char* id = "selection.clear";
    static constexpr Effect effect = Effect::shows;
};

struct Undo {
    static constexpr const char* id = "edit.undo";
    static constexpr Effect effect = Effect::shows;
};

struct Redo {
    static constexpr const char* id = "edit.redo";
    static constexpr Effect effect = Effect::shows;
};

struct StartTour {
    static constexpr const char* id = "tour.start";
    static constexpr Effect effect = Effect::shows;
};

struct NextTourStep {
    static constexpr const char* id = "tour.next";
    static constexpr Effect effect = Effect::shows;
};

struct PreviousTourStep {
    static constexpr const char* id = "tour.back";
    static constexpr Effect effect = Effect::shows;
};

struct StopTour {
    static constexpr const char* id = "tour.stop";
    static constexpr Effect effect = Effect::shows;
};

// Recording.

struct StartRecording {
    static constexpr const char* id = "record.start";
    static constexpr Effect effect = Effect::writes;  // By another process of this program.
    std::optional<std::string> path = {};
    static constexpr auto arguments() {
        return std::tuple{Argument{"path", &StartRecording::path,
                                   ".mp4 or .gif file to write, or a folder for numbered PNGs"}};
    }
};

struct StopRecording {
    static constexpr const char* id = "record.stop";
    static constexpr Effect effect = Effect::shows;
};

// Training runs.

struct CloseTraining {
    static constexpr const char* id = "training.close";
    static constexpr Effect effect = Effect::shows;
    std::string folder;
    static constexpr auto arguments() {
        return std::tuple{Argument{"folder", &CloseTraining::folder, "of the run"}};
    }
};

struct FollowTraining {
    static constexpr const char* id = "training.follow";
    static constexpr Effect effect = Effect::opens;
    std::string folder;
    static constexpr auto arguments() {
        return std::tuple{Argument{"folder", &FollowTraining::folder, "of the run; empty: follow none"}};
    }
};

}  // namespace lact::app
