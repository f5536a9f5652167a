#include "app/commands/interaction_recorder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

using nlohmann::json;

constexpr const char* patch_parameter = "selection.patch";
constexpr double longest_frame =
    0.1;  ///< Seconds. After a longer gap a change counts as having begun this long ago.
constexpr double same_drag = 0.35;        ///< Seconds between two changes of one drag, at most.
constexpr double same_text = 0.5;         ///< The same for typed text.
constexpr double shortest_motion = 0.12;  ///< Seconds; quicker changes are jumps.
constexpr double rest_of_pointer = 0.4;   ///< Seconds on a patch before it counts as selected.

double rounded(double seconds) {
    return std::round(seconds * 100) / 100;
}

}  // namespace

std::string loosened_text(double loosened) {
    return loosened > 1
               ? fmt::format("; up to {:.0f} times less exactly than usual, as it is long and winding",
                             loosened)
               : std::string();
}

InteractionRecorder::InteractionRecorder(InteractionSample begin) : last_(std::move(begin)) {
    add_flight_sample(flight_, {last_.seconds, last_.pose});
    hovered_since_ = last_.seconds;
}

void InteractionRecorder::add(InteractionSample now) {
    const double from = std::max(last_.seconds, now.seconds - longest_frame);
    if (now.kept && now.kept != last_.kept) {
        // Before the parameters: a side can be the frozen image only once there is one.
        add_command("compare.keep", json::object(), now.seconds);
    }
    for (const auto& [id, value] : now.parameters.items()) {
        const auto before = last_.parameters.find(id);
        if (before != last_.parameters.end() && *before != value) {
            change(id, *before, value, from, now.seconds);
        }
    }
    if (now.inputs != last_.inputs && !now.inputs.empty()) {
        add_command("inputs.set", {{"views", now.inputs}}, now.seconds);
    }
    for (const std::string& panel : now.in_front) {
        if (std::ranges::find(last_.in_front, panel) == last_.in_front.end()) {
            add_command("panel.show", {{"panel", panel}}, now.seconds);
        }
    }
    add_measurements(now);
    add_hovering(now);
    flew_ = flew_ || !(now.pose == last_.pose);
    add_flight_sample(flight_, {now.seconds, now.pose});
    last_ = std::move(now);
}

/// After the parameters, which say what is measured.
void InteractionRecorder::add_measurements(const InteractionSample& now) {
    if (!now.experiment.empty() && now.experiment != last_.experiment) {
        add_command("experiment.run", {{"experiment", now.experiment}}, now.seconds);
    }
    if (now.measurement != last_.measurement) {
        add_command("sequence.measure", json::object(), now.seconds);
    }
}

/// A pointer that rests on a patch shows what it reads; the script pins the patch instead.
void InteractionRecorder::add_hovering(const InteractionSample& now) {
    const auto pin = now.parameters.find(patch_parameter);
    const bool pinned = pin != now.parameters.end() && *pin != "";
    if (now.hovered_patch != last_.hovered_patch) {
        hovered_since_ = now.seconds;
        if (!patch_.empty() && !pinned && now.hovered_patch.empty()) {
            change(patch_parameter, patch_, "", now.seconds, now.seconds);
            patch_.clear();
        }
    }
    const bool meant = now.seconds - hovered_since_ >= rest_of_pointer && now.pose == last_.pose;
    if (!pinned && meant && !now.hovered_patch.empty() && now.hovered_patch != patch_) {
        change(patch_parameter, patch_, now.hovered_patch, hovered_since_, hovered_since_);
        patch_ = now.hovered_patch;
    }
}

void InteractionRecorder::change(const std::string& id, const json& before, const json& after, double from,
                                 double to) {
    if (before.is_number() && after.is_number()) {
        drag(id, before.get<double>(), after, from, to);
        return;
    }
    const bool typed = after.is_string() && id != patch_parameter;
    if (typed && !steps_.empty() && steps_.back().id == id && to - steps_.back().to <= same_text) {
        steps_.back() = {to, to, id, after};  // Only the complete text is valid.
        return;
    }
    steps_.push_back({to, to, id, after});
}

/// A dragged number. Where it turns back by a good part of its range a new step begins, as one eased motion
/// cannot do both.
void InteractionRecorder::drag(const std::string& id, double before, const json& after, double from,
                               double to) {
    constexpr double turning_share = 0.15;
    const auto begin = [&](double at, double value) {
        steps_.push_back({at, to, id, after, value, after.get<double>(), to});
    };
    if (steps_.empty() || steps_.back().id != id || from - steps_.back().to > same_drag) {
        begin(from, before);
        return;
    }
    Step& last = steps_.back();
    const double value = after.get<double>();
    const double way = last.farthest - last.begin;
    const double back = (last.farthest - value) * (way < 0 ? -1 : 1);
    if (back > turning_share * std::abs(way)) {
        last.to = last.turned_at;
        last.value = after.is_number_integer() ? json(std::llround(last.farthest)) : json(last.farthest);
        begin(last.turned_at, last.farthest);
        return;
    }
    last.to = to;
    last.value = after;
    if (back <= 0) {
        last.farthest = value;
        last.turned_at = to;
    }
}

void InteractionRecorder::add_command(const char* command, const json& with, double at) {
    json step = {{"action", command}};
    if (!with.empty()) {
        step["with"] = with;
    }
    steps_.push_back({at, at, {}, std::move(step)});
}

json InteractionRecorder::steps(double seconds) const {
    json script = json::array();
    if (flew_) {
        script.push_back({{"action", "path.play"}});
    }
    double at = 0;
    for (const Step& step : steps_) {
        if (rounded(step.from) > at) {
            at = rounded(step.from);
            script.push_back({{"at", at}});
        }
        if (step.id.empty()) {
            script.push_back(step.value);
            continue;
        }
        json set = {{"set", step.id}, {"to", step.value}};
        if (step.value.is_number() && step.to - step.from >= shortest_motion) {
            set["over"] = rounded(step.to - step.from);
        }
        script.push_back(std::move(set));
    }
    script.push_back({{"at", std::max(at, rounded(seconds))}});
    return script;
}

}  // namespace lact::app
