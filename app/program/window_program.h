#pragma once

#include "app/core/actions.h"
#include "app/core/engine_thread.h"
#include "app/core/jobs.h"
#include "app/core/log.h"
#include "app/core/parameters.h"
#include "app/core/script.h"
#include "app/core/settings.h"
#include "app/core/training_watch.h"
#include "app/panels/dialogs.h"
#include "app/panels/fast_weights_panel.h"
#include "app/panels/help_window.h"
#include "app/panels/linear_attention_panel.h"
#include "app/panels/overview_panel.h"
#include "app/panels/rule_panel.h"
#include "app/panels/scene_panel.h"
#include "app/panels/sequence_panel.h"
#include "app/panels/status_panel.h"
#include "app/panels/training_panel.h"
#include "app/panels/viewport_panel.h"
#include "app/program/view_state.h"
#include "app/window/display.h"
#include "app/window/shell.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace lact::app {

/// How the window is started.
struct WindowOptions {
    ComputeOptions compute;
    std::vector<std::filesystem::path> paths;  ///< Scene folders, weight files and scripts, in any order.
    std::optional<std::filesystem::path> script;
    std::optional<std::filesystem::path> screenshot;  ///< Run to the end, save the window here, leave.
    /// Where settings are; empty: they are neither read nor written.
    std::filesystem::path settings_folder;
};

/// The program behind the window: joins the engine thread, the tables, the panels and the shell. Data flows
/// one way: requests to the engine, published values back before each frame.
class WindowProgram {
  public:
    /// The display must outlive this. Errors: a script that cannot be read.
    [[nodiscard]] static Result<std::unique_ptr<WindowProgram>> create(window::Display& display,
                                                                       WindowOptions options);
    ~WindowProgram();
    WindowProgram(const WindowProgram&) = delete;
    WindowProgram& operator=(const WindowProgram&) = delete;

    /// Until the window is closed, or, with a screenshot to make, until it is made.
    /// A stop request (Ctrl-C in the terminal) ends it, too; settings are kept.
    [[nodiscard]] Result<void> run(const std::stop_token& stop = {});
    /// Draws frames until nothing is computed and nothing changes. Error: a frame could not be drawn, or this
    /// takes longer than `seconds`.
    [[nodiscard]] Result<void> settle(double seconds = 120, const std::stop_token& stop = {});

    [[nodiscard]] const ActionTable& actions() const { return actions_; }
    [[nodiscard]] const ParameterTable& parameters() const { return parameters_; }
    [[nodiscard]] const Published& published() const { return published_; }
    [[nodiscard]] const ViewState& view() const { return view_; }
    [[nodiscard]] const ErrorLog& log() const { return log_; }
    [[nodiscard]] window::Shell& shell() { return shell_; }
    [[nodiscard]] const RulePanel& rule_panel() const { return rule_; }
    [[nodiscard]] const ViewportPanel& viewport_panel() const { return viewport_; }
    [[nodiscard]] const LinearAttentionPanel& linear_attention_panel() const { return linear_attention_; }
    [[nodiscard]] const SequencePanel& sequence_panel() const { return sequence_; }
    [[nodiscard]] bool idle() const;

  private:
    WindowProgram(window::Display& display, WindowOptions options, Settings settings);
    [[nodiscard]] Result<void> start();
    void add_panels();
    void before_frame();
    void send_wishes();
    void notice_rest();
    void draw_menu();
    void draw_summary();
    void draw_overlay(window::PanelContext& context);
    void open_path(const std::filesystem::path& path);
    void run_script_step();
    void remember();
    [[nodiscard]] PanelServices services();

    [[nodiscard]] Result<void> add_file_actions();
    [[nodiscard]] Result<void> add_camera_actions();
    [[nodiscard]] Result<void> add_scene_actions();
    [[nodiscard]] Result<void> add_view_actions();
    [[nodiscard]] Result<void> add_parameters();
    [[nodiscard]] Result<void> add_matrix_parameters();
    [[nodiscard]] Result<void> add_inside_parameters();
    [[nodiscard]] Result<void> add_rule_parameters();
    [[nodiscard]] Result<void> add_sequence_parameters();
    [[nodiscard]] Result<void> open_generated(const nlohmann::json& with);
    [[nodiscard]] Result<void> pin_patch(const std::string& text);
    /// The rule last asked for, whether or not its state is there yet.
    [[nodiscard]] UpdateRule wanted_rule() const;
    /// Errors: a rule without a meaning, or one the weights cannot run.
    [[nodiscard]] Result<void> set_rule(const UpdateRule& rule);
    [[nodiscard]] std::string no_scene() const;
    void go_to_view(std::size_t view);
    void step_through_views(const std::vector<std::size_t>& views, int step);

    window::Display& display_;
    WindowOptions options_;
    Settings settings_;
    ErrorLog log_;
    JobRegistry jobs_;
    ActionTable actions_;
    ParameterTable parameters_;
    ViewState view_;
    Published published_;
    QuestionBoard questions_;
    window::Shell shell_;
    ViewportPanel viewport_;
    ScenePanel scene_;
    OverviewPanel overview_;
    RulePanel rule_;
    FastWeightsPanel fast_weights_;
    LinearAttentionPanel linear_attention_;
    SequencePanel sequence_;
    TrainingWatch training_;
    TrainingPanel training_panel_;
    StatusPanel status_;
    HelpWindow help_;
    ErrorDialog errors_;
    OpenDialog open_;
    std::optional<ScriptRunner> script_;
    std::uint64_t scene_sequence_ = 0;
    std::uint64_t sent_moves_ = 0;
    std::uint64_t rested_moves_ = 0;  ///< Motion after which `rested` is waited for, and since when.
    double moved_at_ = 0;
    std::optional<MatrixKey> sent_matrix_;
    std::optional<UpdateRule> wished_rule_;             ///< Asked for and not known to be built yet.
    std::optional<std::filesystem::path> save_window_;  ///< After this frame.
    EngineThread engine_;  ///< Last: its thread ends before anything it wakes is gone.
};

}  // namespace lact::app
