#pragma once

#include "app/core/panel_data.h"
#include "app/panels/asked_picture.h"
#include "app/panels/compare_view.h"
#include "app/panels/live_truth.h"
#include "app/panels/view_overlays.h"
#include "app/panels/view_textures.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// A view whose photo can be compared with the picture: the camera sits on it.
struct PhotoUnderCamera {
    std::size_t view = 0;
    double psnr = 0;  ///< dB, on model pixels.
};

/// The novel view the model renders right now, and the mouse that flies through it.
class ViewportPanel {
  public:
    explicit ViewportPanel(PanelServices services)
        : services_(services),
          overlays_(services),
          compare_(services),
          path_preview_(services, "path.preview") {}
    void draw(window::PanelContext& context);

    /// The model's picture: red, green, blue.
    [[nodiscard]] PanelData data() const;
    /// The view the camera of the shown picture sits on, with live PSNR.
    [[nodiscard]] std::optional<PhotoUnderCamera> photo_under_camera();
    /// PSNR of the shown picture against the truth of a generated scene, dB; on the model's pixels. Empty
    /// until it is known for the picture shown.
    [[nodiscard]] std::optional<double> psnr_against_truth() const { return truth_psnr_; }

    [[nodiscard]] const CompareView& compare_view() const { return compare_; }

  private:
    /// The model's picture, or the truth in its place; returns where it is.
    window::Rect draw_picture(window::PanelContext& context, const window::Rect& area);
    void upload(window::PanelContext& context);
    void navigate(bool hovered, ImVec2 size, window::PanelContext& context);
    void fly_with_keys(window::PanelContext& context);
    void select_patch(const window::Rect& rect, bool hovered);
    void draw_selection(window::PanelContext& context, const window::Rect& rect);
    [[nodiscard]] std::string caption() const;
    void draw_caption(window::PanelContext& context, const window::Rect& rect);
    void draw_photo(window::PanelContext& context, const window::Rect& rect);
    void draw_path_preview(window::PanelContext& context, const window::Rect& rect);
    enum class Corner { top, bottom };  ///< On the right.
    /// A picture in the corner, with words above it.
    void draw_corner(window::PanelContext& context, const window::Rect& rect, const window::Texture& picture,
                     const std::string& label, window::Filter filter, Corner corner = Corner::top);
    /// In place of the model's picture, where it is wanted and known; false where it is not.
    bool draw_large_truth(window::PanelContext& context, const window::Rect& rect);
    /// The truth of a generated scene instead of a photo (or, where that is large, the model's picture);
    /// false where there is none.
    bool draw_truth(window::PanelContext& context, const window::Rect& rect);
    /// Asks for the truth at the model's own pixels, and compares.
    void measure_against_truth();
    void draw_start_page(window::PanelContext& context);

    PanelServices services_;
    ViewTextures textures_;
    window::Texture picture_;
    ViewOverlays overlays_;
    std::string overlay_words_;  ///< What is painted over the picture.
    bool dragged_ = false;       ///< The button that is down has moved the camera: it is no click.
    std::shared_ptr<const Frame> shown_;
    std::optional<PhotoUnderCamera> under_camera_;
    CompareView compare_;
    AskedPicture path_preview_;
    LiveTruth truth_;
    bool large_truth_ = false;  ///< The picture just drawn is the truth, not the model's.
    std::optional<double> truth_psnr_;
};

}  // namespace lact::app
