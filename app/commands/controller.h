#pragma once

#include "app/commands/services.h"

namespace lact::app {

/// What every controller has at hand. A controller owns one subject of the program: its commands, its
/// parameters, and what moves by itself. It reads the snapshot and changes the document; what else it needs
/// it is given by name.
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
