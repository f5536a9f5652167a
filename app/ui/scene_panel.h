#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/photo_grid.h"

namespace lact::app {

/// The photos of the scene. A checked photo is an input view, an unchecked one is held out; a change rebuilds
/// the state. A click on a photo moves the camera to its pose.
class ScenePanel {
  public:
    explicit ScenePanel(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);
    /// One row per camera: index, input (1 or 0), intrinsics in pixels, camera-to-world matrix row by row.
    [[nodiscard]] PanelData data() const;

  private:
    void draw_header(PanelContext& context, const SceneSummary& scene);
    /// The list of remarks on the scene; nothing where there are none.
    void draw_remarks(PanelContext& context, const SceneSummary& scene);
    void draw_remark(const PanelContext& context, const SceneSummary& scene, const SceneRemark& remark);
    void draw_photo(PanelContext& context, const SceneSummary& scene, std::size_t view, float side);

    PanelServices services_;
    ViewTextures textures_;
};

}  // namespace lact::app
