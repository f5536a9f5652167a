#pragma once

#include "app/commands/services.h"
#include "app/ui/camera_images.h"
#include "app/ui/compare_view.h"
#include "app/ui/panel.h"
#include "app/ui/panel_data.h"
#include "app/ui/photo_grid.h"
#include "app/ui/view_overlays.h"

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
    void draw(PanelContext& context);

    /// The model's picture: red, green, blue.
    [[nodiscard]] PanelData data() const;
    /// The view the camera of the shown picture sits on, with live PSNR.
    [[nodiscard]] std::optional<PhotoUnderCamera> photo_under_camera();
    /// PSNR of the shown picture against the truth of a generated scene, dB; on the model's pixels. Empty
    /// until it is known for the picture shown.
    [[nodiscard]] std::optional<double> psnr_against_ground_truth() const { return ground_truth_psnr_; }

    [[nodiscard]] const CompareView& compare_view() const { return compare_; }

  private:
    /// The model's picture, or the truth in its place; returns where it is.
    gfx::Rect draw_image(PanelContext& context, const gfx::Rect& area);
    void upload(PanelContext& context);
    void navigate(bool hovered, ImVec2 size, PanelContext& context);
    void fly_with_keys(PanelContext& context);
    void select_patch(const gfx::Rect& rect, bool hovered);
    void draw_selection(PanelContext& context, const gfx::Rect& rect);
    [[nodiscard]] std::string caption() const;
    void draw_caption(PanelContext& context, const gfx::Rect& rect);
    void draw_photo(PanelContext& context, const gfx::Rect& rect);
    void draw_path_preview(PanelContext& context, const gfx::Rect& rect);
    enum class Corner { top, bottom };  ///< On the right.
    /// A picture in the corner, with words above it.
    void draw_corner(PanelContext& context, const gfx::Rect& rect, const gfx::Texture& image,
                     const std::string& label, gfx::Filter filter, Corner corner = Corner::top);
    /// In place of the model's picture, where it is wanted and known; false where it is not.
    bool draw_large_ground_truth(PanelContext& context, const gfx::Rect& rect);
    /// The truth of a generated scene instead of a photo (or, where that is large, the model's picture);
    /// false where there is none.
    bool draw_ground_truth(PanelContext& context, const gfx::Rect& rect);
    /// Asks for the truth at the model's own pixels, and compares.
    void measure_against_ground_truth();
    void draw_start_page(PanelContext& context);

    PanelServices services_;
    ViewTextures textures_;
    gfx::Texture image_;
    ViewOverlays overlays_;
    std::string overlay_words_;  ///< What is painted over the picture.
    bool dragged_ = false;       ///< The button that is down has moved the camera: it is no click.
    std::shared_ptr<const Frame> shown_;
    std::optional<PhotoUnderCamera> under_camera_;
    CompareView compare_;
    QueriedImage path_preview_;
    LiveGroundTruth ground_truth_;
    bool large_ground_truth_ = false;  ///< The picture just drawn is the truth, not the model's.
    std::optional<double> ground_truth_psnr_;
};

}  // namespace lact::app
