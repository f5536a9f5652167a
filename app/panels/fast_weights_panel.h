#pragma once

#include "app/panels/matrix_view.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

namespace lact::app {

/// One fast-weight matrix of a layer and head as a zoomable heat map: before the update, after it, or the
/// change.
class FastWeightsPanel {
  public:
    explicit FastWeightsPanel(PanelServices services) : services_(services) {}
    void draw(window::PanelContext& context);

  private:
    void draw_choice(window::PanelContext& context);
    void draw_map(window::PanelContext& context);

    PanelServices services_;
    MatrixView map_;
};

}  // namespace lact::app
