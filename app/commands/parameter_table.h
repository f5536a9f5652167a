#pragma once

#include "app/document/parameter_value.h"
#include "engine/core/error.h"

#include <deque>
#include <functional>
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
/// What values a parameter can take.
using Domain = std::variant<Switch, WholeNumbers, Numbers, Choices, FreeText>;

/// "on or off", "a whole number from 1 to 64", "one of: nearest, bicubic".
[[nodiscard]] std::string describe(const Domain& domain);
/// Error: the value is not of the domain; says what is.
[[nodiscard]] Result<void> check(const Domain& domain, const ParameterValue& value);

/// Something that can be set. Widgets, the help window, settings, sessions and scripts read these.
struct Parameter {
    std::string id;     ///< "viewport.filter"
    std::string title;  ///< "Enlargement"
    std::string group;
    std::string tooltip;
    /// A function, as it may depend on what is open (the layers of the weights).
    std::function<Domain()> domain;
    ParameterValue initial;  ///< What reset() sets.
    std::function<ParameterValue()> get;
    std::function<Result<void>(const ParameterValue& value)> set;  ///< Only called with values of the domain.
};

/// A domain that never changes.
[[nodiscard]] std::function<Domain()> always(Domain domain);

/// The parameter table, filled once at start. Addresses of its parameters stay.
class ParameterTable {
  public:
    /// Errors: an id that is taken or bad; no title, tooltip or function; an initial value out of the domain.
    [[nodiscard]] Result<void> add(Parameter parameter);

    [[nodiscard]] const std::deque<Parameter>& all() const { return parameters_; }
    [[nodiscard]] const Parameter* find(std::string_view id) const;
    [[nodiscard]] std::vector<const Parameter*> search(std::string_view query) const;

    /// Errors: unknown id.
    [[nodiscard]] Result<ParameterValue> get(std::string_view id) const;
    /// Errors: unknown id; value not of the domain; those of the parameter.
    [[nodiscard]] Result<void> set(std::string_view id, const ParameterValue& value) const;
    [[nodiscard]] Result<void> reset(std::string_view id) const;

  private:
    std::deque<Parameter> parameters_;
};

/// Adds parameters whose setting cannot fail to a table.
struct AddParameter {
    ParameterTable& table;

    [[nodiscard]] Result<void> operator()(const char* id, const char* title, const char* group,
                                          const char* tooltip, std::function<Domain()> domain,
                                          ParameterValue initial, std::function<ParameterValue()> get,
                                          std::function<void(const ParameterValue&)> set) const {
        return table.add({id, title, group, tooltip, std::move(domain), std::move(initial), std::move(get),
                          [set = std::move(set)](const ParameterValue& value) -> Result<void> {
                              set(value);
                              return {};
                          }});
    }
};

}  // namespace lact::app
