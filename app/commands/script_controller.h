#pragma once

#include "app/commands/controller.h"
#include "app/commands/interaction_recorder.h"
#include "app/commands/script_player.h"
#include "app/document/frame_clock.h"
#include "app/document/undo_history.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// The script over time that films play: recorded from what a person does, played, saved and cleared; and
/// undoing what was changed of it and of the camera path.
class ScriptController : private Controller {
  public:
    /// What the desk needs of the window.
    struct Window {
        std::function<SessionFile()> session;  ///< What is shown now; with the script, as it begins.
        std::function<Result<void>(const SessionFile&)> open_session;
        std::function<std::vector<std::string>()> panels_in_front;
    };
    ScriptController(PanelServices services, ScriptPlayer& playback, const FrameClock& clock, Window window);

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    /// Before each frame: a take goes on, changes become steps that can be undone.
    void advance();
    /// A script that was opened becomes the one that films play; it begins with what is shown now.
    void adopt(nlohmann::json steps);

  private:
    /// What undoing brings back.
    struct Edit {
        CameraTrack track;
        ScriptState script;
        friend bool operator==(const Edit&, const Edit&) = default;
    };
    [[nodiscard]] Edit edit() const { return {document().path.track, document().script}; }
    void bring_back(const std::optional<Edit>& edit);
    [[nodiscard]] InteractionSample moment() const;
    void begin_interaction();
    [[nodiscard]] Result<void> end_interaction();
    [[nodiscard]] Result<void> play();
    [[nodiscard]] Result<void> remove_step(const RemoveScriptStep& remove);
    [[nodiscard]] Result<void> save(const SaveScript& save) const;
    [[nodiscard]] std::string no_script() const;
    [[nodiscard]] Result<void> add_interaction(CommandTable& commands);
    [[nodiscard]] Result<void> add_undo(CommandTable& commands);

    ScriptPlayer& player_;
    const FrameClock* clock_;
    Window window_;
    UndoHistory<Edit> history_;
    std::optional<InteractionRecorder> interaction_;
    double interaction_began_ = 0;
    std::uint64_t interaction_scene_ = 0;  ///< Sequence number of the scene that the take is of.
    std::shared_ptr<const SessionFile> interaction_begin_;
};

}  // namespace lact::app
