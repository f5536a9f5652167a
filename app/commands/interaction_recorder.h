#pragma once

#include "engine/scene/flight.h"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

/// What the window shows in one frame of an interaction recording.
struct InteractionSample {
    double seconds = 0;         ///< Since the recording began; never decreases.
    nlohmann::json parameters;  ///< Values by id, of the parameters that scripts set.
    std::vector<std::size_t> inputs;
    std::vector<std::string> in_front;  ///< Titles of the visible panels.
    std::shared_ptr<const void> kept;   ///< The frozen image of the comparison; null: none.
    std::string experiment;             ///< The id of the one that runs; empty: none.
    int measurement = 0;                ///< Of the sequence layer: one more each time it is requested.
    std::string hovered_patch;          ///< Of the view, as "selection.patch" is written; empty: none.
    TrackPose pose;
};

/// "; up to 4 times less exactly than usual, …": what a note says of a flight whose tolerance was enlarged
/// (FittedFlight::loosened); empty where it was not.
[[nodiscard]] std::string loosened_text(double loosened);

/// Records an interaction as a script and a flight of the camera. It compares samples: what changed counts,
/// not the key, menu or widget that changed it. A dragged number becomes one step with a duration.
class InteractionRecorder {
  public:
    explicit InteractionRecorder(InteractionSample begin);

    /// Once a frame.
    void add(InteractionSample now);

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
        std::string id;        ///< A parameter; empty: a command.
        nlohmann::json value;  ///< Of the parameter, or the step of the command.
        double begin = 0;      ///< Of a dragged number: its first value,
        double farthest = 0;   ///< the farthest value,
        double turned_at = 0;  ///< and the time of the farthest value.
    };
    void change(const std::string& id, const nlohmann::json& before, const nlohmann::json& after, double from,
                double to);
    void drag(const std::string& id, double before, const nlohmann::json& after, double from, double to);
    void add_command(const char* command, const nlohmann::json& with, double at);
    void add_measurements(const InteractionSample& now);
    void add_hovering(const InteractionSample& now);

    InteractionSample last_;
    std::vector<Step> steps_;
    std::vector<FlightSample> flight_;
    bool flew_ = false;
    std::string patch_;         ///< The patch that the script has set; not one pinned by the user.
    double hovered_since_ = 0;  ///< When the pointer came to its patch.
};

}  // namespace lact::app
