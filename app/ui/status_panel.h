#pragma once

#include "app/commands/services.h"
#include "app/runtime/log.h"
#include "app/ui/panel.h"

namespace lact::app {

/// What is being used and what it costs: weights, rule (trained or switched), device, precision, times,
/// memory, running jobs, and what was said.
class StatusPanel {
  public:
    explicit StatusPanel(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

  private:
    void draw_state(PanelContext& context);
    void draw_sizes(PanelContext& context, const SceneSummary& scene);
    void draw_jobs(PanelContext& context);
    void draw_messages(PanelContext& context);

    PanelServices services_;
};

}  // namespace lact::app
