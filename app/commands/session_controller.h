#pragma once

#include "app/commands/controller.h"
#include "app/commands/recording_job.h"
#include "app/commands/scene_controller.h"
#include "app/commands/script_consent.h"
#include "app/commands/script_player.h"
#include "app/document/session_file.h"
#include "engine/core/error.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lact::app {

class EngineService;

/// The layout of the window, which a session stores and the document does not have.
struct WindowLayout {
    std::function<std::string()> get;
    std::function<Result<void>(const std::string&)> set;
};

/// Sessions: saves and opens the complete state of the window; exports images and videos that carry it.
class SessionController : private Controller {
  public:
    /// All must outlive this. `settled`: nothing is computed but, perhaps, an experiment.
    SessionController(PanelServices services, EngineService& engine, SceneController& scenes,
                      ScriptPlayer& player, ScriptConsent& consent, RecordingJob& recording,
                      WindowLayout layout, std::function<bool()> settled)
        : Controller(services),
          engine_(&engine),
          scenes_(&scenes),
          player_(&player),
          consent_(&consent),
          recording_(&recording),
          layout_(std::move(layout)),
          settled_(std::move(settled)) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);

    /// What is shown now; with a script, what is shown when it begins, and the script.
    [[nodiscard]] SessionFile session() const;
    /// What is shown now, without the script.
    [[nodiscard]] SessionFile session_now() const;
    /// Opened sessions bring their theme and their size of the interface: for recordings, which show the
    /// window as the user saw it.
    void take_interface() { takes_interface_ = true; }
    /// Opens the files of a session with its size and inputs; once they are open, takes over its path, layout
    /// and parameters, then runs its script. Where they cannot be opened all else is left out, with a
    /// warning. Errors: a script that cannot run; missing files.
    [[nodiscard]] Result<void> open(const SessionFile& session, ScriptRights rights);
    /// What its script touches beyond what is shown. Errors: a script that cannot run.
    [[nodiscard]] Result<std::vector<std::string>> requests(const SessionFile& session) const;
    /// Opens a session after the user was asked what it may do, where it asks for something; `source` is
    /// named.
    [[nodiscard]] Result<void> ask_and_open(const SessionFile& session, const std::string& source);
    /// Opens a session file, or the session in an image or video; asks as ask_and_open().
    [[nodiscard]] Result<void> open_file(const std::filesystem::path& path);
    /// The provenance of an image of the current frame, with the session that shows it again: with a script,
    /// as that begins.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> provenance() const;

    /// Before each frame: a scene that was just opened gets the camera of the session, or one that frames it.
    void advance();

  private:
    /// The files of a session while they are being opened.
    struct Opening {
        std::optional<std::uint64_t> scene;  ///< SceneSummary::sequence; empty: the session names none.
        std::filesystem::path weights;       ///< Empty: likewise.
        std::optional<Viewpoint> viewpoint;
    };
    [[nodiscard]] bool is_open(const SessionFile& session) const;
    [[nodiscard]] Result<Opening> open_files(const SessionFile& session);
    void change_open_scene(const SessionFile& session);
    [[nodiscard]] bool take_over(const SessionFile& session, const Opening& opened, const Script& script);
    void warn_of_other_weights(const SessionFile& session) const;
    void replace_document(const SessionFile& session, const Script& script);
    [[nodiscard]] Script settings_of(const SessionFile& session) const;
    [[nodiscard]] bool is_of_user(const Parameter& parameter, const ParameterValue& value) const;
    void end_flight();
    void leave_scene();
    void tell_of_frozen_image() const;
    void tell_of_beginning() const;
    [[nodiscard]] Result<void> save(const SaveSession& save) const;
    [[nodiscard]] Result<void> save_rendering(const SaveRendering& save) const;
    [[nodiscard]] Result<void> start_recording(const std::optional<std::string>& path);
    [[nodiscard]] Result<void> add_recording(CommandTable& commands);

    EngineService* engine_;
    SceneController* scenes_;
    ScriptPlayer* player_;
    ScriptConsent* consent_;
    RecordingJob* recording_;
    WindowLayout layout_;
    std::function<bool()> settled_;
    std::optional<Opening> opening_;  ///< Of a session, until its scene is there.
    bool takes_interface_ = false;
    std::filesystem::path scene_path_;  ///< Of the scene whose camera is set.
    std::uint64_t scene_sequence_ = 0;  ///< SceneSummary::sequence of the scene whose camera is set.
};

}  // namespace lact::app
