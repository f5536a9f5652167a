#pragma once

#include "app/commands/services.h"

namespace lact::app {

/// Base of the controllers. A controller owns one subject of the program: its commands, its parameters and
/// its animation. It reads the snapshot and changes the document; other dependencies are constructor
/// arguments.
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
