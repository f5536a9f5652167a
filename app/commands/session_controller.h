#pragma once

#include "app/commands/controller.h"
#include "app/commands/recording_job.h"
#include "app/commands/scene_controller.h"
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

/// What a session stores of the window that is not in the document.
struct WindowLayout {
    std::function<std::string()> get;
    std::function<void(std::string)> set;
};

/// Sessions: what is shown, saved and opened again; images, videos and files that carry one.
class SessionController : private Controller {
  public:
    /// All must outlive this.
    SessionController(PanelServices services, EngineService& engine, SceneController& scenes,
                      ScriptPlayer& player, RecordingJob& recording, WindowLayout layout)
        : Controller(services),
          engine_(&engine),
          scenes_(&scenes),
          player_(&player),
          recording_(&recording),
          layout_(std::move(layout)) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);

    /// What is shown now; with a script, what is shown when it begins, and the script.
    [[nodiscard]] SessionFile session() const;
    /// Opens what a session names and, once it is there, sets all that it says; then runs its script. Errors:
    /// a script that cannot run here. Files that are not there are told by the log.
    [[nodiscard]] Result<void> open(const SessionFile& session);
    /// Opens a session file, or the session in an image or video.
    [[nodiscard]] Result<void> open_file(const std::filesystem::path& path);
    /// What made an image of now, with the session that shows it again.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> provenance() const;

    /// Before each frame: a scene that was just opened gets the session's camera, or one that frames it;
    /// tells where the weights of an opened session are not the ones that made it.
    void advance();

  private:
    [[nodiscard]] SessionFile session_now() const;
    [[nodiscard]] bool is_open(const SessionFile& session) const;
    [[nodiscard]] Result<void> open_files(const SessionFile& session);
    [[nodiscard]] Script settings_of(const SessionFile& session) const;
    void check_expected_weights();
    [[nodiscard]] Result<void> save(const std::filesystem::path& file) const;
    [[nodiscard]] Result<void> save_rendering(const std::filesystem::path& file) const;
    [[nodiscard]] Result<void> start_recording(const std::optional<std::string>& path);
    [[nodiscard]] Result<void> add_recording(CommandTable& commands);

    EngineService* engine_;
    SceneController* scenes_;
    ScriptPlayer* player_;
    RecordingJob* recording_;
    WindowLayout layout_;
    std::optional<Viewpoint> requested_viewpoint_;  ///< Of a session, for the scene that is being opened.
    std::string expected_weights_;                  ///< SHA-256 of a session's weights, until they are open.
    std::uint64_t scene_sequence_ = 0;              ///< Of the scene that has its camera.
};

}  // namespace lact::app
