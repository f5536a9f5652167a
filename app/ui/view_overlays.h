#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"

#include <memory>

namespace lact::app {

/// What is painted over the picture of the model: where a patch of a photo is read, and what changes without
/// a photo.
class ViewOverlays {
  public:
    explicit ViewOverlays(PanelServices services) : services_(services) {}
    /// Over the picture at `rect`. Returns what a caption must say; empty where nothing is painted.
    std::string draw(PanelContext& context, const gfx::Rect& rect);

  private:
    std::string draw_reads(const gfx::Rect& rect);
    std::string draw_causal(PanelContext& context, const gfx::Rect& rect);
    /// The shown picture is the one of the camera that rests.
    [[nodiscard]] bool resting() const;

    PanelServices services_;
    gfx::Texture causal_;
    std::shared_ptr<const Answered> painted_;  ///< What `causal_` shows.
};

/// Signed change of brightness, without - with, for every pixel.
[[nodiscard]] std::vector<double> brightness_change(const CausalAnswer& answer);

}  // namespace lact::app
