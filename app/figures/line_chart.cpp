#include "app/figures/line_chart.h"

#include "app/figures/markup.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr double width = 760;
constexpr double height = 420;
constexpr double left = 70;
constexpr double right = 590;  // the legend is to the right
constexpr double top = 40;
constexpr double bottom = 370;

/// Logarithms of the smallest and largest value.
struct Range {
    double low = 1e300;
    double high = -1e300;
    void include(double value) {
        low = std::min(low, std::log10(value));
        high = std::max(high, std::log10(value));
    }
    [[nodiscard]] double share(double value) const {
        return (std::log10(value) - low) / std::max(high - low, 1e-9);
    }
};

std::string text(double x, double y, const char* anchor, const std::string& words) {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                       escaped_markup(words));
}

std::string short_number(double value) {
    for (const auto& [unit, name] : {std::pair{1e6, "M"}, std::pair{1e3, "k"}}) {
        if (value >= unit) {
            return fmt::format("{:g}{}", value / unit, name);
        }
    }
    return fmt::format("{:g}", value);
}

double x_of(const Range& range, double value) {
    return left + range.share(value) * (right - left);
}

double y_of(const Range& range, double value) {
    return bottom - range.share(value) * (bottom - top);
}

/// Ticks at 1, 2 and 5 times powers of ten within the range.
std::string y_axis(const Range& range) {
    std::string svg;
    const int highest = static_cast<int>(std::floor(range.high));
    for (int power = static_cast<int>(std::floor(range.low)); power <= highest; ++power) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            const double value = factor * std::pow(10.0, power);
            if (std::log10(value) >= range.low && std::log10(value) <= range.high) {
                svg += fmt::format("<path d=\"M{} {:.1f}H{}\" stroke=\"#ddd\"/>\n", left, y_of(range, value),
                                   right);
                svg += text(left - 8, y_of(range, value) + 4, "end", short_number(value));
            }
        }
    }
    return svg;
}

std::string line(const ChartLine& one, const Range& xs, const Range& ys, double legend_y) {
    const std::string stroke = fmt::format("stroke=\"{}\" stroke-width=\"2\" fill=\"none\"{}", one.colour,
                                           one.dashed ? " stroke-dasharray=\"6 4\"" : "");
    std::string path;
    std::string markers;
    for (const auto& [x, y] : one.points) {
        path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x_of(xs, x), y_of(ys, y));
        if (!one.dashed) {
            markers += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x_of(xs, x),
                                   y_of(ys, y), one.colour);
        }
    }
    return fmt::format("<path d=\"{}\" {}/>\n", path, stroke) + markers +
           fmt::format("<path d=\"M{} {}h24\" {}/>\n", right + 12, legend_y - 4, stroke) +
           text(right + 42, legend_y, "start", one.name);
}

}  // namespace

std::string log_log_chart(const std::string& title, const std::string& x_name, const std::string& y_name,
                          const std::vector<ChartLine>& lines) {
    Range xs;
    Range ys;
    std::vector<double> ticks;
    for (const ChartLine& one : lines) {
        for (const auto& [x, y] : one.points) {
            xs.include(x);
            ys.include(y);
            ticks.push_back(x);
        }
    }
    if (ticks.empty()) {
        return {};
    }
    std::ranges::sort(ticks);
    ticks.erase(std::unique(ticks.begin(), ticks.end()), ticks.end());
    std::string svg = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"sans-serif\" "
        "font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        width, height);
    svg += text(left, 22, "start", title) + text((left + right) / 2, height - 12, "middle", x_name) +
           text(left, top - 6, "end", y_name) + y_axis(ys);
    for (const double x : ticks) {
        svg += fmt::format("<path d=\"M{:.1f} {}V{}\" stroke=\"#eee\"/>\n", x_of(xs, x), top, bottom);
        svg += text(x_of(xs, x), bottom + 18, "middle", fmt::format("{:g}K", x / 1024));
    }
    double legend_y = top + 10;
    for (const ChartLine& one : lines) {
        svg += line(one, xs, ys, legend_y);
        legend_y += 20;
    }
    return svg + "</svg>\n";
}

}  // namespace lact::app
