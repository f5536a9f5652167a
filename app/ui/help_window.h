#pragma once

#include "app/commands/services.h"
#include "app/ui/panel.h"

#include <string>

namespace lact::app {

/// Everything the program can do and everything that can be set, searchable; read from the action and
/// parameter tables, so that it cannot be out of date.
class HelpWindow {
  public:
    explicit HelpWindow(PanelServices services) : services_(services) {}
    void draw(PanelContext& context);

  private:
    void draw_commands(PanelContext& context);
    void draw_parameters(PanelContext& context);

    PanelServices services_;
    bool shown_ = false;
    std::string query_;
};

}  // namespace lact::app
