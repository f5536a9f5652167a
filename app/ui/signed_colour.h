#pragma once

#include "app/ui/panel.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace lact::app {

/// Paints a signed value over each cell of a grid in a rectangle: nothing at zero, the end colours of the
/// diverging map at `largest`, so that a picture below shows through. Cells row after row.
void paint_signed(ImDrawList& list, const gfx::Rect& rect, std::span<const double> values, int columns,
                  double largest, float strength);

/// The colour of an input view wherever it is drawn: distinguishable also for colour-blind people (Okabe and
/// Ito); `place` counts from 1 in the order of the inputs, 0 is the initial state.
[[nodiscard]] ImU32 colour_of_view(std::size_t place);

/// A named signed number.
struct SignedBar {
    std::string name;
    double value = 0;
    std::size_t place = 0;  ///< For colour_of_view().
    std::string note;       ///< Behind the value.
    std::string tooltip;
    bool chosen = false;  ///< Marked.
};
/// Bars from a common zero line with names and values, as wide as there is room. Returns the bar that was
/// clicked.
std::optional<std::size_t> draw_signed_bars(PanelContext& context, const char* id,
                                            std::span<const SignedBar> bars);

/// A vector as one row of coloured cells over the whole width, in the diverging colours from -max to max,
/// with its name and norm above; the channel under the pointer is told. `words`: what it is.
void draw_vector_strip(PanelContext& context, const char* id, const std::string& name,
                       std::span<const double> values, const std::string& words);

}  // namespace lact::app
