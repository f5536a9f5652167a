#pragma once

#include "app/application/window_commands.h"
#include "app/commands/controllers.h"
#include "app/document/frame_clock.h"
#include "app/gfx/display.h"
#include "app/platform/child_process.h"
#include "app/platform/settings.h"
#include "app/runtime/runtime.h"
#include "app/ui/keys.h"
#include "app/ui/menu_bar.h"
#include "app/ui/panel_set.h"
#include "app/ui/shell.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace lact::app {

/// How the window is started.
struct ApplicationOptions {
    ComputeOptions compute{.precision = std::nullopt};
    std::vector<std::filesystem::path> paths;  ///< Scene folders, weight files and scripts, in any order.
    std::optional<std::filesystem::path> script;
    std::optional<std::filesystem::path>
        screenshot;  ///< Draw until nothing changes, save the window here, quit.
    std::filesystem::path
        program;  ///< Executable that records videos in the background; empty: this program.
    std::string search_path = current_search_path();  ///< Where COLMAP is looked for.
    /// Folder of the settings; empty: they are neither read nor written.
    std::filesystem::path settings_folder;
    bool user = false;       ///< A user is in front of the window, and can be asked.
    bool overwrite = false;  ///< The script, and with allow_writes those of opened files, may replace files.
    /// Scripts of opened files may write new files, open others and start programs.
    bool allow_writes = false;
    bool restore_size = false;  ///< The window takes the size that the settings remember.
};

/// The program behind the window: the main loop, and the wiring of runtime, document, commands and panels.
/// Data flows one way: widgets run commands, commands change the document and send requests to the engine,
/// and before each frame the newest snapshot comes back.
class Application {
  public:
    /// The display must outlive this. Errors: a script that cannot be read.
    [[nodiscard]] static Result<std::unique_ptr<Application>> create(gfx::Display& display,
                                                                     ApplicationOptions options);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    /// Runs until the window is closed or, with a screenshot, until that is saved. A stop request (Ctrl-C in
    /// the terminal) ends it, too. Settings are saved; without a chance to ask the user, also a camera path
    /// and a script. Errors: a frame could not be drawn (the GPU was lost).
    [[nodiscard]] Result<void> run(const std::stop_token& stop = {});
    /// Draws frames until nothing is computed and nothing changes. Error: a frame could not be drawn, or for
    /// `seconds` nothing goes on. While a script or a job runs that is the longest wait of a script at least.
    [[nodiscard]] Result<void> settle(double seconds = 120, const std::stop_token& stop = {});

    /// Sets the clock of the program and holds it there until the next call.
    void hold_clock(double seconds);
    /// The window at the held time, drawn until nothing is computed any more.
    [[nodiscard]] Result<Image8> exact_frame(const Job& job);
    /// No script, path or glide plays; a looped path has ended its first round.
    [[nodiscard]] bool playback_over() const;
    /// Seconds left of script, path and glide, without waits for idle.
    [[nodiscard]] double playback_seconds_left() const;
    /// Only a looped path plays, and it is back at its beginning within so many seconds: a video ends before
    /// that frame, which equals its first one.
    [[nodiscard]] bool loop_closes_within(double seconds) const;
    /// Hides measured times, which differ from run to run.
    void hide_times() { document_.show_times = false; }

    /// Runs a script from its beginning. Errors: unknown commands and the like.
    [[nodiscard]] Result<void> run_script(const nlohmann::json& steps, const std::string& where,
                                          ScriptRights rights = ScriptRights::new_files);
    [[nodiscard]] Result<void> open_session(const SessionFile& session,
                                            ScriptRights rights = ScriptRights::shows) {
        return controllers_.session.open(session, rights);
    }
    /// A user is there: commands that write without a path ask for one.
    void set_user_present() { document_.user_present = true; }
    /// Opened sessions bring their theme and their size of the interface.
    void take_interface_of_sessions() { controllers_.session.take_interface(); }
    [[nodiscard]] SessionFile session() const { return controllers_.session.session(); }
    [[nodiscard]] bool idle() const { return controllers_.settled() && !controllers_.player.touring(); }

    [[nodiscard]] const CommandTable& commands() const { return tables_.commands; }
    [[nodiscard]] const ParameterTable& parameters() const { return tables_.parameters; }
    [[nodiscard]] SnapshotRef snapshot() const { return SnapshotRef(runtime_.frame); }
    [[nodiscard]] const Document& document() const { return document_; }
    [[nodiscard]] const ErrorLog& log() const { return runtime_.log; }
    /// The first error that was logged, as that of a command without a window; none where there is none.
    [[nodiscard]] Result<void> first_error() const;
    [[nodiscard]] const Controllers& controllers() const { return controllers_; }
    [[nodiscard]] const PanelSet& panels() const { return panels_; }
    [[nodiscard]] PanelSet& panels() { return panels_; }
    [[nodiscard]] Shell& shell() { return shell_; }
    /// What panels are given.
    [[nodiscard]] PanelServices services() {
        return {SnapshotRef(runtime_.frame), &document_, &tables_.dispatch};
    }

  private:
    Application(gfx::Display& display, ApplicationOptions options, Settings settings);
    [[nodiscard]] WindowHooks hooks();
    [[nodiscard]] Result<void> start();
    [[nodiscard]] Result<void> open_what_was_given();
    void load_the_tour();
    void before_frame();
    void draw_overlay(PanelContext& context);
    void save_images();
    [[nodiscard]] bool may_close();
    /// Writes what is not saved, a camera path or a script, as a session beside the settings, and says so in
    /// a sentence; empty where there is nothing to save.
    [[nodiscard]] std::string rescue() const;
    /// Applies the settings at the start, and saves them at the end.
    void restore();
    void remember();
    void restore_last();
    [[nodiscard]] nlohmann::json what_is_open() const;

    gfx::Display& display_;
    ApplicationOptions options_;
    Settings settings_;
    FrameClock clock_;
    Document document_;
    Runtime runtime_;
    Tables tables_;
    Shell shell_;
    Controllers controllers_;
    PanelSet panels_;
    WindowCommands window_commands_;
    MenuBar menu_bar_;
    std::optional<KeyBindings> keys_;  ///< Once the command table is filled.
};

}  // namespace lact::app
