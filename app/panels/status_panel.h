#pragma once

#include "app/core/log.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

namespace lact::app {

/// What is being used and what it costs: weights, rule (trained or switched), device, precision, times,
/// memory, running jobs, and what was said.
class StatusPanel {
  public:
    StatusPanel(PanelServices services, const ErrorLog& log) : services_(services), log_(&log) {}
    void draw(window::PanelContext& context);

  private:
    void draw_state(window::PanelContext& context);
    void draw_sizes(window::PanelContext& context, const SceneSummary& scene);
    void draw_jobs(window::PanelContext& context);
    void draw_messages(window::PanelContext& context);

    PanelServices services_;
    const ErrorLog* log_;
};

}  // namespace lact::app
