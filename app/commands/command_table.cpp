#include "app/commands/command_table.h"

#include "app/commands/table_search.h"

#include <algorithm>
#include <cctype>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

/// "command 'scene.open'", for messages.
std::string command_place(std::string_view id) {
    return fmt::format("command '{}'", id);
}

Result<void> check_complete(const Command& command) {
    if (!is_table_id(command.id)) {
        return fail(command_place(command.id), "the id is not made of letters, digits, '.', '-' and '_'");
    }
    if (command.title.empty() || command.tooltip.empty() || command.group.empty() || !command.run) {
        return fail(command_place(command.id), "it needs a title, a tooltip, a group and a function");
    }
    if (!command.effect) {
        return fail(command_place(command.id), "it does not say what it touches");
    }
    return {};
}

Result<void> check_enabled(const Command& command) {
    if (auto reason = command.why_not(); !reason.empty()) {
        return fail(command_place(command.id), std::move(reason));
    }
    return {};
}

}  // namespace

bool is_table_id(std::string_view id) {
    return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '-' || c == '_';
    });
}

bool Command::needs_arguments() const {
    return std::ranges::any_of(arguments, &CommandArgument::required);
}

std::string Command::title_now() const {
    const std::string about = subject ? subject() : std::string();
    return about.empty() ? title : title + ": " + about;
}

std::optional<std::filesystem::path> Command::replaced_by(const nlohmann::json& with) const {
    std::vector<std::filesystem::path> written;
    if (outputs) {
        written = outputs(with);
    } else {
        for (const char* argument : {"path", "folder"}) {
            if (const auto found = with.find(argument); found != with.end() && found->is_string()) {
                written.emplace_back(found->get<std::string>());
            }
        }
    }
    const auto there = std::ranges::find_if(written, [](const std::filesystem::path& path) {
        std::error_code problem;
        const bool folder = std::filesystem::is_directory(path, problem);
        return folder ? !std::filesystem::is_empty(path, problem) : std::filesystem::exists(path, problem);
    });
    return there == written.end() ? std::nullopt : std::optional(*there);
}

void CommandTable::set_outputs(
    std::string_view id,
    std::function<std::vector<std::filesystem::path>(const nlohmann::json& with)> outputs) {
    if (const auto row = std::ranges::find(commands_, id, &Command::id); row != commands_.end()) {
        row->outputs = std::move(outputs);
    }
}

void CommandTable::set_effect(std::string_view id, std::function<Effect(const nlohmann::json& with)> effect) {
    if (const auto row = std::ranges::find(commands_, id, &Command::id); row != commands_.end()) {
        row->effect_with = std::move(effect);
    }
}

void CommandTable::set_subject(std::string_view id, std::function<std::string()> subject) {
    if (const auto row = std::ranges::find(commands_, id, &Command::id); row != commands_.end()) {
        row->subject = std::move(subject);
    }
}

Result<void> CommandTable::add(Command command) {
    LACT_CHECK(check_complete(command));
    if (find(command.id) != nullptr) {
        return fail(command_place(command.id), "there is already a command of this id");
    }
    if (!command.key.empty()) {
        auto parsed = parse_key_chord(command.key);
        if (!parsed) {
            parsed.error().where = command_place(command.id) + ": " + parsed.error().where;
            return tl::unexpected<Error>(std::move(parsed.error()));
        }
        if (const Command* other = by_key(*parsed); other != nullptr) {
            return fail(command_place(command.id),
                        fmt::format("the key {} belongs to '{}' already", format(*parsed), other->id));
        }
        command.key = format(*parsed);
        command.chord = std::move(*parsed);
    }
    const Command& row = commands_.emplace_back(std::move(command));
    by_id_.emplace(row.id, &row);
    return {};
}

Result<void> CommandTable::alias(std::string old_id, std::string_view id) {
    const Command* command = find(id);
    if (command == nullptr) {
        return fail(command_place(old_id), fmt::format("it is an alias of '{}', which does not exist", id));
    }
    if (!is_table_id(old_id) || find(old_id) != nullptr) {
        return fail(command_place(old_id), "the alias is taken, or no id");
    }
    aliases_.emplace(std::move(old_id), command);
    return {};
}

const Command* CommandTable::find(std::string_view id) const {
    if (const auto found = by_id_.find(id); found != by_id_.end()) {
        return found->second;
    }
    const auto alias = aliases_.find(id);
    return alias == aliases_.end() ? nullptr : alias->second;
}

const Command* CommandTable::by_key(const KeyChord& chord) const {
    if (chord.key.empty()) {
        return nullptr;
    }
    const auto found = std::ranges::find(commands_, chord, &Command::chord);
    return found == commands_.end() ? nullptr : &*found;
}

std::vector<const Command*> CommandTable::search(std::string_view query) const {
    return search_table(commands_, query);
}

Result<void> CommandTable::check(std::string_view id, const nlohmann::json& with) const {
    const Command* command = find(id);
    if (command == nullptr) {
        const auto near = search(id);
        return fail(command_place(id), "there is no such command",
                    near.empty() ? std::string() : fmt::format("Did you mean '{}'?", near.front()->id));
    }
    if (!with.is_object()) {
        return fail(command_place(id), "its arguments are not an object");
    }
    for (const auto& [name, value] : with.items()) {
        if (std::ranges::find(command->arguments, name, &CommandArgument::name) == command->arguments.end()) {
            return fail(command_place(id), fmt::format("it takes no argument '{}'", name));
        }
    }
    for (const CommandArgument& argument : command->arguments) {
        if (argument.required && !with.contains(argument.name)) {
            return fail(command_place(id),
                        fmt::format("the argument '{}' ({}) is missing", argument.name, argument.what));
        }
    }
    return {};
}

Result<void> CommandTable::run(std::string_view id, const nlohmann::json& with) const {
    LACT_CHECK(check(id, with));
    const Command& command = *find(id);
    LACT_CHECK(check_enabled(command));
    return command.run(ArgumentReader(with, command.id));
}

Result<void> CommandTable::run(std::string_view id) const {
    return run(id, nlohmann::json::object());
}

Result<void> CommandTable::run_value(std::string_view id, const void* value) const {
    const Command* command = find(id);
    if (command == nullptr || !command->run_value) {
        return fail(command_place(id), "there is no such command");
    }
    LACT_CHECK(check_enabled(*command));
    return command->run_value(value);
}

}  // namespace lact::app
