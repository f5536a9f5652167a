#pragma once

#include "engine/core/error.h"

#include <cstddef>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

/// The index of a photo that an action was given. Errors: not a whole number, none of the scene's `count`
/// photos.
[[nodiscard]] inline Result<std::size_t> view_index(const nlohmann::json& value, std::size_t count) {
    if (!value.is_number_integer() || value.get<long long>() < 0 || value.get<std::size_t>() >= count) {
        return fail("view", value.dump() + " is not there",
                    fmt::format("The scene has photos 0 to {}.", count - 1));
    }
    return value.get<std::size_t>();
}

}  // namespace lact::app
