#pragma once

#include "app/core/tour.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <optional>

namespace lact::app {

/// The words of a tour's step over the window, with buttons; at the first start the offer of one.
class TourCard {
  public:
    explicit TourCard(PanelServices services) : services_(services) {}

    void set_tour(Tour tour) { tour_ = std::move(tour); }
    [[nodiscard]] const Tour& tour() const { return tour_; }
    void offer() { offered_ = true; }
    [[nodiscard]] bool offered() const { return offered_; }
    /// The step that is shown; empty: none.
    [[nodiscard]] std::optional<std::size_t> step() const { return step_; }
    void show(std::optional<std::size_t> step) {
        step_ = step;
        offered_ = false;
    }
    void draw(window::PanelContext& context);

  private:
    void draw_offer(window::PanelContext& context);
    void draw_step(window::PanelContext& context, const TourStep& step);

    PanelServices services_;
    Tour tour_;
    std::optional<std::size_t> step_;
    bool offered_ = false;
};

}  // namespace lact::app
