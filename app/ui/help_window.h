#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"

#include <optional>
#include <string>

namespace lact::app {

/// A searchable list of all terms, commands and parameters. Commands run and parameters change where they are
/// listed.
class HelpWindow {
  public:
    explicit HelpWindow(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

  private:
    void draw_commands(PanelContext& context);
    void draw_parameters(PanelContext& context);
    void draw_terms(PanelContext& context);

    PanelServices services_;
    bool shown_ = false;
    std::string query_;
};

/// A card over the window with the current step of the tour; on the first start it offers the tour.
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
