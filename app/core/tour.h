#pragma once

#include "app/core/script.h"

#include <filesystem>
#include <string>
#include <vector>

namespace lact::app {

/// A step of a tour: words, and the script that shows what they say. A step's script sets all that it depends
/// on, so that steps can be taken in any order.
struct TourStep {
    std::string title;
    std::string text;
    Script script;
};
using Tour = std::vector<TourStep>;

/// Reads `[{"title": "...", "text": "...", "steps": [script steps]}, ...]`. Errors name the step: no list, a
/// missing text, a step that parse_script() refuses.
[[nodiscard]] Result<Tour> load_tour(const std::filesystem::path& path, const ActionTable& actions,
                                     const ParameterTable& parameters);

}  // namespace lact::app
