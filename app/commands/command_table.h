#pragma once

#include "app/commands/command.h"
#include "app/commands/key_chord.h"
#include "engine/core/error.h"

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lact::app {

/// A row of the command table. Menus, keys, tooltips, the help window and scripts read it.
struct Command {
    std::string id;     ///< "scene.open": letters, digits, '.', '-', '_'.
    std::string title;  ///< "Open scene ..."
    std::string key;    ///< "Ctrl+O"; may be empty.
    std::string tooltip;
    std::string group;             ///< Menu: "File", "View".
    std::optional<Effect> effect;  ///< Must be set.
    /// The effect with these arguments, where it depends on them; may be absent.
    std::function<Effect(const nlohmann::json& with)> effect_with;
    std::vector<CommandArgument> arguments;
    /// The files that it writes with these arguments; absent where they are those of `path` or `folder`.
    std::function<std::vector<std::filesystem::path>(const nlohmann::json& with)> outputs;
    /// Why the command cannot run now, as a sentence; empty when it can. May be absent: always possible.
    std::function<std::string()> disabled_because;
    /// Runs a command whose arguments are given as a script writes them.
    std::function<Result<void>(const ArgumentReader& arguments)> run;
    /// Runs a command value: a pointer to the type whose id this is; null for rows without a type.
    std::function<Result<void>(const void* command)> run_value;
    KeyChord chord;  ///< `key`, parsed by CommandTable::add().
    /// What it would act on now, "inner steps 16"; may be absent or give an empty text.
    std::function<std::string()> subject;

    /// The title, with the subject where there is one: "Undo: inner steps 16".
    [[nodiscard]] std::string title_now() const;
    /// What the command touches when it is run with these arguments.
    [[nodiscard]] Effect touches(const nlohmann::json& with) const {
        return effect_with ? effect_with(with) : effect.value_or(Effect::ends);
    }
    [[nodiscard]] std::string why_not() const {
        return disabled_because ? disabled_because() : std::string();
    }
    [[nodiscard]] bool needs_arguments() const;
    /// A file, or a folder that is not empty, that the command would write into with these arguments.
    [[nodiscard]] std::optional<std::filesystem::path> replaced_by(const nlohmann::json& with) const;
};

/// What a row says to the user.
struct CommandText {
    std::string title;
    std::string key;
    std::string tooltip;
    std::string group;
};

/// The command table, filled once at start. Addresses of its rows stay.
class CommandTable {
  public:
    CommandTable() = default;
    CommandTable(const CommandTable&) = delete;
    CommandTable& operator=(const CommandTable&) = delete;

    /// Errors: an id or a key that is taken (names the other one), a bad id or key, no title, tooltip or
    /// function.
    [[nodiscard]] Result<void> add(Command command);
    /// A row for the command type C. `handler` takes a `const C&` or nothing and returns Result<void> or
    /// void.
    template <CommandType C, class Handler>
    [[nodiscard]] Result<void> add(CommandText text, std::function<std::string()> disabled_because,
                                   Handler handler);

    /// Sets Command::effect_with of a row that is there.
    void set_effect(std::string_view id, std::function<Effect(const nlohmann::json& with)> effect);
    /// Sets Command::outputs of a row that is there.
    void set_outputs(std::string_view id,
                     std::function<std::vector<std::filesystem::path>(const nlohmann::json& with)> outputs);
    /// Sets Command::subject of a row that is there.
    void set_subject(std::string_view id, std::function<std::string()> subject);

    /// Accepts `old_id`, an id of earlier versions, for the command `id`: in scripts and sessions, and by
    /// find(). Errors: `old_id` is taken or no id; there is no command `id`.
    [[nodiscard]] Result<void> alias(std::string old_id, std::string_view id);

    [[nodiscard]] const std::deque<Command>& all() const { return commands_; }
    /// The command of an id or of an alias; null where there is none.
    [[nodiscard]] const Command* find(std::string_view id) const;
    /// Ids of earlier versions, and the commands that they stand for.
    [[nodiscard]] const std::map<std::string, const Command*, std::less<>>& aliases() const {
        return aliases_;
    }
    [[nodiscard]] const Command* by_key(const KeyChord& chord) const;
    /// What fits the query best comes first; an empty query gives all in their order.
    [[nodiscard]] std::vector<const Command*> search(std::string_view query) const;

    /// Runs a command value. Errors: no such row, disabled_because, those of the handler.
    template <CommandType C>
    [[nodiscard]] Result<void> run(const C& command) const {
        return run_value(C::id, &command);
    }
    /// Why a command cannot run with these arguments whatever the state: unknown id, unknown or missing
    /// argument, not an object.
    [[nodiscard]] Result<void> check(std::string_view id, const nlohmann::json& with) const;
    /// As a script runs it: check(), then disabled_because, then the handler.
    [[nodiscard]] Result<void> run(std::string_view id, const nlohmann::json& with) const;
    [[nodiscard]] Result<void> run(std::string_view id) const;

  private:
    [[nodiscard]] Result<void> run_value(std::string_view id, const void* command) const;

    std::deque<Command> commands_;
    std::unordered_map<std::string_view, const Command*> by_id_;
    std::map<std::string, const Command*, std::less<>> aliases_;
};

template <CommandType C, class Handler>
Result<void> CommandTable::add(CommandText text, std::function<std::string()> disabled_because,
                               Handler handler) {
    const auto call = [handler = std::move(handler)](const C& command) -> Result<void> {
        const auto invoke = [&]() {
            if constexpr (std::is_invocable_v<const Handler&, const C&>) {
                return handler(command);
            } else {
                return handler();
            }
        };
        if constexpr (std::is_void_v<decltype(invoke())>) {
            invoke();
            return {};
        } else {
            return invoke();
        }
    };
    Command row;
    row.id = C::id;
    row.effect = C::effect;
    row.title = std::move(text.title);
    row.key = std::move(text.key);
    row.tooltip = std::move(text.tooltip);
    row.group = std::move(text.group);
    row.arguments = arguments_of<C>();
    row.disabled_because = std::move(disabled_because);
    row.run = [call](const ArgumentReader& arguments) -> Result<void> {
        LACT_TRY(const C command, command_from<C>(arguments));
        return call(command);
    };
    row.run_value = [call](const void* command) { return call(*static_cast<const C*>(command)); };
    return add(std::move(row));
}

/// Whether a text may be the id of a command or a parameter.
[[nodiscard]] bool is_table_id(std::string_view id);

}  // namespace lact::app
