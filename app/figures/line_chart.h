#pragma once

#include <string>
#include <utility>
#include <vector>

namespace lact::app {

/// One line of a chart; dashed lines have their markers left out.
struct ChartLine {
    std::string name;
    std::string colour;  ///< "#d62728"
    bool dashed = false;
    std::vector<std::pair<double, double>> points;  ///< Positive x and y.
};

/// A chart with logarithmic axes as an SVG file's text, with a legend; empty where there is no point.
[[nodiscard]] std::string log_log_chart(const std::string& title, const std::string& x_name,
                                        const std::string& y_name, const std::vector<ChartLine>& lines);

}  // namespace lact::app
