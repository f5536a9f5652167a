#include "app/core/actions.h"

#include "app/core/table_search.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

/// "the action scene.open", for messages.
std::string called(std::string_view id) {
    return fmt::format("action '{}'", id);
}

Result<void> check_complete(const Action& action) {
    if (!is_table_id(action.id)) {
        return fail(called(action.id), "the id is not made of letters, digits, '.', '-' and '_'");
    }
    if (action.title.empty() || action.tooltip.empty() || action.group.empty() || !action.run) {
        return fail(called(action.id), "it needs a title, a tooltip, a group and a function");
    }
    return {};
}

}  // namespace

bool is_table_id(std::string_view id) {
    return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
    });
}

Result<void> ActionTable::add(Action action) {
    LACT_CHECK(check_complete(action));
    if (find(action.id) != nullptr) {
        return fail(called(action.id), "there is already an action of this id");
    }
    KeyChord chord;
    if (!action.key.empty()) {
        auto parsed = parse_key_chord(action.key);
        if (!parsed) {
            parsed.error().where = called(action.id) + ": " + parsed.error().where;
            return tl::unexpected<Error>(std::move(parsed.error()));
        }
        chord = *parsed;
        if (const Action* other = by_key(chord); other != nullptr) {
            return fail(called(action.id),
                        fmt::format("the key {} belongs to '{}' already", format(chord), other->id));
        }
        action.key = format(chord);
    }
    actions_.push_back(std::move(action));
    chords_.push_back(std::move(chord));
    return {};
}

const Action* ActionTable::find(std::string_view id) const {
    const auto found =
        std::find_if(actions_.begin(), actions_.end(), [&](const Action& one) { return one.id == id; });
    return found == actions_.end() ? nullptr : &*found;
}

const Action* ActionTable::by_key(const KeyChord& chord) const {
    if (chord.key.empty()) {
        return nullptr;
    }
    const auto found = std::find(chords_.begin(), chords_.end(), chord);
    return found == chords_.end() ? nullptr : &actions_[static_cast<std::size_t>(found - chords_.begin())];
}

std::vector<const Action*> ActionTable::search(std::string_view query) const {
    return search_table(actions_, query);
}

Result<void> ActionTable::check(std::string_view id, const nlohmann::json& with) const {
    const Action* action = find(id);
    if (action == nullptr) {
        const auto near = search(id);
        return fail(called(id), "there is no such action",
                    near.empty() ? std::string() : fmt::format("Did you mean '{}'?", near.front()->id));
    }
    if (!with.is_object()) {
        return fail(called(id), "its parameters are not an object");
    }
    for (const auto& [name, value] : with.items()) {
        const bool known =
            std::any_of(action->arguments.begin(), action->arguments.end(),
                        [&name = name](const ActionArgument& one) { return one.name == name; });
        if (!known) {
            return fail(called(id), fmt::format("it takes no parameter '{}'", name));
        }
    }
    for (const ActionArgument& argument : action->arguments) {
        if (argument.required && !with.contains(argument.name)) {
            return fail(called(id),
                        fmt::format("the parameter '{}' ({}) is missing", argument.name, argument.what));
        }
    }
    return {};
}

Result<void> ActionTable::run(std::string_view id, const nlohmann::json& with) const {
    LACT_CHECK(check(id, with));
    const Action& action = *find(id);
    if (action.disabled_because) {
        if (auto reason = action.disabled_because(); !reason.empty()) {
            return fail(called(id), std::move(reason));
        }
    }
    try {
        return action.run(with);
    } catch (const nlohmann::json::exception& problem) {
        return fail(called(id), fmt::format("{} is not what it takes: {}", with.dump(), problem.what()),
                    "The help window (F1) says what each argument is.");
    }
}

Result<void> ActionTable::run(std::string_view id) const {
    return run(id, nlohmann::json::object());
}

}  // namespace lact::app
