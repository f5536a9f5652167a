#pragma once

#include "engine/scene/flight.h"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

/// What the window shows at one moment, as a take sees it.
struct InteractionSample {
    double seconds = 0;         ///< Since the take began; never falls.
    nlohmann::json parameters;  ///< Values by id, of those that belong into a script.
    std::vector<std::size_t> inputs;
    std::vector<std::string> in_front;  ///< Titles of the panels that can be seen.
    std::string hovered_patch;          ///< Of the view, as "selection.patch" is written; empty: none.
    TrackPose pose;
};

/// What a person does, as a script and a flight: only what it changes counts, not by which key, menu or
/// widget. A number that is dragged becomes one step that takes its time.
class InteractionRecorder {
  public:
    explicit InteractionRecorder(InteractionSample begin);

    /// Once a frame.
    void see(InteractionSample now);

    /// Whether the camera has moved.
    [[nodiscard]] bool flew() const { return flew_; }
    [[nodiscard]] const std::vector<FlightSample>& flight() const { return flight_; }
    /// Steps as parse_script() reads them, over `seconds` in all: first `path.play` if the camera has moved,
    /// last a wait for the end.
    [[nodiscard]] nlohmann::json steps(double seconds) const;

  private:
    struct Step {
        double from = 0;       ///< Seconds of the first change,
        double to = 0;         ///< and of the last one.
        std::string id;        ///< A parameter; empty: an action.
        nlohmann::json value;  ///< Of the parameter, or the action's step.
        double begin = 0;      ///< Of a number that is dragged: where it began,
        double farthest = 0;   ///< how far it has come,
        double turned_at = 0;  ///< and when it was there.
    };
    void change(const std::string& id, const nlohmann::json& before, const nlohmann::json& after, double from,
                double to);
    void drag(const std::string& id, double before, const nlohmann::json& after, double from, double to);
    void act(const char* command, const nlohmann::json& with, double at);
    void see_hovering(const InteractionSample& now);

    InteractionSample last_;
    std::vector<Step> steps_;
    std::vector<FlightSample> flight_;
    bool flew_ = false;
    std::string patch_;         ///< As the script has set it, but for pins.
    double hovered_since_ = 0;  ///< When the pointer came to the patch it is on.
};

}  // namespace lact::app
