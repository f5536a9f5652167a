#pragma once

#include "app/panels/matrix_view.h"
#include "app/panels/weights_looks.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

namespace lact::app {

/// The fast weights of a layer and head: a matrix as a zoomable heat map (before the update, after it, or the
/// change), its spectrum, all layers beside each other, token rates, and the state photo by photo.
class FastWeightsPanel {
  public:
    explicit FastWeightsPanel(PanelServices services) : services_(services) {}
    void draw(window::PanelContext& context);
    /// The numbers that are shown.
    [[nodiscard]] PanelData data() const;

  private:
    void draw_choice(window::PanelContext& context);
    void draw_looks(window::PanelContext& context);
    void draw_time(window::PanelContext& context);
    void draw_map(window::PanelContext& context);

    PanelServices services_;
    MatrixView map_;
    SpectrumLook spectrum_;
    LayersLook layers_;
    RatesLook rates_;
    TimelineLook timeline_;
};

}  // namespace lact::app
