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

/// The script of the document: recorded from the interaction of the user, played, recorded as a video, saved
/// and cleared. Also undo of changes of the script and of the camera path.
class ScriptController : private Controller {
  public:
    /// What the controller needs from the window.
    struct Window {
        std::function<SessionFile()>
            session;  ///< What is shown now; with a script, what is shown when it begins.
        std::function<Result<void>(const SessionFile&)> open_session;
        std::function<std::vector<std::string>()> panels_in_front;
    };
    ScriptController(PanelServices services, ScriptPlayer& player, const FrameClock& clock, Window window);

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    /// Before each frame: continues an interaction recording, and keeps changes as steps of the undo history.
    void advance();
    /// Makes an opened script that of the document; it begins with what is shown now.
    void adopt(nlohmann::json steps);

  private:
    /// What undo restores.
    struct Edit {
        CameraTrack track;
        ScriptState script;
        friend bool operator==(const Edit&, const Edit&) = default;
    };
    /// The same without a copy.
    struct EditView {
        const CameraTrack& track;
        const ScriptState& script;
        explicit operator Edit() const { return {track, script}; }
        friend bool operator==(const Edit& edit, const EditView& view) {
            return edit.track == view.track && edit.script == view.script;
        }
    };
    [[nodiscard]] EditView edit_view() const { return {document().path.track, document().script}; }
    [[nodiscard]] Edit edit() const { return Edit(edit_view()); }
    void restore(const std::optional<Edit>& edit);
    [[nodiscard]] InteractionSample sample() const;
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
    std::uint64_t interaction_scene_ = 0;  ///< SceneSummary::sequence of the recorded scene.
    std::shared_ptr<const SessionFile> interaction_begin_;
};

}  // namespace lact::app
