#pragma once

#include "app/commands/key_chord.h"
#include "engine/core/error.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lact::app {

/// How well `text` fits what was typed, nothing where it does not: every word of `query` must stand in the
/// text as a subsequence, case ignored. Unbroken runs and starts of words count more, skipped letters less.
/// An empty query fits everything with 0.
[[nodiscard]] std::optional<int> fuzzy_score(std::string_view text, std::string_view query);

/// Rows of a table whose title, id, group or tooltip fit what was typed, best first; among equals the order
/// of the table. A hit in the title weighs most.
template <class Row>
std::vector<const Row*> search_table(const std::deque<Row>& rows, std::string_view query) {
    constexpr int title_bonus = 40;
    constexpr int id_bonus = 20;
    std::vector<std::pair<int, const Row*>> found;
    for (const Row& row : rows) {
        std::optional<int> best;
        const auto consider = [&](std::string_view text, int bonus) {
            if (const auto score = fuzzy_score(text, query)) {
                best = std::max(best.value_or(*score + bonus), *score + bonus);
            }
        };
        consider(row.title, title_bonus);
        consider(row.id, id_bonus);
        consider(row.group, 0);
        // Scattered letters are found in any long text: a tooltip only counts where the words stand in it.
        if (row.tooltip.find(query) != std::string::npos) {
            consider(row.tooltip, 0);
        }
        if (best) {
            found.emplace_back(query.empty() ? 0 : *best, &row);
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<const Row*> order;
    order.reserve(found.size());
    for (const auto& [score, row] : found) {
        order.push_back(row);
    }
    return order;
}

/// A parameter that an action takes ("with" of a script).
struct CommandArgument {
    std::string name;
    std::string what;  ///< "path of a scene folder"
    bool required = false;
};

/// Something the program can do. Menus, keys, tooltips, the help window, the palette and scripts read these.
struct Command {
    std::string id;     ///< "scene.open": letters, digits, '.', '-', '_'.
    std::string title;  ///< "Open scene ..."
    std::string key;    ///< "Ctrl+O"; may be empty.
    std::string tooltip;
    std::string group;  ///< Menu: "File", "View".
    std::vector<CommandArgument> arguments;
    /// Why it cannot be done now, as a sentence; empty when it can. May be absent: always possible.
    std::function<std::string()> disabled_because;
    std::function<Result<void>(const nlohmann::json& with)> run;
};

/// The action table, filled once at start. Addresses of its actions stay.
class CommandTable {
  public:
    /// Errors: an id or a key that is taken (names the other one), a bad id or key, no title, tooltip or
    /// function.
    [[nodiscard]] Result<void> add(Command command);

    [[nodiscard]] const std::deque<Command>& all() const { return commands_; }
    [[nodiscard]] const Command* find(std::string_view id) const;
    [[nodiscard]] const Command* by_key(const KeyChord& chord) const;
    /// What fits the query best comes first; an empty query gives all in their order.
    [[nodiscard]] std::vector<const Command*> search(std::string_view query) const;

    /// Why it cannot be run with these parameters whatever the state: unknown id, unknown or missing
    /// argument, not an object.
    [[nodiscard]] Result<void> check(std::string_view id, const nlohmann::json& with) const;
    /// check(), then disabled_because, then run.
    [[nodiscard]] Result<void> run(std::string_view id, const nlohmann::json& with) const;
    [[nodiscard]] Result<void> run(std::string_view id) const;

  private:
    std::deque<Command> commands_;
    std::vector<KeyChord> chords_;  ///< Of the actions, in their order.
};

/// Whether a text may be the id of an action or a parameter.
[[nodiscard]] bool is_table_id(std::string_view id);

}  // namespace lact::app
