#pragma once

#include "engine/scene/colour_map.h"
#include "engine/scene/image.h"

#include <span>
#include <vector>

namespace lact::app {

/// Largest |value|, and 1 where all are zero: the limit that shows everything.
[[nodiscard]] double largest_magnitude(std::span<const double> values);

/// values (r, c) at r * columns + c as squares of `cell` pixels. Diverging: from -limit to limit; sequential:
/// from 0 to limit. NaN is magenta.
[[nodiscard]] Image8 heat_image(std::span<const double> values, int columns, int cell, ColourMap map,
                                double limit);

/// A photo (RGB) in dim grey under the colours of `rows` x `columns` numbers, one for each patch; numbers
/// near zero let the photo through, NaN is magenta. The photo's size must be a multiple of the grid's.
[[nodiscard]] Image8 heat_over_photo(const Image8& photo, std::span<const double> values, int rows,
                                     int columns, ColourMap map, double limit);

/// Draws a one-pixel frame around patch (column, row) of a grid.
void mark_patch(Image8& image, int column, int row, int rows, int columns);

/// Positive numbers as bars on a logarithmic scale of six decades below the largest of all series: one strip
/// for each series, under each other.
[[nodiscard]] Image8 log_bars(const std::vector<std::vector<double>>& series, int width, int strip_height);

}  // namespace lact::app
