#pragma once

#include "app/commands/camera_controller.h"
#include "app/commands/compare_controller.h"
#include "app/commands/experiment_controller.h"
#include "app/commands/open_controller.h"
#include "app/commands/path_controller.h"
#include "app/commands/poses_controller.h"
#include "app/commands/recording_job.h"
#include "app/commands/request_sender.h"
#include "app/commands/rule_controller.h"
#include "app/commands/scene_controller.h"
#include "app/commands/script_consent.h"
#include "app/commands/script_controller.h"
#include "app/commands/script_player.h"
#include "app/commands/services.h"
#include "app/commands/session_controller.h"
#include "app/commands/tour_controller.h"
#include "app/commands/training_commands.h"
#include "app/commands/undo_controller.h"
#include "app/runtime/runtime.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace lact::app {

/// What controllers need from the window.
struct WindowHooks {
    WindowLayout layout;
    std::function<std::vector<std::string>()> panels_in_front;  ///< Titles of the visible panels.
    std::function<void()> wake;                                 ///< Another frame is needed soon.
};

/// All controllers. Each owns one subject, adds its commands and parameters, and runs its animation.
struct Controllers {
    /// `tables` and everything else must outlive this. `recorder`: the program that records videos; empty:
    /// this program. `search_path`: where COLMAP is looked for.
    Controllers(PanelServices services, Runtime& runtime, Tables& tables, const FrameClock& clock,
                const WindowHooks& hooks, std::filesystem::path recorder, std::string search_path);

    [[nodiscard]] Result<void> add_to(Tables& tables);
    /// Before each frame, after the snapshot is refreshed. Returns whether a script has done a step.
    bool advance();
    /// After the panels are drawn: sends the requests that have changed to the engine.
    void send();

    /// Nothing is computed and nothing moves. Scripts may still have steps left.
    [[nodiscard]] bool settled() const;
    /// The same, but the camera may be moving by itself.
    [[nodiscard]] bool settled_but_for_motion() const;
    /// The same, but an experiment may run, too.
    [[nodiscard]] bool settled_but_for_experiment() const;

    Runtime* runtime;
    const FrameClock* clock;
    PanelServices services;
    ScriptPlayer player;
    bool script_pauses = false;  ///< While an image that it asked for is captured, which takes frames.
    ScriptConsent consent;
    CameraController camera;
    SceneController scene;
    RuleController rule;
    CompareController compare;
    ExperimentController experiment;
    PathController path;
    RecordingJob recording;
    SessionController session;
    ScriptController script;
    TourController tour;
    OpenController open;
    PosesController poses;
    TrainingFollower follower;
    RequestSender requests;
    UndoController undo;
};

}  // namespace lact::app
