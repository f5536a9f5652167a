#pragma once

#include "app/commands/camera_controller.h"
#include "app/commands/command_table.h"
#include "app/commands/compare_controller.h"
#include "app/commands/parameter_table.h"
#include "app/commands/path_controller.h"
#include "app/commands/poses_controller.h"
#include "app/commands/recording_job.h"
#include "app/commands/rule_controller.h"
#include "app/commands/scene_controller.h"
#include "app/commands/script_controller.h"
#include "app/commands/script_player.h"
#include "app/commands/services.h"
#include "app/commands/tour_controller.h"
#include "app/commands/training_commands.h"
#include "app/document/frame_clock.h"
#include "app/document/session_file.h"
#include "app/gfx/display.h"
#include "app/platform/settings.h"
#include "app/runtime/engine_service.h"
#include "app/runtime/jobs.h"
#include "app/runtime/log.h"
#include "app/runtime/training_watch.h"
#include "app/ui/compare_panel.h"
#include "app/ui/dialogs.h"
#include "app/ui/fast_weights_panel.h"
#include "app/ui/help_window.h"
#include "app/ui/linear_attention_panel.h"
#include "app/ui/notices.h"
#include "app/ui/overview_panel.h"
#include "app/ui/poses_dialog.h"
#include "app/ui/record_panel.h"
#include "app/ui/rule_panel.h"
#include "app/ui/scene_panel.h"
#include "app/ui/sequence_panel.h"
#include "app/ui/shell.h"
#include "app/ui/status_panel.h"
#include "app/ui/tour_card.h"
#include "app/ui/training_panel.h"
#include "app/ui/viewport_panel.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace lact::app {

/// How the window is started.
struct ApplicationOptions {
    ComputeOptions compute;
    std::vector<std::filesystem::path> paths;  ///< Scene folders, weight files and scripts, in any order.
    std::optional<std::filesystem::path> script;
    std::optional<std::filesystem::path> screenshot;  ///< Run to the end, save the window here, leave.
    std::filesystem::path program;  ///< What records films beside the window; empty: this program.
    std::string search_path = current_search_path();  ///< Where COLMAP is looked for.
    /// Where settings are; empty: they are neither read nor written.
    std::filesystem::path settings_folder;
    bool restore_size = false;  ///< The window takes the size that the settings remember.
};

/// The program behind the window: joins the engine thread, the tables, the panels and the shell. Data flows
/// one way: requests to the engine, published values back before each frame.
class Application {
  public:
    /// The display must outlive this. Errors: a script that cannot be read.
    [[nodiscard]] static Result<std::unique_ptr<Application>> create(gfx::Display& display,
                                                                     ApplicationOptions options);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    /// Until the window is closed, or, with a screenshot to make, until it is made.
    /// A stop request (Ctrl-C in the terminal) ends it, too; settings are kept.
    [[nodiscard]] Result<void> run(const std::stop_token& stop = {});
    /// Draws frames until nothing is computed and nothing changes. Error: a frame could not be drawn, or this
    /// takes longer than `seconds`.
    [[nodiscard]] Result<void> settle(double seconds = 120, const std::stop_token& stop = {});

    [[nodiscard]] const CommandTable& commands() const { return commands_; }
    [[nodiscard]] const ParameterTable& parameters() const { return parameters_; }
    [[nodiscard]] const Snapshot& snapshot() const { return snapshot_; }
    [[nodiscard]] const Document& document() const { return document_; }
    [[nodiscard]] const ErrorLog& log() const { return log_; }
    [[nodiscard]] Shell& shell() { return shell_; }
    [[nodiscard]] const RulePanel& rule_panel() const { return rule_; }
    [[nodiscard]] const ViewportPanel& viewport_panel() const { return viewport_; }
    [[nodiscard]] const LinearAttentionPanel& linear_attention_panel() const { return linear_attention_; }
    [[nodiscard]] const OverviewPanel& overview_panel() const { return overview_; }
    [[nodiscard]] const ComparePanel& compare_panel() const { return compare_panel_; }
    [[nodiscard]] const RecordPanel& record_panel() const { return record_panel_; }
    [[nodiscard]] const SequencePanel& sequence_panel() const { return sequence_; }
    [[nodiscard]] const PosesController& poses() const { return poses_; }
    [[nodiscard]] const Notices& notices() const { return notices_; }
    [[nodiscard]] bool idle() const;
    /// Opens what a session names and, once it is there, sets all that it says; then runs its script. Errors:
    /// a script that cannot be run here; files that cannot be found are told by the log.
    [[nodiscard]] Result<void> open_session(const SessionFile& session);
    /// What is shown now; with a script, that and what is shown when it begins.
    [[nodiscard]] SessionFile session();
    /// Runs a script from its beginning. Errors: unknown actions and the like.
    [[nodiscard]] Result<void> run_script(const nlohmann::json& steps, const std::string& where);

