#pragma once

#include "app/commands/services.h"
#include "app/runtime/find_poses.h"
#include "app/runtime/log.h"
#include "app/ui/panel.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lact::app {

/// Whether a key was pressed for the dialog that is being drawn. The press that made it appear, such as Enter
/// in another dialog, is not meant for it.
[[nodiscard]] bool pressed_in_dialog(ImGuiKey key);

/// Opens a modal popup unless another one is open, which comes first. Returns whether it is open.
[[nodiscard]] bool open_when_alone(const char* title);

/// What opens the scene of an offer with fewer input views: at the requested size, and of the requested
/// views. `open`: the scene that is open; null: none.
[[nodiscard]] OpenScene with_fewer_views(const MemoryOffer& offer, const Document& document,
                                         const SceneSummary* open);
/// What opens it at a smaller size, with the requested input views.
[[nodiscard]] OpenScene at_smaller_size(const MemoryOffer& offer, const Document& document,
                                        const SceneSummary* open);

/// Shows newly logged errors: where, what and what to do. For a scene that needs too much memory it offers
/// fewer views or a smaller size.
class ErrorDialog {
  public:
    explicit ErrorDialog(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);
    /// Whether the scene and the weights that were open before the errors on screen are open still.
    [[nodiscard]] bool unchanged() const;

  private:
    /// Draws buttons for requests that fit into memory. Returns true if the user chooses one.
    bool draw_offer(PanelContext& context);
    void open_offered(const MemoryOffer& offer, const OpenScene& scene);
    /// Takes newly logged errors. While there are none, remembers what is open.
    void take_errors();

    PanelServices services_;
    std::uint64_t seen_ = 0;
    std::vector<LogEntry> errors_;
    std::shared_ptr<const MemoryOffer> dismissed_;          ///< Already shown with an earlier error.
    std::shared_ptr<const WeightsSummary> weights_before_;  ///< Before the errors,
    std::uint64_t scene_before_ = 0;                        ///< and SceneSummary::sequence then.
};

/// Opens for a folder of photos without camera poses. Explains pose estimation with COLMAP and starts it with
/// the command `scene.find_poses`.
class PosesDialog {
  public:
    explicit PosesDialog(PanelServices services) : services_(services) {}

    void draw(PanelContext& context);

  private:
    [[nodiscard]] std::optional<PosesOffer>& offer() const { return services_.document->poses_offer; }
    void draw_explanation(const PanelContext& context) const;
    void draw_choices(const PanelContext& context);
    void draw_buttons(const PanelContext& context);
    void find();
    void close();

    PanelServices services_;
    PhotoMatching matching_ = PhotoMatching::automatic;
    bool one_camera_ = true;
};

/// Asks before the window closes and something is lost: a camera path or a script that is not saved, or
/// a recording, a search for camera poses or an experiment that is running.
class QuitDialog {
  public:
    explicit QuitDialog(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

  private:
    PanelServices services_;
};

/// Asks what the script of an opened file may do (Document::consent), with the list of it.
class ConsentDialog {
  public:
    explicit ConsentDialog(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

  private:
    PanelServices services_;
};

/// What is lost when the window closes now, one sentence each.
[[nodiscard]] std::vector<std::string> losses_on_quit(const Document& document, bool records);

}  // namespace lact::app
