#pragma once

#include "app/panels/view_textures.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <memory>
#include <optional>

namespace lact::app {

/// A view whose photo can be compared with the picture: the camera sits on it.
struct PhotoUnderCamera {
    std::size_t view = 0;
    double psnr = 0;  ///< dB, on model pixels.
};

/// The novel view the model renders right now, and the mouse that flies through it.
class ViewportPanel {
  public:
    explicit ViewportPanel(PanelServices services) : services_(services) {}
    void draw(window::PanelContext& context);

    /// The view the camera of the shown picture sits on, with live PSNR.
    [[nodiscard]] std::optional<PhotoUnderCamera> photo_under_camera();

  private:
    void upload(window::PanelContext& context);
    void navigate(bool hovered, ImVec2 size, window::PanelContext& context);
    void fly_with_keys(window::PanelContext& context);
    void select_patch(const window::Rect& rect, bool hovered);
    void draw_selection(window::PanelContext& context, const window::Rect& rect);
    void draw_caption(window::PanelContext& context, const window::Rect& rect);
    void draw_photo(window::PanelContext& context, const window::Rect& rect);
    void draw_start_page(window::PanelContext& context);

    PanelServices services_;
    ViewTextures textures_;
    window::Texture picture_;
    bool dragged_ = false;  ///< The button that is down has moved the camera: it is no click.
    std::shared_ptr<const Frame> shown_;
    std::optional<PhotoUnderCamera> under_camera_;
};

}  // namespace lact::app
