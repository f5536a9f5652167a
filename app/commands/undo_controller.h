#pragma once

#include "app/commands/controller.h"
#include "app/document/frame_clock.h"
#include "app/document/undo_history.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

/// Undo and redo of what a user changes: photos, rule, parameters, comparison, camera path, script. Not of
/// the camera, of what is pinned, of theme and size of the interface, and of what comes with weights or a
/// scene that is opened. It compares the document from frame to frame, so it does not matter by which key or
/// widget a change was made.
class UndoController : private Controller {
  public:
    /// `plays`: a script or the tour plays; what it changes becomes one step when it is over.
    UndoController(PanelServices services, const FrameClock& clock, std::function<bool()> plays)
        : Controller(services), clock_(&clock), plays_(std::move(plays)), history_(Edit{}) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    /// Before each frame: keeps changes as steps. `opened`: nothing is being opened or built; the first scene
    /// is awaited.
    void advance(bool opened);
    /// What was requested of the engine was stopped or refused: it is no step, and neither is its end.
    void withdraw() { history_.withdraw(edit()); }

  private:
    /// What undo restores.
    struct Edit {
        std::uint64_t scene = 0;                        ///< SceneSummary::sequence: inputs are of this scene.
        std::shared_ptr<const WeightsSummary> weights;  ///< The rule, for example, is one of these.
        std::vector<std::size_t> inputs;
        nlohmann::json parameters = nlohmann::json::object();  ///< Values by id.
        CameraTrack track;
        ScriptState script;
        std::shared_ptr<const Captured> captured;  ///< The frozen image of the comparison.
        friend bool operator==(const Edit&, const Edit&) = default;
    };
    /// The same, with what is large by reference: it is looked at in every frame.
    struct EditView {
        std::uint64_t scene;
        std::shared_ptr<const WeightsSummary> weights;
        std::vector<std::size_t> inputs;
        nlohmann::json parameters;
        const CameraTrack& track;
        const ScriptState& script;
        std::shared_ptr<const Captured> captured;
        explicit operator Edit() const {
            return {scene, weights, inputs, parameters, track, script, captured};
        }
        friend bool operator==(const Edit& edit, const EditView& view) {
            return edit.scene == view.scene && edit.weights == view.weights && edit.inputs == view.inputs &&
                   edit.parameters == view.parameters && edit.track == view.track &&
                   edit.script == view.script && edit.captured == view.captured;
        }
    };
    [[nodiscard]] EditView edit_view() const;
    [[nodiscard]] Edit edit() const { return Edit(edit_view()); }
    /// Whether a parameter that differs was changed, and did not come with other weights or another scene.
    [[nodiscard]] static bool is_edited(const std::string& id, const Edit& before, const Edit& after);
    /// What is different in `after`, in words; empty: nothing that undo restores.
    [[nodiscard]] std::string describe(const Edit& before, const Edit& after) const;
    /// The next change to undo or to redo, in words; empty where there is none.
    [[nodiscard]] std::string next_undo() const;
    [[nodiscard]] std::string next_redo() const;
    void undo();
    void redo();
    void restore(const Edit& from, const Edit& to);

    const FrameClock* clock_;
    std::function<bool()> plays_;
    UndoHistory<Edit> history_;
    bool started_ = false;  ///< The first scene is open: changes from here on are the user's.
};

}  // namespace lact::app
