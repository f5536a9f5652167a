#pragma once

#include "app/figures/raster.h"
#include "engine/experiment/report.h"
#include "engine/scene/image.h"

#include <cstddef>
#include <string>
#include <vector>

namespace lact::app {

// A plot of a report as a figure on white: lines, points or bars with axes, ticks and a legend. Values that
// are not finite, and values of x that a logarithmic axis cannot show, are left out.

/// As SVG. Points and bars carry their values as tooltips where there are at most some hundred.
[[nodiscard]] std::string plot_svg(const ExperimentPlot& plot);
/// The same figure as an RGB image.
[[nodiscard]] Image8 plot_image(const ExperimentPlot& plot);

/// The colour of a series, from 0, as in the figures. The first has one of its own; the others share nine.
/// Most colour-blind people can tell the first seven apart.
[[nodiscard]] const Ink& series_ink(std::size_t series);
/// The shape of the points of a series: another one each time the colours begin again.
enum class SeriesMark { disc, square, plus };
[[nodiscard]] SeriesMark series_mark(std::size_t series);

}  // namespace lact::app
