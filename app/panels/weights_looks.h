#pragma once

#include "app/core/panel_data.h"
#include "app/panels/matrix_view.h"
#include "app/panels/view_textures.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <memory>

namespace lact::app {

/// Singular values of the chosen matrix: gradient, after Newton-Schulz, and of what changed.
class SpectrumLook {
  public:
    void draw(window::PanelContext& context, const PanelServices& services);
    [[nodiscard]] PanelData data() const;

  private:
    std::shared_ptr<const Answered> shown_;
    FastMatrix which_ = FastMatrix::w1;
};

/// All layers: how much each matrix changed, and how alike the changes of different layers are.
class LayersLook {
  public:
    void draw(window::PanelContext& context, const PanelServices& services);

    [[nodiscard]] PanelData data() const;

  private:
    MatrixView cosines_;
    std::shared_ptr<const Answered> shown_;
    std::shared_ptr<const Answered> norms_;
};

/// The learned rate of every token, painted over the photos.
class RatesLook {
  public:
    void draw(window::PanelContext& context, const PanelServices& services);

    [[nodiscard]] PanelData data() const;

  private:
    ViewTextures textures_;
    std::shared_ptr<const Answered> shown_;
};

/// The state after the first n photos: the chosen matrix at frozen features, the view from a real set-up.
class TimelineLook {
  public:
    void draw(window::PanelContext& context, const PanelServices& services);

    [[nodiscard]] PanelData data() const;

  private:
    void draw_picture(window::PanelContext& context, const PanelServices& services, std::size_t views,
                      float side);
    void play(window::PanelContext& context, const PanelServices& services, std::size_t count);

    MatrixView map_;
    window::Texture picture_;
    std::shared_ptr<const Answered> shown_;
    bool playing_ = false;
    double next_at_ = 0;  ///< When the next photo is added, in seconds of ImGui's clock.
};

}  // namespace lact::app
