#pragma once

#include "app/core/panel_data.h"
#include "app/core/training_watch.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <memory>

namespace lact::app {

/// A training run, running or finished: its curves and its newest contact sheet.
class TrainingPanel {
  public:
    TrainingPanel(PanelServices services, const TrainingWatch& watch) : services_(services), watch_(&watch) {}
    void draw(window::PanelContext& context);
    /// The curves.
    [[nodiscard]] PanelData data() const;

  private:
    void draw_curves(window::PanelContext& context, const TrainingView& run);
    void draw_sheet(window::PanelContext& context, const TrainingView& run);

    PanelServices services_;
    const TrainingWatch* watch_;
    std::shared_ptr<const Image8> shown_sheet_;
    window::Texture sheet_;
};

}  // namespace lact::app
