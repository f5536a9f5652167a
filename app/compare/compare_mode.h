#pragma once

#include "engine/core/error.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace lact::app {

/// Default amplification: differences of 1 / 4 take the last colour.
inline constexpr double default_amplify = 4;

/// How two sides are shown.
enum class CompareMode {
    wipe,        ///< A left of a divider, B right of it.
    side,        ///< Side by side.
    difference,  ///< A - B: blue where B is brighter, red where A is.
    error,       ///< |A - B|.
    flip,        ///< One of them, the other at the press of a key.
};
inline constexpr std::array<std::string_view, 5> compare_mode_names{"wipe", "side", "difference", "error",
                                                                    "flip"};

[[nodiscard]] constexpr std::string_view to_string(CompareMode mode) {
    return compare_mode_names.at(static_cast<std::size_t>(mode));
}
[[nodiscard]] inline Result<CompareMode> parse_compare_mode(std::string_view text) {
    for (std::size_t i = 0; i < compare_mode_names.size(); ++i) {
        if (compare_mode_names.at(i) == text) {
            return static_cast<CompareMode>(i);
        }
    }
    return fail("mode", fmt::format("'{}' is not known", text),
                "Modes are wipe, side, difference, error and flip.");
}

}  // namespace lact::app
