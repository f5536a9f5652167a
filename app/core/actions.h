#pragma once

#include "app/core/key_chord.h"
#include "engine/core/error.h"

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace lact::app {

/// A parameter that an action takes ("with" of a script).
struct ActionArgument {
    std::string name;
    std::string what;  ///< "path of a scene folder"
    bool required = false;
};

/// Something the program can do. Menus, keys, tooltips, the help window, the palette and scripts read these.
struct Action {
    std::string id;     ///< "scene.open": letters, digits, '.', '-', '_'.
    std::string title;  ///< "Open scene ..."
    std::string key;    ///< "Ctrl+O"; may be empty.
    std::string tooltip;
    std::string group;  ///< Menu: "File", "View".
    std::vector<ActionArgument> arguments;
    /// Why it cannot be done now, as a sentence; empty when it can. May be absent: always possible.
    std::function<std::string()> disabled_because;
    std::function<Result<void>(const nlohmann::json& with)> run;
};

/// The action table, filled once at start. Addresses of its actions stay.
class ActionTable {
  public:
    /// Errors: an id or a key that is taken (names the other one), a bad id or key, no title, tooltip or
    /// function.
    [[nodiscard]] Result<void> add(Action action);

    [[nodiscard]] const std::deque<Action>& all() const { return actions_; }
    [[nodiscard]] const Action* find(std::string_view id) const;
    [[nodiscard]] const Action* by_key(const KeyChord& chord) const;
    /// What fits the query best comes first; an empty query gives all in their order.
    [[nodiscard]] std::vector<const Action*> search(std::string_view query) const;

    /// Why it cannot be run with these parameters whatever the state: unknown id, unknown or missing
    /// argument, not an object.
    [[nodiscard]] Result<void> check(std::string_view id, const nlohmann::json& with) const;
    /// check(), then disabled_because, then run.
    [[nodiscard]] Result<void> run(std::string_view id, const nlohmann::json& with) const;
    [[nodiscard]] Result<void> run(std::string_view id) const;

  private:
    std::deque<Action> actions_;
    std::vector<KeyChord> chords_;  ///< Of the actions, in their order.
};

/// Whether a text may be the id of an action or a parameter.
[[nodiscard]] bool is_table_id(std::string_view id);

}  // namespace lact::app
