#pragma once

#include "app/commands/services.h"
#include "app/ui/matrix_view.h"
#include "app/ui/panel.h"
#include "app/ui/panel_data.h"
#include "app/ui/photo_grid.h"

#include <memory>

namespace lact::app {

/// Singular values of the chosen matrix: gradient, after Newton-Schulz, and of what changed.
class SpectrumMode {
  public:
    void draw(PanelContext& context, const PanelServices& services);
    [[nodiscard]] PanelData data() const;

  private:
    std::shared_ptr<const Answered> shown_;
    FastMatrix which_ = FastMatrix::w1;
};

/// All layers: how much each matrix changed, and how alike the changes of different layers are.
class LayersMode {
  public:
    void draw(PanelContext& context, const PanelServices& services);

    [[nodiscard]] PanelData data() const;

  private:
    MatrixView cosines_;
    std::shared_ptr<const Answered> shown_;
    std::shared_ptr<const Answered> norms_;
};

/// The learned rate of every token, painted over the photos.
class RatesMode {
  public:
    void draw(PanelContext& context, const PanelServices& services);

    [[nodiscard]] PanelData data() const;

  private:
    ViewTextures textures_;
    std::shared_ptr<const Answered> shown_;
};

/// The state after the first n photos: the chosen matrix at frozen features, the view from a real set-up.
class TimelineMode {
  public:
    void draw(PanelContext& context, const PanelServices& services);

    [[nodiscard]] PanelData data() const;

  private:
    void draw_image(PanelContext& context, const PanelServices& services, std::size_t views, float side);
    void play(PanelContext& context, const PanelServices& services, std::size_t count);

    MatrixView map_;
    gfx::Texture image_;
    std::shared_ptr<const Answered> shown_;
    bool playing_ = false;
    double next_at_ = 0;  ///< When the next photo is added, in seconds of ImGui's clock.
};

}  // namespace lact::app
