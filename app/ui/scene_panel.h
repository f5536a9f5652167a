#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"
#include "app/ui/photo_grid.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

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
    void draw_tick(PanelContext& context, const SceneSummary& scene, std::size_t view,
                   const gfx::Rect& photo);
    void draw_psnr(PanelContext& context, std::size_t view, const gfx::Rect& photo) const;
    void measure();
    [[nodiscard]] bool is_requested(std::size_t view) const;
    /// Makes the ticked photos input views, or holds them out, when the mouse button is released.
    void end_ticking(const SceneSummary& scene);

    /// Photos that are ticked by one press of the mouse: one, those it is dragged over, or with Shift those
    /// from the last one on.
    struct Ticking {
        bool input = false;
        std::vector<std::size_t> views;
        std::uint64_t scene = 0;  ///< SceneSummary::sequence.
    };
    struct Ticked {
        std::uint64_t scene = 0;  ///< As in Ticking.
        std::size_t view = 0;
    };
    PanelServices services_;
    ViewTextures textures_;
    std::optional<Ticking> ticking_;
    float remarks_height_ = 0;  ///< Of the remarks in the last frame, in pixels.
    std::optional<Ticked> last_ticked_;
    std::vector<std::size_t> requested_;  ///< The inputs as last requested, which the ticks show.
};

}  // namespace lact::app
