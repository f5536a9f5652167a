// The tour: its steps are scripts like any other.
#include "app/cli/assets.h"
#include "app/program/window_program.h"

namespace lact::app {

/// Shows a step and runs its script from its beginning.
void WindowProgram::go_to_tour_step(std::size_t step) {
    tour_.show(step);
    glide_.stop();
    tour_script_.emplace(tour_.tour()[step].script, actions_, parameters_, [this] { return clock_.now(); });
}

Result<void> WindowProgram::add_tour_actions() {
    const auto add = [&](const char* id, const char* title, const char* tooltip,
                         std::function<std::string()> disabled, std::function<void()> run) {
        return actions_.add({id,
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
    const auto running = [this] { return tour_.step() ? std::string() : std::string("No tour is running."); };
    LACT_CHECK(add(
        "tour.start", "Take the tour", "What the program shows, in eight steps of a few seconds.",
        [this] {
            return tour_.tour().empty() ? std::string("The tour's file was not found.") : std::string();
        },
        [this] { go_to_tour_step(0); }));
    LACT_CHECK(add("tour.next", "Tour: next step", "The next step of the tour.", running, [this] {
        if (*tour_.step() + 1 < tour_.tour().size()) {
            go_to_tour_step(*tour_.step() + 1);
        } else {
            tour_.show(std::nullopt);
        }
    }));
    LACT_CHECK(add("tour.back", "Tour: step before", "The step of the tour before.", running,
                   [this] { go_to_tour_step(*tour_.step() == 0 ? 0 : *tour_.step() - 1); }));
    return add(
        "tour.stop", "End the tour", "End the tour; everything stays as it is.",
        [this] {
            return tour_.step() || tour_.offered() ? std::string() : std::string("No tour is running.");
        },
        [this] {
            tour_script_.reset();
            tour_.show(std::nullopt);
        });
}

void WindowProgram::load_the_tour() {
    if (const auto path = find_asset("tour.json")) {
        if (auto tour = load_tour(*path, actions_, parameters_)) {
            tour_.set_tour(std::move(*tour));
        } else {
            log_.add(tour.error());
        }
    }
    // Offered once: to a person (whose settings are kept) who has not seen it.
    if (!options_.settings_folder.empty() && !settings_.tour_offered && !options_.script &&
        !tour_.tour().empty()) {
        tour_.offer();
        settings_.tour_offered = true;
    }
}

}  // namespace lact::app
