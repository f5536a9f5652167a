#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/panel_data.h"
#include "app/ui/photo_grid.h"

namespace lact::app {

/// The photos as a strip: ticked ones are input views (the state is rebuilt when a tick changes), the others
/// held out; a click goes to a photo's camera.
class ScenePanel {
  public:
    explicit ScenePanel(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);
    /// Cameras: index, whether an input, intrinsics, camera-to-world row by row.
    [[nodiscard]] PanelData data() const;

  private:
    void draw_header(PanelContext& context, const SceneSummary& scene);
    void draw_photo(PanelContext& context, const SceneSummary& scene, std::size_t view, float side);

    PanelServices services_;
    ViewTextures textures_;
};

}  // namespace lact::app
