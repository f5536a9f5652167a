#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"

#include <optional>

namespace lact::app {

/// The words of a tour's step over the window, with buttons; at the first start the offer of one.
class TourCard {
  public:
    explicit TourCard(PanelServices services) : services_(services) {}

    void draw(PanelContext& context);

  private:
    void draw_offer(PanelContext& context);
    void draw_step(PanelContext& context, const TourState::Page& page);

    PanelServices services_;
};

}  // namespace lact::app
