#pragma once

#include "app/commands/controller.h"
#include "app/commands/poses_controller.h"
#include "app/commands/script_controller.h"
#include "app/commands/session_controller.h"
#include "app/runtime/training_watch.h"
#include "engine/core/error.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

namespace lact::app {

class EngineService;

/// Opens files and folders of any kind the program knows: from the command line, the Open dialog, and dropped
/// on the window.
class OpenController : private Controller {
  public:
    /// All must outlive this.
    OpenController(PanelServices services, EngineService& engine, TrainingWatch& training,
                   SessionController& sessions, ScriptController& scripts, ScriptPlayer& player,
                   ScriptConsent& consent)
        : Controller(services),
          engine_(&engine),
          training_(&training),
          sessions_(&sessions),
          scripts_(&scripts),
          player_(&player),
          consent_(&consent) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    /// Folders of photos without poses go to it. Must be set before open().
    void set_poses(PosesController& poses) { poses_ = &poses; }
    /// Opens a path. Errors are logged.
    void open(const std::filesystem::path& path);
    /// Before each frame: loads a waiting camera path once the scene is open.
    void advance();
    /// A camera path waits for a scene.
    [[nodiscard]] bool busy() const { return path_to_open_.has_value(); }
    /// What was open when the program was used last; offered by file.reopen_last.
    void set_last(std::optional<SessionFile> last) { last_ = std::move(last); }
    [[nodiscard]] const std::optional<SessionFile>& last() const { return last_; }

  private:
    [[nodiscard]] std::string name_of_last() const;
    [[nodiscard]] Result<void> play_script(const std::filesystem::path& path);
    /// Opens a path, and says when it belongs in the list of recent paths.
    enum class Recent { never, now, once_open };
    [[nodiscard]] Recent open_target(const std::filesystem::path& path);
    void remember_opened();
    [[nodiscard]] Result<void> reopen_last();
    void end_reopening();

    EngineService* engine_;
    TrainingWatch* training_;
    SessionController* sessions_;
    ScriptController* scripts_;
    ScriptPlayer* player_;
    ScriptConsent* consent_;
    PosesController* poses_ = nullptr;
    /// A scene or weights that are being opened, and what was open before.
    struct Opening {
        std::filesystem::path path;
        std::uint64_t scene = 0;  ///< SceneSummary::sequence.
        std::filesystem::path weights;
    };
    std::vector<Opening> opening_;
    std::optional<std::filesystem::path> path_to_open_;  ///< A camera path, for when the scene is open.
    std::optional<SessionFile> last_;
    bool reopening_ = false;  ///< last_ is being opened.
};

}  // namespace lact::app
