#pragma once

#include "app/window/canvas.h"

#include <span>

namespace lact::window {

/// Writes each visible cell's value over a heat map drawn with the same rectangle, part and style, in black
/// or white, whichever reads better. Does nothing while the cells are too small for text of the current font.
/// Value (row, column) at row * columns + column. True: the values are written.
bool draw_cell_values(ImDrawList& list, std::span<const float> values, int rows, int columns,
                      const Rect& rect, const HeatMapStyle& style, const Part& part = {});

}  // namespace lact::window
