#include "app/commands/parameter_table.h"

#include "app/commands/command_table.h"
#include "app/commands/table_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {

namespace {

/// "parameter 'rule.steps'", for messages.
std::string parameter_place(std::string_view id) {
    return fmt::format("parameter '{}'", id);
}

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

bool holds(const Domain& domain, const ParameterValue& value) {
    return std::visit(
        Overloaded{[&](const Switch&) { return value.is_switch(); },
                   [&](const WholeNumbers& range) {
                       return value.is_whole() && value.get<long long>() >= range.lowest &&
                              value.get<long long>() <= range.highest;
                   },
                   [&](const Numbers& range) {
                       return value.is_number() && std::isfinite(value.get<double>()) &&
                              value.get<double>() >= range.lowest && value.get<double>() <= range.highest;
                   },
                   [&](const Choices& choices) {
                       return value.is_text() && std::find(choices.names.begin(), choices.names.end(),
                                                           value.get<std::string>()) != choices.names.end();
                   },
                   [&](const FreeText&) { return value.is_text(); }},
        domain);
}

}  // namespace

std::string describe(const Domain& domain) {
    return std::visit(
        Overloaded{
            [](const Switch&) { return std::string("true or false"); },
            [](const WholeNumbers& range) {
                return fmt::format("a whole number from {} to {}", range.lowest, range.highest);
            },
            [](const Numbers& range) {
                return fmt::format("a number from {} to {}", range.lowest, range.highest);
            },
            [](const Choices& choices) { return fmt::format("one of: {}", fmt::join(choices.names, ", ")); },
            [](const FreeText&) { return std::string("a text"); }},
        domain);
}

Result<void> check(const Domain& domain, const ParameterValue& value) {
    if (holds(domain, value)) {
        return {};
    }
    return fail({}, fmt::format("{} is not {}", value.shown(), describe(domain)));
}

std::function<Domain()> always(Domain domain) {
    return [domain = std::move(domain)] { return domain; };
}

Result<void> ParameterTable::add(Parameter parameter) {
    const std::string where = parameter_place(parameter.id);
    if (!is_table_id(parameter.id)) {
        return fail(where, "the id is not made of letters, digits, '.', '-' and '_'");
    }
    if (parameter.title.empty() || parameter.tooltip.empty() || parameter.group.empty() ||
        !parameter.domain || !parameter.get || !parameter.set) {
        return fail(where, "it needs a title, a tooltip, a group, a domain and two functions");
    }
    if (!parameter.effect) {
        return fail(where, "it does not say what setting it touches");
    }
    if (find(parameter.id) != nullptr) {
        return fail(where, "there is already a parameter of this id");
    }
    if (const auto fits = app::check(parameter.domain(), parameter.initial); !fits) {
        return fail(where, "the initial value " + fits.error().what);
    }
    parameters_.push_back(std::move(parameter));
    return {};
}

Result<void> ParameterTable::alias(std::string old_id, std::string_view id) {
    const Parameter* parameter = find(id);
    if (parameter == nullptr) {
        return fail(parameter_place(old_id), fmt::format("it is an alias of '{}', which does not exist", id));
    }
    if (!is_table_id(old_id) || find(old_id) != nullptr) {
        return fail(parameter_place(old_id), "the alias is taken, or no id");
    }
    aliases_.emplace(std::move(old_id), parameter);
    return {};
}

void ParameterTable::set_effect(std::string_view id,
                                std::function<Effect(const ParameterValue& value)> effect) {
    if (const auto row = std::ranges::find(parameters_, id, &Parameter::id); row != parameters_.end()) {
        row->effect_with = std::move(effect);
    }
}

const Parameter* ParameterTable::find(std::string_view id) const {
    const auto found = std::find_if(parameters_.begin(), parameters_.end(),
                                    [&](const Parameter& one) { return one.id == id; });
    if (found != parameters_.end()) {
        return &*found;
    }
    const auto alias = aliases_.find(id);
    return alias == aliases_.end() ? nullptr : alias->second;
}

std::vector<const Parameter*> ParameterTable::search(std::string_view query) const {
    return search_table(parameters_, query);
}

Result<ParameterValue> ParameterTable::get(std::string_view id) const {
    const Parameter* parameter = find(id);
    if (parameter == nullptr) {
        const auto near = search(id);
        return fail(parameter_place(id), "there is no such parameter",
                    near.empty() ? std::string() : fmt::format("Did you mean '{}'?", near.front()->id));
    }
    return parameter->get();
}

Result<void> ParameterTable::set(std::string_view id, const ParameterValue& value) const {
    LACT_CHECK(get(id));
    const Parameter& parameter = *find(id);
    if (const auto fits = app::check(parameter.domain(), value); !fits) {
        return fail(parameter_place(id), fits.error().what);
    }
    return parameter.set(value);
}

Result<void> ParameterTable::reset(std::string_view id) const {
    LACT_CHECK(get(id));
    return set(id, find(id)->initial);
}

}  // namespace lact::app
