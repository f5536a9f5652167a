#pragma once

#include "app/core/compare_history.h"
#include "app/core/compare_mode.h"
#include "app/core/comparison.h"

#include <array>
#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// What is compared and how it is shown; part of the view's state.
struct CompareState {
    bool on = false;
    SideSpec a;
    SideSpec b = four_views();
    std::shared_ptr<const Captured> captured;
    CompareMode mode = CompareMode::wipe;
    double divider = 0.5;              ///< Share of the width that is A's in a wipe.
    double amplify = default_amplify;  ///< Differences of 1 / amplify take the last colour.
    bool shows_b = false;              ///< In flip mode.
    bool blink = false;                ///< In flip mode: A and B by turns.
    bool table = true;                 ///< Compute the table while its panel is seen.
    std::string sort = "view";
    bool descending = false;
    std::optional<std::array<int, 2>> pixel;  ///< Whose values are written; empty: under the pointer.
    bool table_seen = false;                  ///< The panel was drawn this frame.
    CompareHistory history;

    [[nodiscard]] std::optional<CompareWish> wish() const {
        return on ? std::optional<CompareWish>({a, b, captured}) : std::nullopt;
    }
    /// A difference that always exists, and teaches something: half the photos.
    [[nodiscard]] static SideSpec four_views() {
        SideSpec spec;
        spec.view_count = 4;
        return spec;
    }
};

}  // namespace lact::app
