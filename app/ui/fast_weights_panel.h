#pragma once

#include "app/commands/services.h"
#include "app/ui/fast_weights_modes.h"
#include "app/ui/matrix_view.h"
#include "app/ui/panel.h"

namespace lact::app {

/// The fast weights of a layer and head: a matrix as a zoomable heat map (before the update, after it, or the
/// change), its spectrum, all layers beside each other, token rates, and the state photo by photo.
class FastWeightsPanel {
  public:
    explicit FastWeightsPanel(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);
    /// The numbers that are shown.
    [[nodiscard]] PanelData data() const;

  private:
    void draw_choice(PanelContext& context);
    void draw_modes(PanelContext& context);
    void draw_time(PanelContext& context);
    void draw_map(PanelContext& context);

    PanelServices services_;
    MatrixView map_;
    SpectrumMode spectrum_;
    LayersMode layers_;
    RatesMode rates_;
    TimelineMode timeline_;
};

}  // namespace lact::app
