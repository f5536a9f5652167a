#pragma once

#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <memory>

namespace lact::app {

/// One fast-weight matrix of a layer and head as a zoomable heat map: before the update, after it, or the
/// change.
class FastWeightsPanel {
  public:
    explicit FastWeightsPanel(PanelServices services) : services_(services) {}
    void draw(window::PanelContext& context);

  private:
    void draw_choice(window::PanelContext& context, const WeightsSummary& weights);
    void draw_map(window::PanelContext& context);
    void zoom_and_pan(const window::Rect& rect);
    void describe_cell(window::PanelContext& context, const window::Rect& rect);
    void read(const std::shared_ptr<const Matrix>& matrix, window::PanelContext& context);

    PanelServices services_;
    std::shared_ptr<const Matrix> shown_;
    window::Texture texture_;
    float largest_ = 1;     ///< max |value| of the shown matrix.
    double frobenius_ = 0;  ///< Frobenius norm.
    window::Part part_;     ///< What of the matrix is visible, in cells.
};

}  // namespace lact::app
