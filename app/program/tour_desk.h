#pragma once

#include "app/panels/tour_card.h"
#include "app/program/camera_desk.h"
#include "app/program/story.h"
#include "engine/core/error.h"

#include <cstddef>

namespace lact::app {

/// The tour: its steps are scripts like any other.
class TourDesk {
  public:
    TourDesk(TourCard& card, Story& story, CameraDesk& camera)
        : card_(&card), story_(&story), camera_(&camera) {}

    [[nodiscard]] Result<void> add_actions(ActionTable& actions);
    /// Once all actions and parameters are there. Errors: the tour's file is missing or broken.
    [[nodiscard]] Result<void> load(const ActionTable& actions, const ParameterTable& parameters);

  private:
    /// Shows a step and runs its script from its beginning.
    void go_to(std::size_t step);

    TourCard* card_;
    Story* story_;
    CameraDesk* camera_;
};

}  // namespace lact::app
