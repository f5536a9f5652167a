#include "app/commands/script_controller.h"

#include "app/commands/command_table.h"
#include "app/commands/experiment_controller.h"
#include "app/commands/output_files.h"
#include "app/commands/parameter_table.h"
#include "app/document/open_target.h"
#include "app/runtime/log.h"
#include "engine/core/counted.h"
#include "engine/core/files.h"
#include "engine/core/text_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

/// Whether a parameter is part of an interaction recording. Not part of it are: recording options, the path
/// (the camera is sampled) and preferences of the user. A rule is one text, as switches set one by one would
/// pass through invalid rules.
bool is_part_of_interaction(const std::string& id) {
    constexpr std::array<std::string_view, 4> excluded = {"path.", "record.", "ui.", "camera."};
    return std::ranges::none_of(excluded, [&](std::string_view prefix) { return id.starts_with(prefix); }) &&
           (!id.starts_with("rule.") || id == "rule.text");
}

}  // namespace

ScriptController::ScriptController(PanelServices services, ScriptPlayer& player, const FrameClock& clock,
                                   Window window)
    : Controller(services), player_(player), clock_(&clock), window_(std::move(window)) {}

std::string ScriptController::no_script() const {
    if (interaction_) {
        return "An interaction is being recorded.";
    }
    return document().script.steps.empty()
               ? "There is no script: record an interaction, or open a script or a session with one."
               : "";
}

InteractionSample ScriptController::sample() const {
    InteractionSample now;
    now.seconds = clock_->now() - interaction_began_;
    now.parameters = nlohmann::json::object();
    for (const Parameter& parameter : services_.dispatch->parameters().all()) {
        if (is_part_of_interaction(parameter.id)) {
            now.parameters[parameter.id] = parameter.get();
        }
    }
    now.inputs = requested_inputs(document(), *snapshot().scene);
    now.in_front = window_.panels_in_front();
    now.kept = document().compare.captured;
    if (const std::string* active = active_experiment(snapshot())) {
        now.experiment = *active;
    }
    now.measurement = document().sequence.measurement;
    if (const auto& hovered = document().selection.hovered) {
        now.hovered_patch = fmt::format("{},{}", hovered->column, hovered->row);
    }
    now.pose = track_pose_of(document().viewpoint().camera(snapshot().scene->size));
    return now;
}

std::string ScriptController::weights_now() const {
    return snapshot().weights ? snapshot().weights->sha256 : std::string();
}

void ScriptController::advance() {
    if (interaction_) {
        const auto& scene = snapshot().scene;
        const bool other_scene = !scene || scene->sequence != interaction_scene_;
        const bool other_weights = weights_now() != interaction_weights_;
        if (other_scene || other_weights || clock_->now() - interaction_began_ >= longest_script_wait) {
            services_.dispatch->log().say(
                Severity::warning,
                other_scene     ? std::string("the recording has ended, as another scene was opened")
                : other_weights ? std::string("the recording has ended, as other weights were opened")
                                : fmt::format("the recording has ended, as a script is of {:.0f} s at most",
                                              longest_script_wait),
                "interaction recording");
            if (const auto ended = end_interaction(); !ended) {
                services_.dispatch->log().add(ended.error());
            }
        } else {
            interaction_->add(sample());
            const std::size_t steps = interaction_->steps(0).size() - 1;  // Without the wait at the end.
            document().interaction = InteractionProgress{clock_->now() - interaction_began_, steps};
        }
    }
}

void ScriptController::begin_interaction() {
    document().path.playing = false;
    document().path.preview = false;  // It would fly in the corner when the script is played.
    interaction_begin_ = std::make_shared<const SessionFile>(window_.session_now());
    interaction_began_ = clock_->now();
    interaction_scene_ = snapshot().scene->sequence;
    interaction_weights_ = weights_now();
    interaction_.emplace(sample());
    document().interaction = InteractionProgress{};
}

