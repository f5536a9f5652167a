#include "app/program/tour_desk.h"

#include "app/cli/assets.h"
#include "app/core/actions.h"

namespace lact::app {

/// Shows a step and runs its script from its beginning.
void TourDesk::go_to(std::size_t step) {
    card_->show(step);
    camera_->stop_gliding();
    story_->play_tour_step(card_->tour()[step].script);
}

Result<void> TourDesk::add_actions(ActionTable& actions) {
    const auto add = [&](const char* id, const char* title, const char* tooltip,
                         std::function<std::string()> disabled, std::function<void()> run) {
        return actions.add({id,
                            title,
                            "",
                            tooltip,
                            "Help",
                            {},
                            std::move(disabled),
                            [run = std::move(run)](const nlohmann::json&) -> Result<void> {
                                run();
                                return {};
                            }});
    };
    const auto running = [this] {
        return card_->step() ? std::string() : std::string("No tour is running.");
    };
    LACT_CHECK(add(
        "tour.start", "Take the tour", "What the program shows, in eight steps of a few seconds.",
        [this] {
            return card_->tour().empty() ? std::string("The tour's file was not found.") : std::string();
        },
        [this] { go_to(0); }));
    LACT_CHECK(add("tour.next", "Tour: next step", "The next step of the tour.", running, [this] {
        if (*card_->step() + 1 < card_->tour().size()) {
            go_to(*card_->step() + 1);
        } else {
            card_->show(std::nullopt);
        }
    }));
    LACT_CHECK(add("tour.back", "Tour: step before", "The step of the tour before.", running,
                   [this] { go_to(*card_->step() == 0 ? 0 : *card_->step() - 1); }));
    return add(
        "tour.stop", "End the tour", "End the tour; everything stays as it is.",
        [this] {
            return card_->step() || card_->offered() ? std::string() : std::string("No tour is running.");
        },
        [this] {
            story_->end_tour();
            card_->show(std::nullopt);
        });
}

Result<void> TourDesk::load(const ActionTable& actions, const ParameterTable& parameters) {
    LACT_TRY(const auto path, find_asset("tour.json"));
    LACT_TRY(auto tour, load_tour(path, actions, parameters));
    card_->set_tour(std::move(tour));
    return {};
}

}  // namespace lact::app
