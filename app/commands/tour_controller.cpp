#include "app/commands/tour_controller.h"

#include "app/commands/command_table.h"
#include "app/commands/commands.h"
#include "app/platform/assets.h"

namespace lact::app {

/// Shows a step and runs its script from its beginning.
void TourController::go_to(std::size_t step) {
    shown_->show(step);
    camera_->stop_gliding();
    player_->play_tour_step(scripts_[step]);
}

Result<void> TourController::add_commands(CommandTable& commands) {
    const auto running = [this] { return shown_->step ? std::string() : std::string("No tour is running."); };
    LACT_CHECK(commands.add<StartTour>(
        {"Take the tour", "", "Show the program in ten steps of a few seconds each.", "Help"},
        [this] {
            return shown_->pages.empty() ? std::string("The file of the tour was not found.") : std::string();
        },
        [this] { go_to(0); }));
    LACT_CHECK(commands.add<NextTourStep>({"Tour: next step", "", "The next step of the tour.", "Help"},
                                          running, [this] {
                                              if (*shown_->step + 1 < shown_->pages.size()) {
                                                  go_to(*shown_->step + 1);
                                              } else {
                                                  shown_->show(std::nullopt);
                                              }
                                          }));
    LACT_CHECK(commands.add<PreviousTourStep>(
        {"Tour: previous step", "", "The previous step of the tour.", "Help"}, running,
        [this] { go_to(*shown_->step == 0 ? 0 : *shown_->step - 1); }));
    return commands.add<StopTour>(
        {"End the tour", "", "End the tour; the current state stays.", "Help"},
        [this] {
            return shown_->step || shown_->offered ? std::string() : std::string("No tour is running.");
        },
        [this] {
            player_->end_tour();
            shown_->show(std::nullopt);
        });
}

Result<void> TourController::load(const CommandTable& commands, const ParameterTable& parameters) {
    LACT_TRY(const auto path, find_asset("tour.json"));
    LACT_TRY(auto tour, load_tour(path, commands, parameters));
    for (TourStep& step : tour) {
        shown_->pages.push_back({std::move(step.title), std::move(step.text)});
        scripts_.push_back(std::move(step.script));
    }
    return {};
}

}  // namespace lact::app
