#pragma once

#include "app/commands/services.h"

namespace lact::app {

/// What every desk has at hand: a desk is one subject of the program, its actions and parameters and what
/// they do. It reads what is published and changes the view; what else it needs it is given by name.
class Controller {
  public:
    Controller(const Controller&) = delete;
    Controller& operator=(const Controller&) = delete;

  protected:
    explicit Controller(PanelServices services) : services_(services) {}
    ~Controller() = default;

    [[nodiscard]] const Snapshot& snapshot() const { return *services_.snapshot; }
    [[nodiscard]] Document& document() const { return *services_.document; }

    PanelServices services_;
};

}  // namespace lact::app
