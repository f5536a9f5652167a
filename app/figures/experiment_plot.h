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

/// The colour of a series, from 0, as in the figures. Most colour-blind people can tell the first seven
/// apart.
[[nodiscard]] const Ink& series_ink(std::size_t series);
/// The ticks without the words that several of them begin with: "0", "1", "all" for "layer 0", "layer 1",
/// "all". For axes without room for more.
[[nodiscard]] std::vector<std::string> brief_ticks(std::vector<std::string> ticks);

}  // namespace lact::app
