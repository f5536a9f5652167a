#pragma once

#include "app/commands/services.h"
#include "app/runtime/find_poses.h"
#include "app/ui/panel.h"

#include <cstddef>
#include <filesystem>
#include <optional>

namespace lact::app {

/// Asked where a folder of photos was opened that does not say where they were taken from: says what can be
/// done, how, and does it by the action `scene.find_poses`.
class PosesDialog {
  public:
    explicit PosesDialog(PanelServices services) : services_(services) {}

    void draw(PanelContext& context);

  private:
    [[nodiscard]] std::optional<PosesOffer>& offer() const { return services_.document->poses_offer; }
    void draw_words(const PanelContext& context) const;
    void draw_choices(const PanelContext& context);
    void draw_buttons(const PanelContext& context);
    void find();
    void close();

    PanelServices services_;
    PhotoMatching matching_ = PhotoMatching::automatic;
    bool one_camera_ = true;
};

}  // namespace lact::app
