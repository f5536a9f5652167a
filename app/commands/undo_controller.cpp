#include "app/commands/undo_controller.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "engine/core/counted.h"
#include "engine/core/text_file.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {

namespace {

/// Whether undo restores a parameter. Not among them: the camera, what is pinned, the interface, what moves
/// by itself (the photos of the timeline follow the inputs and its playback), and what the camera path and
/// the rule as one text contain.
bool is_undone(const std::string& id) {
    constexpr std::array<std::string_view, 4> groups = {"camera.", "ui.", "path.", "selection."};
    constexpr std::array<std::string_view, 5> single = {"compare.divider", "compare.shown", "compare.pixel",
                                                        "sequence.position", "weights.views"};
    return std::ranges::none_of(groups, [&](std::string_view prefix) { return id.starts_with(prefix); }) &&
           std::ranges::find(single, id) == single.end() && (!id.starts_with("rule.") || id == "rule.text");
}

/// Parameters that weights or a scene bring with them when they are opened.
constexpr std::array<std::string_view, 6> of_weights = {"rule.text",   "model.size",       "matrix.layer",
                                                        "matrix.head", "experiment.layer", "experiment.head"};
constexpr std::array<std::string_view, 2> of_scene = {"model.size", "linear.without"};

/// "Enlargement nearest", "Table off".
std::string words_of(const Parameter& parameter, const nlohmann::json& value) {
    if (parameter.id == "rule.text") {
        const auto text = value.get<std::string>();
        const auto rule = parse_update_rule(text);
        return "rule " + (rule ? rule_label(*rule) : text);
    }
    const std::string words = value.is_boolean()  ? (value.get<bool>() ? "on" : "off")
                              : value.is_string() ? value.get<std::string>()
                                                  : dump_json(value);
    return parameter.title + (words.empty() ? "" : " " + words);
}

std::string words_of(const std::vector<std::size_t>& before, const std::vector<std::size_t>& after) {
    const auto only_in = [](const auto& these, const auto& those) {
        std::vector<std::size_t> only;
        std::ranges::copy_if(these, std::back_inserter(only),
                             [&](std::size_t view) { return std::ranges::find(those, view) == those.end(); });
        return only;
    };
    const auto added = only_in(after, before);
    const auto removed = only_in(before, after);
    if (added.size() == 1 && removed.empty()) {
        return fmt::format("add photo {}", added.front());
    }
    if (removed.size() == 1 && added.empty()) {
        return fmt::format("remove photo {}", removed.front());
    }
    return "input photos";
}

}  // namespace

UndoController::EditView UndoController::edit_view() const {
    const auto& scene = snapshot().scene;
    // As requested: the engine may be building them still.
    EditView now{scene ? scene->sequence : 0,
                 snapshot().weights,
                 scene ? requested_inputs(document(), *scene) : std::vector<std::size_t>(),
                 nlohmann::json::object(),
                 document().path.track,
                 document().script,
                 document().compare.captured};
    for (const Parameter& parameter : services_.dispatch->parameters().all()) {
        if (is_undone(parameter.id)) {
            now.parameters[parameter.id] = parameter.get();
        }
    }
    return now;
}

bool UndoController::is_edited(const std::string& id, const Edit& before, const Edit& after) {
    const auto among = [&id](const auto& ids) { return std::ranges::find(ids, id) != ids.end(); };
    return (before.weights == after.weights || !among(of_weights)) &&
           (before.scene == after.scene || !among(of_scene));
}