Result<void> ScriptController::end_interaction() {
    const InteractionRecorder recorded = std::move(*std::exchange(interaction_, std::nullopt));
    document().interaction.reset();
    const double seconds = std::min(clock_->now() - interaction_began_, longest_script_wait);
    std::string replaced = document().script.steps.empty() ? "" : "script";
    std::string loosened;
    if (recorded.flew()) {
        const double scale = document().viewpoint().scale;
        CameraTrack& track = document().path.track;
        replaced += track.keys.empty() ? "" : replaced.empty() ? "camera path" : " and the camera path";
        LACT_TRY(FittedFlight flown, fit_flight(recorded.flight(), {0.004 * scale, 0.25, 0.25}));
        track = std::move(flown.track);
        loosened = loosened_text(flown.loosened);
        document().path.selected.reset();
        document().path.time = 0;
    }
    document().script = {recorded.steps(seconds), std::exchange(interaction_begin_, nullptr), true};
    std::string note =
        fmt::format("recorded an interaction of {:.1f} seconds: play it, or record a video of it", seconds);
    if (!replaced.empty()) {
        note += fmt::format("; it replaces the {} of before, which Undo (Ctrl+Z) restores", replaced);
    }
    services_.dispatch->log().say(Severity::note, note + loosened, "script");
    return {};
}

Result<void> ScriptController::play() {
    if (player_.playing()) {
        player_.play(Script{});
        document().path.playing = false;
        return {};
    }
    return document().script.own ? window_.open_session(window_.session())
                                 : window_.ask_and_open(window_.session());
}

void ScriptController::adopt(nlohmann::json steps, bool own) {
    document().script = {std::move(steps), nullptr, own};
    begin_here();
}

void ScriptController::begin_here() {
    document().script.begin = std::make_shared<const SessionFile>(window_.session_now());
}

Result<void> ScriptController::remove_step(const RemoveScriptStep& remove) {
    const std::size_t count = document().script.steps.size();
    if (remove.step >= count) {
        return fail(
            "script",
            fmt::format("there is no step {}: the script has {}", remove.step, counted(count, "step")),
            "Steps are counted from 0.");
    }
    document().script.steps.erase(remove.step);
    return {};
}

Result<void> ScriptController::save(const SaveScript& save) const {
    const auto file =
        destination(document(), save.path,
                    {"Save the script", SaveScript::id, "script", script_extension, {}, "path", {"json"}});
    if (!file) {
        return {};
    }
    LACT_CHECK(write_file_atomically(*file, dump_json(document().script.steps, 1) + "\n"));
    document().saved.steps = document().script.steps;
    services_.dispatch->log().wrote("saved the script", *file);
    return {};
}

Result<void> ScriptController::add_commands(CommandTable& commands) {
    const auto needs_script = [this] { return no_script(); };
    LACT_CHECK(commands.add<RecordScript>(
        {"Record input / stop", "Ctrl+Shift+R",
         "Record your interaction with camera, rules, panels and comparison as a script with a camera path; "
         "again: stop. The script can be played, and recorded as a video, exact frame by frame.",
         "Record"},
        [this] { return snapshot().scene ? std::string() : std::string("No scene is open."); },
        [this]() -> Result<void> {
            if (interaction_) {
                return end_interaction();
            }
            begin_interaction();
            return {};
        }));
    LACT_CHECK(commands.add<PlayScript>(
        {"Play the script / stop", "Shift+P",
         "Play the script from its beginning, with the state it began with; again: stop.", "Record"},
        [this] { return player_.playing() ? std::string() : no_script(); }, [this] { return play(); }));
    LACT_CHECK(commands.add<BeginScriptHere>(
        {"Begin the script here", "",
         "The script begins with the current state: rule, camera, panels and all parameters.", "Record"},
        needs_script, [this] { begin_here(); }));
    LACT_CHECK(commands.add<SaveScript>(
        {"Save the script ...", "",
         "Save the script as JSON. A session contains it too, with the state it begins with.", "Record"},
        needs_script, [this](const SaveScript& to) { return save(to); }));
    LACT_CHECK(commands.add<RemoveScriptStep>(
        {"Remove a step", "", "Remove a step from the script.", "Record"}, needs_script,
        [this](const RemoveScriptStep& remove) { return remove_step(remove); }));
    return commands.add<ClearScript>(
        {"Clear the script", "", "Remove all steps; videos follow the camera path again.", "Record"},
        needs_script, [this] { document().script = {}; });
}

}  // namespace lact::app
