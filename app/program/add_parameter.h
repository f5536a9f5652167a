#pragma once

#include "app/core/parameters.h"

#include <functional>
#include <utility>

namespace lact::app {

/// Adds parameters whose setting cannot fail to a table.
struct AddParameter {
    ParameterTable& table;

    [[nodiscard]] Result<void> operator()(const char* id, const char* title, const char* group,
                                          const char* tooltip, std::function<Domain()> domain,
                                          nlohmann::json initial, std::function<nlohmann::json()> get,
                                          std::function<void(const nlohmann::json&)> set) const {
        return table.add({id, title, group, tooltip, std::move(domain), std::move(initial), std::move(get),
                          [set = std::move(set)](const nlohmann::json& value) -> Result<void> {
                              set(value);
                              return {};
                          }});
    }
};

}  // namespace lact::app
