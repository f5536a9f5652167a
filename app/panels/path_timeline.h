#pragma once

#include "app/panels/asked_picture.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

namespace lact::app {

/// The camera path over time: a bar with the keys on it, which are dragged in time and clicked to look from
/// them, and the place where one is, which is dragged to fly. The pointer over it shows what is seen from
/// there.
class PathTimeline {
  public:
    explicit PathTimeline(PanelServices services) : services_(services), hovered_(services, "path.hovered") {}
    void draw(window::PanelContext& context);

  private:
    void show_hovered(window::PanelContext& context, const TrackEvaluator& evaluator, double time);

    PanelServices services_;
    AskedPicture hovered_;
};

}  // namespace lact::app
