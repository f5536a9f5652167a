#pragma once

#include "app/program/view_state.h"
#include "app/window/panel.h"

namespace lact::app {

/// The script that films play: recorded from what a person does, played, and its steps. A part of the record
/// panel.
class ScriptView {
  public:
    explicit ScriptView(PanelServices services) : services_(services) {}
    void draw(window::PanelContext& context);

  private:
    void draw_take(window::PanelContext& context);
    void draw_steps(window::PanelContext& context);

    PanelServices services_;
};

}  // namespace lact::app
