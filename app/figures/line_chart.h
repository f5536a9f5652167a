#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lact::app {

/// One line of a chart. Dashed lines have no markers.
struct ChartLine {
    std::string name;
    std::string colour;  ///< "#d62728"
    bool dashed = false;
    std::vector<std::pair<double, double>> points;  ///< Positive x and y.
};

/// Draws a chart with logarithmic axes and a legend as SVG. Empty without points.
[[nodiscard]] std::string log_log_chart(const std::string& title, const std::string& x_name,
                                        const std::string& y_name, const std::vector<ChartLine>& lines);

}  // namespace lact::app
