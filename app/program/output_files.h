#pragma once

#include "app/core/engine_state.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

/// The "path" argument of an action, or lactscope-NAME-DATE-TIME.EXTENSION in the current folder; no
/// extension, no dot.
[[nodiscard]] std::filesystem::path output_path(const nlohmann::json& with, const std::string& name,
                                                const std::string& extension);

/// What made a picture or numbers, as the commands write it into theirs: program, weights, rule, precision,
/// device, scene, inputs. What is not open is left out.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> provenance(const Published& published);

}  // namespace lact::app
