#pragma once

#include "app/runtime/snapshot.h"
#include "engine/core/error.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

/// The "path" argument of an action, or lactscope-NAME-DATE-TIME.EXTENSION in the current folder; no
/// extension, no dot.
[[nodiscard]] std::filesystem::path output_path(const nlohmann::json& with, const std::string& name,
                                                const std::string& extension);

/// What made a picture or numbers, as the commands write it into theirs: program, weights, rule, precision,
/// device, scene, inputs. What is not open is left out.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> provenance(const Snapshot& snapshot);

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
