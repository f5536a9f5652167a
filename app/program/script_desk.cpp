#include "app/program/script_desk.h"

#include "app/core/actions.h"
#include "app/core/log.h"
#include "app/core/parameters.h"
#include "app/program/output_files.h"
#include "engine/core/files.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace lact::app {
namespace {

/// What is no part of a story: the film itself, the path (the camera is sampled), a person's habits. Rules
/// count as one text, as switches one by one would pass through rules without a meaning.
bool belongs_into_take(const std::string& id) {
    constexpr std::array<std::string_view, 4> others = {"path.", "record.", "ui.", "camera."};
    return std::ranges::none_of(others, [&](std::string_view prefix) { return id.starts_with(prefix); }) &&
           (!id.starts_with("rule.") || id == "rule.text");
}

}  // namespace

ScriptDesk::ScriptDesk(PanelServices services, Story& story, const FrameClock& clock, Window window)
    : Desk(services), story_(story), clock_(&clock), window_(std::move(window)), history_(Edit{}) {}

std::string ScriptDesk::no_script() const {
    if (take_) {
        return "A take is being recorded.";
    }
    return view().script.steps.empty()
               ? "There is no script: record what you do, or open a script or a session with one."
               : "";
}

TakeMoment ScriptDesk::moment() const {
    TakeMoment now;
    now.seconds = clock_->now() - take_began_;
    now.parameters = nlohmann::json::object();
    for (const Parameter& parameter : services_.parameters->all()) {
        if (belongs_into_take(parameter.id)) {
            now.parameters[parameter.id] = parameter.get();
        }
    }
    now.inputs = published().scene->inputs;
    now.in_front = window_.panels_in_front();
    if (const auto& hovered = view().selection.hovered) {
        now.hovered_patch = fmt::format("{},{}", hovered->column, hovered->row);
    }
    now.pose = track_pose_of(view().viewpoint().camera(published().scene->size));
    return now;
}

void ScriptDesk::advance() {
    if (take_) {
        const auto& scene = published().scene;
        if (!scene || scene->sequence != take_scene_) {
            services_.log->say(Severity::warning, "the take has ended, as another scene was opened",
                               "recording what you do");
            if (const auto ended = end_take(); !ended) {
                services_.log->add(ended.error());
            }
        } else {
            take_->see(moment());
            const std::size_t steps = take_->steps(0).size() - 1;  // But for the wait at the end.
            view().take = TakeProgress{clock_->now() - take_began_, steps};
        }
    }
    history_.see(edit(), clock_->now());
}

void ScriptDesk::begin_take() {
    view().path.playing = false;
    view().script = {};
    take_begin_ = std::make_shared<const SessionFile>(window_.session());
    take_began_ = clock_->now();
    take_scene_ = published().scene->sequence;
    take_.emplace(moment());
    view().take = TakeProgress{};
}

Result<void> ScriptDesk::end_take() {
    const Take take = std::move(*std::exchange(take_, std::nullopt));
    view().take.reset();
    const double seconds = clock_->now() - take_began_;
    CameraTrack track;
    if (take.flew()) {
        const double scale = view().viewpoint().scale;
        LACT_TRY(track, track_of_flight(take.flight(), {0.004 * scale, 0.25, 0.25}));
    }
    view().path.track = std::move(track);
    view().path.selected.reset();
    view().path.time = 0;
    view().script = {take.steps(seconds), std::exchange(take_begin_, nullptr)};
    services_.log->say(
        Severity::note,
        fmt::format("recorded what you did in {:.1f} seconds: play it, or make a film of it", seconds),
        "script");
    return {};
}

Result<void> ScriptDesk::play() {
    if (story_.playing()) {
        story_.play(Script{});
        view().path.playing = false;
        return {};
    }
    return window_.open_session(window_.session());
}

void ScriptDesk::take_over(nlohmann::json steps) {
    view().script = {};
    auto begin = std::make_shared<const SessionFile>(window_.session());
    view().script = {std::move(steps), std::move(begin)};
}

