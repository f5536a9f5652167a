#pragma once

#include "app/commands/command.h"
#include "app/document/parameter_value.h"
#include "engine/core/error.h"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lact::app {

struct Switch {};
struct WholeNumbers {
    long long lowest = 0;
    long long highest = 0;
};
struct Numbers {
    double lowest = 0;
    double highest = 0;
};
struct Choices {
    std::vector<std::string> names;
};
struct FreeText {};
/// The values that a parameter can take.
using Domain = std::variant<Switch, WholeNumbers, Numbers, Choices, FreeText>;

/// "on or off", "a whole number from 1 to 64", "one of: nearest, bicubic".
[[nodiscard]] std::string describe(const Domain& domain);
/// Error: the value is not in the domain; the message describes the domain.
[[nodiscard]] Result<void> check(const Domain& domain, const ParameterValue& value);

/// A row of the parameter table. Widgets, the help window, settings, sessions and scripts read it.
struct Parameter {
    std::string id;     ///< "viewport.filter"
    std::string title;  ///< "Enlargement"
    std::string group;
    std::string tooltip;
    std::optional<Effect> effect;  ///< Of setting it. Must be set.
    /// A function, as it may depend on what is open (the layers of the weights).
    std::function<Domain()> domain;
    ParameterValue initial;  ///< What reset() sets.
    std::function<ParameterValue()> get;
    std::function<Result<void>(const ParameterValue& value)> set;  ///< Called only with values of the domain.
    /// The effect of setting this value, where it depends on the value; may be absent.
    std::function<Effect(const ParameterValue& value)> effect_with = {};

    /// What setting this value touches.
    [[nodiscard]] Effect touches(const ParameterValue& value) const {
        return effect_with ? effect_with(value) : effect.value_or(Effect::ends);
    }
};

/// A constant domain.
[[nodiscard]] std::function<Domain()> always(Domain domain);

/// The parameter table, filled once at start. Addresses of its parameters stay.
class ParameterTable {
  public:
    /// Errors: an id that is taken or bad; no title, tooltip, effect or function; an initial value out of the
    /// domain.
    [[nodiscard]] Result<void> add(Parameter parameter);

    /// Accepts `old_id`, an id of earlier versions, for the parameter `id`: in scripts, sessions and
    /// settings, and by find(), get(), set() and reset(). Errors: `old_id` is taken or no id; there is no
    /// parameter `id`.
    [[nodiscard]] Result<void> alias(std::string old_id, std::string_view id);

    /// Sets Parameter::effect_with of a row that is there.
    void set_effect(std::string_view id, std::function<Effect(const ParameterValue& value)> effect);

    [[nodiscard]] const std::deque<Parameter>& all() const { return parameters_; }
    /// The parameter of an id or of an alias; null where there is none.
    [[nodiscard]] const Parameter* find(std::string_view id) const;
    /// Ids of earlier versions, and the parameters that they stand for.
    [[nodiscard]] const std::map<std::string, const Parameter*, std::less<>>& aliases() const {
        return aliases_;
    }
    [[nodiscard]] std::vector<const Parameter*> search(std::string_view query) const;

    /// Errors: unknown id.
    [[nodiscard]] Result<ParameterValue> get(std::string_view id) const;
    /// Errors: unknown id; value not of the domain; those of the parameter.
    [[nodiscard]] Result<void> set(std::string_view id, const ParameterValue& value) const;
    [[nodiscard]] Result<void> reset(std::string_view id) const;

  private:
    std::deque<Parameter> parameters_;
    std::map<std::string, const Parameter*, std::less<>> aliases_;
};

/// Adds parameters whose setting cannot fail to a table.
struct AddParameter {
    ParameterTable& table;

    [[nodiscard]] Result<void> operator()(const char* id, const char* title, const char* group,
                                          const char* tooltip, Effect effect, std::function<Domain()> domain,
                                          ParameterValue initial, std::function<ParameterValue()> get,
                                          std::function<void(const ParameterValue&)> set) const {
        return table.add({id, title, group, tooltip, effect, std::move(domain), std::move(initial),
                          std::move(get),
                          [set = std::move(set)](const ParameterValue& value) -> Result<void> {
                              set(value);
                              return {};
                          }});
    }
};

}  // namespace lact::app
