#pragma once

#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <string>

namespace lact::app {

/// Everything the program can do and everything that can be set, searchable; read from the action and
/// parameter tables, so that it cannot be out of date.
class HelpWindow {
  public:
    explicit HelpWindow(PanelServices services) : services_(services) {}
    void open() { wanted_ = true; }
    void draw(window::PanelContext& context);

  private:
    void draw_actions(window::PanelContext& context);
    void draw_parameters(window::PanelContext& context);

    PanelServices services_;
    bool wanted_ = false;
    bool shown_ = false;
    std::string query_;
};

}  // namespace lact::app
