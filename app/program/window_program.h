#pragma once

#include "app/core/actions.h"
#include "app/core/engine_thread.h"
#include "app/core/frame_clock.h"
#include "app/core/jobs.h"
#include "app/core/log.h"
#include "app/core/parameters.h"
#include "app/core/session_file.h"
#include "app/core/settings.h"
#include "app/core/training_watch.h"
#include "app/panels/compare_panel.h"
#include "app/panels/dialogs.h"
#include "app/panels/fast_weights_panel.h"
#include "app/panels/help_window.h"
#include "app/panels/linear_attention_panel.h"
#include "app/panels/notices.h"
#include "app/panels/overview_panel.h"
#include "app/panels/record_panel.h"
#include "app/panels/rule_panel.h"
#include "app/panels/scene_panel.h"
#include "app/panels/sequence_panel.h"
#include "app/panels/status_panel.h"
#include "app/panels/tour_card.h"
#include "app/panels/training_panel.h"
#include "app/panels/viewport_panel.h"
#include "app/program/camera_desk.h"
#include "app/program/compare_desk.h"
#include "app/program/film_job.h"
#include "app/program/path_desk.h"
#include "app/program/poses_desk.h"
#include "app/program/rule_desk.h"
#include "app/program/scene_desk.h"
#include "app/program/script_desk.h"
#include "app/program/story.h"
#include "app/program/tour_desk.h"
#include "app/program/training_actions.h"
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
    std::filesystem::path program;  ///< What records films beside the window; empty: this program.
    std::string search_path = current_search_path();  ///< Where COLMAP is looked for.
    /// Where settings are; empty: they are neither read nor written.
    std::filesystem::path settings_folder;
    bool restore_size = false;  ///< The window takes the size that the settings remember.
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
    [[nodiscard]] const OverviewPanel& overview_panel() const { return overview_; }
    [[nodiscard]] const TourCard& tour() const { return tour_; }
    [[nodiscard]] const ComparePanel& compare_panel() const { return compare_panel_; }
    [[nodiscard]] const RecordPanel& record_panel() const { return record_panel_; }
    [[nodiscard]] const SequencePanel& sequence_panel() const { return sequence_; }
    [[nodiscard]] const PosesDesk& poses() const { return poses_; }
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
    void hide_times() { view_.show_times = false; }
    /// From now on the program's clock stands still but for these calls.
    void hold_clock(double seconds);
    /// The window as it is at the held time: drawn until nothing is computed any more.
    [[nodiscard]] Result<Image8> exact_frame(const Job& job);
    /// No script, path or glide is going on; a path that is a loop has been gone around once.
    [[nodiscard]] bool story_over() const;
    /// How long script, path and glide still take, as far as that can be told.
    [[nodiscard]] double story_seconds_left() const;
    /// A looped path, and nothing else, is going on and back where it began after so many seconds: a film
    /// ends before that moment, which is its first one.
    [[nodiscard]] bool loop_closes_within(double seconds) const;
    /// The numbers that a panel shows. Errors: a panel without numbers.
    [[nodiscard]] Result<PanelData> panel_data(const std::string& panel) const;

  private:
    /// A picture to be made after this frame: of the window, or of one panel.
    struct WantedPicture {
        std::filesystem::path path;
        std::string panel;  ///< Empty: the whole window.
    };
    WindowProgram(window::Display& display, WindowOptions options, Settings settings);
    [[nodiscard]] Result<void> start();
    [[nodiscard]] Result<void> fill_tables();
    void load_the_tour();
    void add_panels();
    void before_frame();
    void send_wishes();
    [[nodiscard]] Result<void> save_pictures();
    void draw_menu();
    void draw_summary();
    void draw_overlay(window::PanelContext& context);
    void open_path(const std::filesystem::path& path);
    [[nodiscard]] bool may_close();
    /// Tells where the weights of an opened session are not the ones that made it.
    void check_wanted_weights();
    [[nodiscard]] Result<void> play_script_file(const std::filesystem::path& path);
    /// Nothing is computed and nothing moves, whatever scripts may still do.
    [[nodiscard]] bool settled() const;
    /// The same but that the camera may be on its way by itself.
    [[nodiscard]] bool settled_but_for_motion() const;
    /// What settings remember: at the start, and at the end.
    void restore();
    void remember();
    [[nodiscard]] PanelServices services();

    [[nodiscard]] Result<void> add_file_actions();
    [[nodiscard]] Result<void> add_view_actions();
    [[nodiscard]] Result<void> add_parameters();
    [[nodiscard]] Result<void> add_export_actions();
    [[nodiscard]] Result<void> export_panel(const std::string& panel, const std::filesystem::path& path);
    void draw_panel_menu(const std::string& panel);
    [[nodiscard]] Result<void> add_session_actions();
    /// What made a picture of now, with the session that shows it again.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> picture_provenance();
    [[nodiscard]] SessionFile session_now();
    [[nodiscard]] bool is_open(const SessionFile& session) const;
    [[nodiscard]] Result<void> open_files_of(const SessionFile& session);
    [[nodiscard]] std::vector<std::string> panels_in_front() const;
    [[nodiscard]] Result<void> save_session(const std::filesystem::path& file);
    [[nodiscard]] Result<void> open_recorded(const std::filesystem::path& path);
    [[nodiscard]] Result<void> start_recording(const nlohmann::json& with);

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
    FrameClock clock_;
    Story story_;
    CameraDesk camera_;
    SceneDesk scene_desk_;
    RuleDesk rule_desk_;
    CompareDesk compare_;
    TourDesk tour_desk_;
    PathDesk path_;
    ScriptDesk script_;
    RecordPanel record_panel_;
    FilmJob film_;
    PosesDesk poses_;
    std::optional<Viewpoint> wanted_viewpoint_;  ///< Of a session, for the scene that is being opened.
    std::string wanted_weights_;                 ///< SHA-256 of a session's weights, until they are open.
    double asked_to_close_ = -1e9;               ///< When closing was put off.
    std::optional<std::filesystem::path> track_to_open_;  ///< A camera path, as soon as the engine is idle.
    std::uint64_t scene_sequence_ = 0;
    std::uint64_t sent_moves_ = 0;
    std::optional<MatrixKey> sent_matrix_;
    std::vector<WantedPicture> pictures_;
    EngineThread engine_;  ///< Last: its thread ends before anything it wakes is gone.
};

}  // namespace lact::app