std::string UndoController::describe(const Edit& before, const Edit& after) const {
    constexpr std::size_t most = 2;
    std::vector<std::string> changes;
    if (before.scene == after.scene && before.inputs != after.inputs) {
        changes.push_back(words_of(before.inputs, after.inputs));
    }
    for (const auto& [id, value] : after.parameters.items()) {
        const Parameter* parameter = services_.dispatch->parameters().find(id);
        if (const auto was = before.parameters.find(id); parameter != nullptr &&
                                                         was != before.parameters.end() && *was != value &&
                                                         is_edited(id, before, after)) {
            changes.push_back(words_of(*parameter, value));
        }
    }
    if (!(before.track == after.track)) {
        changes.emplace_back(after.track.keys.empty() ? "clear the camera path" : "camera path");
    }
    if (!(before.script == after.script)) {
        changes.emplace_back(after.script.steps.empty() ? "clear the script" : "script");
    }
    if (changes.empty() && before.captured != after.captured) {  // Otherwise side B says it.
        changes.emplace_back("frozen image");
    }
    return changes.size() > most ? counted(changes.size(), "change")
                                 : fmt::format("{}", fmt::join(changes, ", "));
}

void UndoController::advance(bool opened) {
    if (plays_()) {
        return;
    }
    if (!started_) {
        if (opened) {
            started_ = snapshot().scene != nullptr;
            history_.rebase(edit());
        }
        return;
    }
    // What comes with other weights or another scene is no step of its own.
    history_.update(edit_view(), clock_->now(), [this](const Edit& before, const Edit& after) {
        return !describe(before, after).empty();
    });
}

std::string UndoController::next_undo() const {
    const Edit now = edit();
    for (std::size_t count = 1; const Edit* earlier = history_.after_undos(count); ++count) {
        if (auto words = describe(*earlier, now); !words.empty()) {
            return words;
        }
    }
    return {};
}

std::string UndoController::next_redo() const {
    const Edit now = edit();
    for (std::size_t count = 1; const Edit* later = history_.after_redos(count); ++count) {
        if (auto words = describe(now, *later); !words.empty()) {
            return words;
        }
    }
    return {};
}

void UndoController::undo() {
    const Edit now = edit();
    for (auto to = history_.undo(now); to; to = history_.undo(*to)) {
        if (!describe(*to, now).empty()) {
            restore(now, *to);
            return;
        }
    }
}

void UndoController::redo() {
    const Edit now = edit();
    for (auto to = history_.redo(now); to; to = history_.redo(*to)) {
        if (!describe(now, *to).empty()) {
            restore(now, *to);
            return;
        }
    }
}

void UndoController::restore(const Edit& from, const Edit& to) {
    if (to.scene == from.scene && to.inputs != from.inputs) {
        services_.dispatch->run(SetInputs{to.inputs});
    }
    for (const auto& [id, value] : to.parameters.items()) {
        if (const auto now = from.parameters.find(id);
            now != from.parameters.end() && *now != value && is_edited(id, from, to)) {
            // A value that another scene or other weights do not allow stays as it is.
            if (const auto known = value_from_json(value); known) {
                services_.dispatch->set(id, *known);
            }
        }
    }
    PathState& path = document().path;
    if (!(path.track == to.track)) {
        path.track = to.track;
        path.playing = false;
        path.clamp_time();
        if (path.selected && *path.selected >= path.track.keys.size()) {
            path.selected.reset();
        }
    }
    document().script = to.script;
    document().compare.captured = to.captured;
    // What could not be restored stays as it is, and is no change of the user.
    history_.rebase(edit());
}

Result<void> UndoController::add_commands(CommandTable& commands) {
    LACT_CHECK(commands.add<Undo>(
        {"Undo", "Ctrl+Z",
         "Undo the last change of photos, rule, parameters, comparison, camera path or script.", "Edit"},
        [this] { return next_undo().empty() ? std::string("There is no change to undo.") : std::string(); },
        [this] { undo(); }));
    LACT_CHECK(commands.add<Redo>(
        {"Redo", "Ctrl+Y", "Repeat the undone change.", "Edit"},
        [this] { return next_redo().empty() ? std::string("There is no undone change.") : std::string(); },
        [this] { redo(); }));
    commands.set_subject(Undo::id, [this] { return next_undo(); });
    commands.set_subject(Redo::id, [this] { return next_redo(); });
    return {};
}

}  // namespace lact::app
