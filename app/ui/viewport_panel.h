#pragma once

#include "app/commands/services.h"
#include "app/ui/camera_images.h"
#include "app/ui/compare_view.h"
#include "app/ui/panel.h"
#include "app/ui/photo_grid.h"
#include "app/ui/view_controls.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// Overlays on the rendering: where the view reads a patch of an input photo, or the change without a photo.
class ViewOverlays {
  public:
    explicit ViewOverlays(PanelServices services) : services_(services) {}
    /// Draws over the rendering at `rect`. Returns the caption of the overlay; empty if there is none.
    std::string draw(PanelContext& context, const gfx::Rect& rect);

  private:
    std::string draw_reads(const gfx::Rect& rect);
    std::string draw_causal(PanelContext& context, const gfx::Rect& rect);
    /// Returns whether the frame on screen is that of the resting camera.
    [[nodiscard]] bool resting() const;

    PanelServices services_;
    gfx::Texture causal_;
    std::shared_ptr<const Answered> painted_;  ///< The answer that `causal_` shows.
};

/// Returns the change of the mean channel value per pixel, without - with, in [-1, 1].
[[nodiscard]] std::vector<double> brightness_change(const CausalAnswer& answer);

/// The view whose camera coincides with that of the rendering.
struct PhotoUnderCamera {
    std::size_t view = 0;
    double psnr = 0;  ///< Of the rendering against the photo at the model's size, dB.
};

/// The current rendering of the model, with mouse navigation.
class ViewportPanel {
  public:
    explicit ViewportPanel(PanelServices services)
        : services_(services),
          overlays_(services),
          compare_(services),
          controls_(services),
          path_preview_(services, "path.preview") {}
    void draw(PanelContext& context);

    /// The rendering as three matrices: red, green, blue, values in [0, 1].
    [[nodiscard]] PanelData data() const;
    /// Returns the view whose camera coincides with that of the rendering, with its PSNR.
    [[nodiscard]] std::optional<PhotoUnderCamera> photo_under_camera();
    /// PSNR of the rendering against the ground truth of a generated scene at the model's size, dB. Empty
    /// until it is known for the current rendering.
    [[nodiscard]] std::optional<double> psnr_against_ground_truth() const { return ground_truth_psnr_; }

    [[nodiscard]] const CompareView& compare_view() const { return compare_; }

  private:
    /// Draws the rendering, or the ground truth in its place. Returns its rectangle.
    gfx::Rect draw_image(PanelContext& context, const gfx::Rect& area);
    void upload(PanelContext& context);
    /// Whether the rendering is of the open scene: the first one of a scene comes after it.
    [[nodiscard]] bool shows_scene() const;
    void navigate(bool hovered, ImVec2 size, PanelContext& context);
    void own_arrow_keys() const;
    void fly_with_keys(PanelContext& context);
    void select_patch(const gfx::Rect& rect, bool hovered);
    void unpin_with_escape();
    void draw_selection(PanelContext& context, const gfx::Rect& rect);
    [[nodiscard]] std::string caption(const PanelContext& context) const;
    /// Draws the caption at the lower edge. Returns its top.
    float draw_caption(PanelContext& context, const gfx::Rect& rect);
    /// Draws remarks about the rendering at the upper edge, beside the image in the corner and its label.
    void draw_notes(PanelContext& context, const gfx::Rect& rect);
    void draw_photo(PanelContext& context, const gfx::Rect& rect);
    void draw_path_preview(PanelContext& context, const gfx::Rect& rect);
    enum class Corner { top, bottom };  ///< Both on the right.
    /// An image in a corner with its label, on screen.
    struct CornerImage {
        gfx::Rect image;
        gfx::Rect label;
    };
    /// Draws an image in a corner with a label above it.
    void draw_corner(PanelContext& context, const gfx::Rect& rect, const gfx::Texture& image,
                     const std::string& label, gfx::Filter filter, Corner corner = Corner::top);
    /// Draws the ground truth in place of the rendering if requested. Returns false if it does not.
    bool draw_large_ground_truth(PanelContext& context, const gfx::Rect& rect);
    /// Draws the ground truth of a generated scene in the corner (the rendering if the ground truth is
    /// large). Returns false if there is no ground truth.
    bool draw_ground_truth(PanelContext& context, const gfx::Rect& rect);
    /// Queries the ground truth at the model's size and computes the PSNR.
    void measure_against_ground_truth();
    void draw_start_page(PanelContext& context);

    PanelServices services_;
    ViewTextures textures_;
    gfx::Texture image_;
    ViewOverlays overlays_;
    std::string overlay_caption_;  ///< Caption of the overlay; empty if there is none.
    bool dragged_ = false;         ///< The pressed button has moved the camera: its release is no click.
    std::shared_ptr<const Frame> shown_;
    std::uint64_t shown_scene_ = 0;  ///< SceneSummary::sequence of its scene; 0: not known.
    std::optional<PhotoUnderCamera> under_camera_;
    std::uint64_t under_camera_scene_ = 0;  ///< The scene whose view that is.
    CompareView compare_;
    ViewControls controls_;
    std::optional<CornerImage> top_corner_;  ///< Of this frame.
    std::optional<CornerImage> bottom_corner_;
    QueriedImage path_preview_;
    LiveGroundTruth ground_truth_;
    bool large_ground_truth_ = false;  ///< The ground truth is drawn in place of the rendering.
    std::optional<double> ground_truth_psnr_;
};

}  // namespace lact::app
