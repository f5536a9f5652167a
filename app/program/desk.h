#pragma once

#include "app/program/view_state.h"

namespace lact::app {

/// What every desk has at hand: a desk is one subject of the program, its actions and parameters and what
/// they do. It reads what is published and changes the view; what else it needs it is given by name.
class Desk {
  public:
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

  protected:
    explicit Desk(PanelServices services) : services_(services) {}
    ~Desk() = default;

    [[nodiscard]] const Published& published() const { return *services_.published; }
    [[nodiscard]] ViewState& view() const { return *services_.view; }

    PanelServices services_;
};

}  // namespace lact::app