Result<void> ScriptDesk::remove_step(const nlohmann::json& with) {
    const auto& step = with.at("step");
    const std::size_t count = view().script.steps.size();
    if (!step.is_number_integer() || step < 0 || step.get<std::size_t>() >= count) {
        return fail("script", fmt::format("step {} is not one of the {} steps", step.dump(), count),
                    "Steps are counted from 0.");
    }
    view().script.steps.erase(step.get<std::size_t>());
    return {};
}

Result<void> ScriptDesk::save(const nlohmann::json& with) const {
    const auto file = output_path(with, "script", "json");
    LACT_CHECK(write_file_atomically(file, view().script.steps.dump(1) + "\n"));
    services_.log->say(Severity::note, "saved the script", file.string());
    return {};
}

void ScriptDesk::bring_back(const std::optional<Edit>& edit) {
    if (!edit) {
        return;
    }
    PathState& path = view().path;
    path.track = edit->track;
    path.playing = false;
    if (path.selected && *path.selected >= path.track.keys.size()) {
        path.selected.reset();
    }
    view().script = edit->script;
}

Result<void> ScriptDesk::add_takes(ActionTable& actions) {
    LACT_CHECK(actions.add(
        {"script.record",
         "Record what I do / stop",
         "Ctrl+Shift+R",
         "From now on what you do here, with the camera, rules, panels and comparison, becomes a script with "
         "a camera path; again: stop. It can be played, and a film of it is exact frame by frame.",
         "Film",
         {},
         [this] { return published().scene ? std::string() : std::string("No scene is open."); },
         [this](const nlohmann::json&) -> Result<void> {
             if (take_) {
                 return end_take();
             }
             begin_take();
             return {};
         }}));
    LACT_CHECK(actions.add({"script.play",
                            "Play the script / stop",
                            "Shift+P",
                            "Play the script from its beginning, with what was shown then; again: stop.",
                            "Film",
                            {},
                            [this] { return story_.playing() ? std::string() : no_script(); },
                            [this](const nlohmann::json&) { return play(); }}));
    LACT_CHECK(actions.add({"script.begin_here",
                            "Let the script begin here",
                            "",
                            "The script begins with what is shown now: rule, camera, panels and all.",
                            "Film",
                            {},
                            [this] { return no_script(); },
                            [this](const nlohmann::json&) -> Result<void> {
                                take_over(view().script.steps);
                                return {};
                            }}));
    LACT_CHECK(actions.add({"script.save",
                            "Save the script",
                            "",
                            "Save the script as JSON; a session has it, too, with what it begins with.",
                            "Film",
                            {{"path", "JSON file to write", false}},
                            [this] { return no_script(); },
                            [this](const nlohmann::json& with) { return save(with); }}));
    LACT_CHECK(actions.add({"script.remove_step",
                            "Remove a step",
                            "",
                            "Take a step out of the script.",
                            "Film",
                            {{"step", "its number from 0", true}},
                            [this] { return no_script(); },
                            [this](const nlohmann::json& with) { return remove_step(with); }}));
    return actions.add({"script.clear",
                        "Forget the script",
                        "",
                        "Films follow the camera path again.",
                        "Film",
                        {},
                        [this] { return no_script(); },
                        [this](const nlohmann::json&) -> Result<void> {
                            view().script = {};
                            return {};
                        }});
}

Result<void> ScriptDesk::add_undo(ActionTable& actions) {
    LACT_CHECK(actions.add({"edit.undo",
                            "Undo",
                            "Ctrl+Z",
                            "Take back the last change of the camera path or the script.",
                            "Film",
                            {},
                            [this] {
                                return history_.can_undo() ? std::string()
                                                           : std::string(
                                                                 "Nothing of the path or the script "
                                                                 "was changed.");
                            },
                            [this](const nlohmann::json&) -> Result<void> {
                                bring_back(history_.undo(edit()));
                                return {};
                            }}));
    return actions.add(
        {"edit.redo",
         "Redo",
         "Ctrl+Y",
         "Make the change again that was taken back.",
         "Film",
         {},
         [this] { return history_.can_redo() ? std::string() : std::string("Nothing was taken back."); },
         [this](const nlohmann::json&) -> Result<void> {
             bring_back(history_.redo(edit()));
             return {};
         }});
}

Result<void> ScriptDesk::add_actions(ActionTable& actions) {
    LACT_CHECK(add_takes(actions));
    return add_undo(actions);
}

}  // namespace lact::app
