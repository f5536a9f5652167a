#pragma once

#include "app/commands/controller.h"
#include "app/commands/interaction_recorder.h"
#include "app/commands/script_player.h"
#include "app/document/frame_clock.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// The script of the document: recorded from the interaction of the user, played, recorded as a video, saved
/// and cleared.
class ScriptController : private Controller {
  public:
    /// What the controller needs from the window.
    struct Window {
        /// What is shown now; with a script, what is shown when it begins.
        std::function<SessionFile()> session;
        std::function<SessionFile()> session_now;  ///< What is shown now, without a script.
        std::function<Result<void>(const SessionFile&)> ask_and_open;  ///< Asks what the script may do.
        std::function<Result<void>(const SessionFile&)> open_session;  ///< With a script of the user.
        std::function<std::vector<std::string>()> panels_in_front;
    };
    ScriptController(PanelServices services, ScriptPlayer& player, const FrameClock& clock, Window window);

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    /// Before each frame: continues an interaction recording.
    void advance();
    /// Makes an opened script that of the document; it begins with what is shown now. `own`: the user has
    /// recorded it, or has allowed all that it does.
    void adopt(nlohmann::json steps, bool own);
    /// The script of the document begins with what is shown now.
    void begin_here();

  private:
    [[nodiscard]] InteractionSample sample() const;
    [[nodiscard]] std::string weights_now() const;  ///< Their SHA-256; empty: none are open.
    void begin_interaction();
    [[nodiscard]] Result<void> end_interaction();
    [[nodiscard]] Result<void> play();
    [[nodiscard]] Result<void> remove_step(const RemoveScriptStep& remove);
    [[nodiscard]] Result<void> save(const SaveScript& save) const;
    [[nodiscard]] std::string no_script() const;

    ScriptPlayer& player_;
    const FrameClock* clock_;
    Window window_;
    std::optional<InteractionRecorder> interaction_;
    double interaction_began_ = 0;
    std::uint64_t interaction_scene_ = 0;  ///< SceneSummary::sequence of the recorded scene.
    std::string interaction_weights_;      ///< weights_now() of the recording.
    std::shared_ptr<const SessionFile> interaction_begin_;
};

}  // namespace lact::app
