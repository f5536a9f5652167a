#pragma once

#include "app/ui/panel.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lact::app {

/// Paints row-major signed values over the cells of a grid in `rect`: transparent at zero, the end colours of
/// the diverging map at `largest`, so that the image below stays visible. `strength` in [0, 1] scales
/// opacity.
void paint_signed(ImDrawList& list, const gfx::Rect& rect, std::span<const double> values, int columns,
                  double largest, float strength);

/// The scale of paint_signed(), painted by it over mid-grey, as a bar with its numbers: values from `low` to
/// `high`, transparent at `zero`. `width` 0: all that is available.
void signed_overlay_bar(double low, double high, double zero, float width = 0);

/// Returns the colour of an input view in all panels, colour-blind safe (Okabe and Ito). `place` counts the
/// inputs from 1; 0 is the initial state.
[[nodiscard]] ImU32 colour_of_view(std::size_t place);

/// A named signed number.
struct SignedBar {
    std::string name;
    double value = 0;
    std::size_t place = 0;  ///< For colour_of_view().
    std::string note;       ///< Follows the value.
    std::string tooltip;
    bool chosen = false;  ///< Highlighted.
};
/// Draws bars from a common zero line with names and values over the available width. Returns the index of a
/// clicked bar.
std::optional<std::size_t> draw_signed_bars(PanelContext& context, const char* id,
                                            std::span<const SignedBar> bars);

/// Draws a vector as one row of cells over the whole width, in diverging colours from -max |value| to
/// max |value|, with name and norm above. A tooltip shows the channel under the pointer.
void draw_vector_strip(PanelContext& context, const char* id, const std::string& name,
                       std::span<const double> values, const std::string& tooltip);

}  // namespace lact::app
