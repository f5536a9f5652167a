#pragma once

#include "app/commands/parameter_table.h"

#include <map>
#include <string>
#include <variant>

namespace lact::app::test {

/// A value of the domain of a parameter that it does not have now, where there is one. It is read back as it
/// was set, in a scene that has photo 0 among its input views.
inline ParameterValue other_value(const Parameter& parameter) {
    // Texts that mean something, and a size: "auto" is read back as the size that it stands for.
    static const std::map<std::string, const char*> special = {{"compare.a", "photo"},
                                                               {"compare.b", "photo"},
                                                               {"compare.pixel", "3,4"},
                                                               {"model.size", "32x32"},
                                                               {"rule.text", "mse"},
                                                               {"selection.patch", "3,4"},
                                                               {"selection.photo_patch", "0:3,4"},
                                                               {"sequence.position", "3,4"}};
    if (const auto text = special.find(parameter.id); text != special.end()) {
        return text->second;
    }
    const ParameterValue now = parameter.get();
    const Domain domain = parameter.domain();
    if (const auto* whole = std::get_if<WholeNumbers>(&domain)) {
        return now == whole->lowest ? whole->highest : whole->lowest;
    }
    if (const auto* numbers = std::get_if<Numbers>(&domain)) {
        return now == numbers->lowest ? numbers->highest : numbers->lowest;
    }
    if (const auto* choices = std::get_if<Choices>(&domain)) {
        return now == choices->names.front() ? choices->names.back() : choices->names.front();
    }
    return now.is_switch() ? ParameterValue(!now.get<bool>()) : ParameterValue("/elsewhere");
}

}  // namespace lact::app::test
