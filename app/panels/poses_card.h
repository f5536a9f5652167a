#pragma once

#include "app/core/jobs.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

namespace lact::app {

/// How far finding poses is, in a corner over the panels: it takes minutes, and the panel with all jobs may
/// be closed. Can be moved away.
class PosesCard {
  public:
    explicit PosesCard(PanelServices services) : services_(services) {}
    /// While the job runs.
    void draw(window::PanelContext& context, const JobStatus& job) const;

  private:
    PanelServices services_;
};

}  // namespace lact::app