    /// Measured times are not shown any more: they differ from run to run.
    void hide_times() { document_.show_times = false; }
    /// From now on the program's clock stands still but for these calls.
    void hold_clock(double seconds);
    /// The window as it is at the held time: drawn until nothing is computed any more.
    [[nodiscard]] Result<Image8> exact_frame(const Job& job);
    /// No script, path or glide is going on; a path that is a loop has been gone around once.
    [[nodiscard]] bool playback_over() const;
    /// How long script, path and glide still take, as far as that can be told.
    [[nodiscard]] double playback_seconds_left() const;
    /// A looped path, and nothing else, is going on and back where it began after so many seconds: a film
    /// ends before that moment, which is its first one.
    [[nodiscard]] bool loop_closes_within(double seconds) const;
    /// The numbers that a panel shows. Errors: a panel without numbers.
    [[nodiscard]] Result<PanelData> panel_data(const std::string& panel) const;

  private:
    /// A picture to be made after this frame: of the window, or of one panel.
    struct ImageRequest {
        std::filesystem::path path;
        std::string panel;  ///< Empty: the whole window.
    };
    Application(gfx::Display& display, ApplicationOptions options, Settings settings);
    [[nodiscard]] Result<void> start();
    [[nodiscard]] Result<void> fill_tables();
    void load_the_tour();
    void add_panels();
    void before_frame();
    void send_requests();
    [[nodiscard]] Result<void> save_images();
    void draw_menu();
    void draw_summary();
    void draw_overlay(PanelContext& context);
    void open_path(const std::filesystem::path& path);
    [[nodiscard]] bool may_close();
    /// Tells where the weights of an opened session are not the ones that made it.
    void check_expected_weights();
    [[nodiscard]] Result<void> play_script_file(const std::filesystem::path& path);
    /// Nothing is computed and nothing moves, whatever scripts may still do.
    [[nodiscard]] bool settled() const;
    /// The same but that the camera may be on its way by itself.
    [[nodiscard]] bool settled_but_for_motion() const;
    /// What settings remember: at the start, and at the end.
    void restore();
    void remember();
    [[nodiscard]] PanelServices services();

    [[nodiscard]] Result<void> add_file_commands();
    [[nodiscard]] Result<void> add_view_commands();
    [[nodiscard]] Result<void> add_parameters();
    [[nodiscard]] Result<void> add_export_commands();
    [[nodiscard]] Result<void> export_panel(const std::string& panel, const std::filesystem::path& path);
    void draw_panel_menu(const std::string& panel);
    [[nodiscard]] Result<void> add_session_commands();
    /// What made a picture of now, with the session that shows it again.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> image_provenance();
    [[nodiscard]] SessionFile session_now();
    [[nodiscard]] bool is_open(const SessionFile& session) const;
    [[nodiscard]] Result<void> open_files_of(const SessionFile& session);
    [[nodiscard]] std::vector<std::string> panels_in_front() const;
    [[nodiscard]] Result<void> save_session(const std::filesystem::path& file);
    [[nodiscard]] Result<void> open_recorded(const std::filesystem::path& path);
    [[nodiscard]] Result<void> start_recording(const nlohmann::json& with);

    gfx::Display& display_;
    ApplicationOptions options_;
    Settings settings_;
    ErrorLog log_;
    JobRegistry jobs_;
    CommandTable commands_;
    ParameterTable parameters_;
    Document document_;
    Snapshot snapshot_;
    QueryBoard queries_;
    Shell shell_;
    ViewportPanel viewport_;
    ScenePanel scene_;
    OverviewPanel overview_;
    RulePanel rule_;
    FastWeightsPanel fast_weights_;
    LinearAttentionPanel linear_attention_;
    ComparePanel compare_panel_;
    SequencePanel sequence_;
    TrainingWatch training_;
    TrainingFollower follower_;
    TrainingPanel training_panel_;
    StatusPanel status_;
    HelpWindow help_;
    ErrorDialog errors_;
    Notices notices_;
    OpenDialog open_;
    TourCard tour_;
    PosesDialog poses_dialog_;
    FrameClock clock_;
    ScriptPlayer player_;
    CameraController camera_;
    SceneController scene_controller_;
    RuleController rule_controller_;
    CompareController compare_;
    TourController tour_controller_;
    PathController path_;
    ScriptController script_;
    RecordPanel record_panel_;
    RecordingJob recording_;
    PosesController poses_;
    std::optional<Viewpoint> requested_viewpoint_;  ///< Of a session, for the scene that is being opened.
    std::string expected_weights_;                  ///< SHA-256 of a session's weights, until they are open.
    double asked_to_close_ = -1e9;                  ///< When closing was put off.
    std::optional<std::filesystem::path> track_to_open_;  ///< A camera path, as soon as the engine is idle.
    std::uint64_t scene_sequence_ = 0;
    std::uint64_t sent_moves_ = 0;
    std::optional<MatrixKey> sent_matrix_;
    std::vector<ImageRequest> images_;
    EngineService engine_;  ///< Last: its thread ends before anything it wakes is gone.
};

}  // namespace lact::app
