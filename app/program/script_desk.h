#pragma once

#include "app/core/frame_clock.h"
#include "app/core/take.h"
#include "app/core/undo_history.h"
#include "app/program/desk.h"
#include "app/program/story.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// The script over time that films play: recorded from what a person does, played, saved and cleared; and
/// undoing what was changed of it and of the camera path.
class ScriptDesk : private Desk {
  public:
    /// What the desk needs of the window.
    struct Window {
        std::function<SessionFile()> session;  ///< What is shown now; with the script, as it begins.
        std::function<Result<void>(const SessionFile&)> open_session;
        std::function<std::vector<std::string>()> panels_in_front;
    };
    ScriptDesk(PanelServices services, Story& story, const FrameClock& clock, Window window);

    [[nodiscard]] Result<void> add_actions(ActionTable& actions);
    /// Before each frame: a take goes on, changes become steps that can be undone.
    void advance();
    /// A script that was opened becomes the one that films play; it begins with what is shown now.
    void take_over(nlohmann::json steps);

  private:
    /// What undoing brings back.
    struct Edit {
        CameraTrack track;
        ScriptState script;
        friend bool operator==(const Edit&, const Edit&) = default;
    };
    [[nodiscard]] Edit edit() const { return {view().path.track, view().script}; }
    void bring_back(const std::optional<Edit>& edit);
    [[nodiscard]] TakeMoment moment() const;
    void begin_take();
    [[nodiscard]] Result<void> end_take();
    [[nodiscard]] Result<void> play();
    [[nodiscard]] Result<void> remove_step(const nlohmann::json& with);
    [[nodiscard]] Result<void> save(const nlohmann::json& with) const;
    [[nodiscard]] std::string no_script() const;
    [[nodiscard]] Result<void> add_takes(ActionTable& actions);
    [[nodiscard]] Result<void> add_undo(ActionTable& actions);

    Story& story_;
    const FrameClock* clock_;
    Window window_;
    UndoHistory<Edit> history_;
    std::optional<Take> take_;
    double take_began_ = 0;
    std::uint64_t take_scene_ = 0;  ///< Sequence number of the scene that the take is of.
    std::shared_ptr<const SessionFile> take_begin_;
};

}  // namespace lact::app
