#include "app/figures/experiment_plot.h"

#include "app/figures/markup.h"
#include "app/figures/raster.h"
#include "app/figures/tick_labels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace lact::app {

namespace {

// Sizes of the figure in its own units, which are the pixels of an SVG.
constexpr double figure_width = 760;
constexpr double figure_height = 440;  ///< Without a legend of the ticks.
constexpr double plot_left = 76;
constexpr double plot_top = 46;
constexpr double plot_bottom = 376;
constexpr double right_with_legend = 560;
constexpr double right_alone = 736;
constexpr double legend_step = 18;
constexpr double line_step = 14;  ///< Between the lines of one name.
constexpr std::size_t legend_lines = 19;
constexpr double tick_legend_step = 16;
constexpr double tick_legend_width = figure_width - plot_left - 10;
constexpr std::size_t most_tooltips = 500;

constexpr Ink ink{34, 38, 44};
constexpr Ink grid_ink{226, 229, 233};
/// Colours of the series, which most colour-blind people can tell apart, then others.
constexpr std::array<Ink, 10> series_inks{{{0, 114, 178},
                                           {213, 94, 0},
                                           {0, 158, 115},
                                           {204, 121, 167},
                                           {230, 159, 0},
                                           {86, 180, 233},
                                           {110, 110, 110},
                                           {140, 86, 75},
                                           {148, 103, 189},
                                           {178, 178, 34}}};

enum class Anchor { start, middle, end };

/// What a figure is drawn with.
class FigurePainter {
  public:
    FigurePainter() = default;
    FigurePainter(const FigurePainter&) = delete;
    FigurePainter& operator=(const FigurePainter&) = delete;
    virtual ~FigurePainter() = default;
    virtual void line(const std::vector<std::array<double, 2>>& points, double width, const Ink& colour) = 0;
    virtual void disc(double x, double y, double radius, const Ink& colour, const std::string& tooltip) = 0;
    virtual void box(std::array<double, 2> corner, std::array<double, 2> opposite, const Ink& colour,
                     const std::string& tooltip) = 0;
    /// `y` is the base line.
    virtual void text(double x, double y, Anchor anchor, const std::string& words) = 0;
};

class SvgPainter final : public FigurePainter {
  public:
    explicit SvgPainter(double height) : height_(height) {}
    void line(const std::vector<std::array<double, 2>>& points, double width, const Ink& colour) override {
        std::string path;
        for (const auto& [x, y] : points) {
            path += fmt::format("{}{:.2f} {:.2f}", path.empty() ? "M" : "L", x, y);
        }
        body_ += fmt::format("<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\"/>\n", path,
                             name(colour), width);
    }
    void disc(double x, double y, double radius, const Ink& colour, const std::string& tooltip) override {
        body_ += fmt::format("<circle cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"{}\" fill=\"{}\" fill-opacity=\"0.8\"",
                             x, y, radius, name(colour));
        close("circle", tooltip);
    }
    void box(std::array<double, 2> corner, std::array<double, 2> opposite, const Ink& colour,
             const std::string& tooltip) override {
        body_ +=
            fmt::format("<rect x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" height=\"{:.2f}\" fill=\"{}\"",
                        corner[0], corner[1], opposite[0] - corner[0], opposite[1] - corner[1], name(colour));
        close("rect", tooltip);
    }
    void text(double x, double y, Anchor anchor, const std::string& words) override {
        constexpr std::array names{"start", "middle", "end"};
        body_ += fmt::format("<text x=\"{:.2f}\" y=\"{:.2f}\" text-anchor=\"{}\">{}</text>\n", x, y,
                             names.at(static_cast<std::size_t>(anchor)), escaped_markup(words));
    }
    [[nodiscard]] std::string figure() const {
        return fmt::format(
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" "
                   "font-family=\"sans-serif\" "
                   "font-size=\"12\" fill=\"{}\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
                   figure_width, height_, name(ink)) +
               body_ + "</svg>\n";
    }

  private:
    static std::string name(const Ink& colour) {
        return fmt::format("#{:02x}{:02x}{:02x}", colour[0], colour[1], colour[2]);
    }
    void close(const char* element, const std::string& tooltip) {
        body_ += tooltip.empty() ? std::string("/>\n")
                                 : fmt::format("><title>{}</title></{}>\n", escaped_markup(tooltip), element);
    }

    double height_;
    std::string body_;
};

class ImagePainter final : public FigurePainter {
  public:
    explicit ImagePainter(double height) {
        image_.width = static_cast<int>(figure_width) * scale;
        image_.height = static_cast<int>(height) * scale;
        image_.channels = 3;
        image_.pixels.assign(
            static_cast<std::size_t>(image_.width) * static_cast<std::size_t>(image_.height) * 3, 255);
    }
    void line(const std::vector<std::array<double, 2>>& points, double width, const Ink& colour) override {
        for (std::size_t i = 1; i < points.size(); ++i) {
            draw_segment(image_, scaled(points[i - 1]), scaled(points[i]), width * scale, colour);
        }
    }
    void disc(double x, double y, double radius, const Ink& colour, const std::string& /*tooltip*/) override {
        draw_segment(image_, scaled({x, y}), scaled({x, y}), 2 * radius * scale, colour, 0.8);
    }
    void box(std::array<double, 2> corner, std::array<double, 2> opposite, const Ink& colour,
             const std::string& /*tooltip*/) override {
        fill(image_, pixel(corner[0]), pixel(corner[1]), pixel(opposite[0]), pixel(opposite[1]), colour);
    }
    void text(double x, double y, Anchor anchor, const std::string& words) override {
        constexpr int above_base = 8;  // Height of the capital letters of the font.
        const int width = text_width(words, scale);
        const int shift = anchor == Anchor::start ? 0 : anchor == Anchor::middle ? width / 2 : width;
        draw_text(image_, pixel(x) - shift, pixel(y) - above_base * scale, words, ink, scale);
    }
    [[nodiscard]] Image8 figure() && { return std::move(image_); }

  private:
    static constexpr int scale = 2;  ///< Pixels for each unit.
    static int pixel(double value) { return static_cast<int>(std::lround(value * scale)); }
    static std::array<double, 2> scaled(std::array<double, 2> point) {
        return {point[0] * scale, point[1] * scale};
    }

    Image8 image_;
};

/// A range of values and where it lies in the figure.
struct PlotAxis {
    double low = std::numeric_limits<double>::infinity();
    double high = -std::numeric_limits<double>::infinity();
    double from = 0;  ///< Place of `low`; of `high`: `to`.
    double to = 1;
    bool logarithmic = false;

    [[nodiscard]] bool shows(double value) const {
        return std::isfinite(value) && (!logarithmic || value > 0);
    }
    void include(double value) {
        if (shows(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    [[nodiscard]] double linear(double value) const { return logarithmic ? std::log10(value) : value; }
    /// Adds a margin on both sides; a single value and an empty range get a width.
    void finish(double margin) {
        if (low > high) {
            low = logarithmic ? 1 : 0;
            high = logarithmic ? 10 : 1;
        }
        double a = linear(low);
        double b = linear(high);
        const double least = logarithmic ? 0.1 : std::max(std::abs(a), std::abs(b)) * 1e-9;
        if (b - a <= least) {
            const double half = logarithmic ? 0.5 : std::max(0.5 * std::abs(a), 0.5);
            a -= half;
            b += half;
        }
        const double extra = (b - a) * margin;
        low = logarithmic ? std::pow(10, a - extra) : a - extra;
        high = logarithmic ? std::pow(10, b + extra) : b + extra;
    }
    [[nodiscard]] double place(double value) const {
        return from + (linear(value) - linear(low)) / (linear(high) - linear(low)) * (to - from);
    }
};

/// Round values within a linear axis, about `count` of them.
std::vector<double> round_ticks(const PlotAxis& axis, int count) {
    const double raw = (axis.high - axis.low) / count;
    const double power = std::pow(10, std::floor(std::log10(raw)));
    double step = 10 * power;
    for (const double factor : {1.0, 2.0, 5.0}) {
        if (factor * power >= raw) {
            step = factor * power;
            break;
        }
    }
    std::vector<double> ticks;
    for (double i = std::ceil(axis.low / step); i * step <= axis.high; ++i) {
        ticks.push_back(i * step);
    }
    return ticks;
}

/// The values themselves where there are few, else powers of ten.
std::vector<double> logarithmic_ticks(const ExperimentPlot& plot, const PlotAxis& axis) {
    constexpr std::size_t few = 12;
    std::set<double> values;
    for (const ExperimentSeries& one : plot.series) {
        for (const double x : one.x) {
            if (axis.shows(x)) {
                values.insert(x);
            }
        }
    }
    if (values.size() <= few) {
        return {values.begin(), values.end()};
    }
    std::vector<double> powers;
    for (double i = std::ceil(std::log10(axis.low)); i <= std::log10(axis.high); ++i) {
        powers.push_back(std::pow(10, i));
    }
    return powers;
}

std::string with_shift(const std::string& label, const NumberLabels& ticks) {
    return ticks.shift.empty() ? label : fmt::format("{} {}", label, ticks.shift);
}

/// The text in at most `width` units.
std::string shortened(std::string words, double width) {
    if (text_width(words, 1) <= width) {
        return words;
    }
    while (!words.empty() && text_width(words + "...", 1) > width) {
        // A character of several bytes goes as a whole.
        do {
            words.pop_back();
        } while (!words.empty() && (static_cast<unsigned char>(words.back()) & 0xC0U) == 0x80U);
        if (!words.empty() && static_cast<unsigned char>(words.back()) >= 0xC0U) {
            words.pop_back();
        }
    }
    return words + "...";
}

/// The text in lines of at most `width` units; a longer word is shortened.
std::vector<std::string> wrapped(const std::string& words, double width) {
    std::vector<std::string> lines(1);
    for (std::size_t from = 0; from < words.size();) {
        const std::size_t space = std::min(words.find(' ', from), words.size());
        const std::string word = shortened(words.substr(from, space - from), width);
        const std::string longer = lines.back().empty() ? word : lines.back() + " " + word;
        if (text_width(longer, 1) <= width) {
            lines.back() = longer;
        } else {
            lines.push_back(word);
        }
        from = space + 1;
    }
    return lines;
}

/// The right end of the plot: its legend is beside it.
double right_of(const ExperimentPlot& plot) {
    const bool legend = std::ranges::any_of(plot.series, [](const auto& one) { return !one.name.empty(); });
    return legend ? right_with_legend : right_alone;
}

TickLabels labels_of_bars(const ExperimentPlot& plot) {
    if (plot.kind != PlotKind::bars || plot.ticks.empty()) {
        return {};
    }
    const double room = (right_of(plot) - plot_left) / static_cast<double>(plot.ticks.size());
    return tick_labels(plot.ticks, room, [](const std::string& text) { return text_width(text, 1) + 4; });
}

/// Two columns where all lines have room in them.
std::size_t tick_legend_columns(const TickLabels& ticks) {
    const auto fits = [](const std::string& line) {
        return text_width(line, 1) <= tick_legend_width / 2 - 8;
    };
    return std::ranges::all_of(ticks.legend, fits) ? 2 : 1;
}

double height_with(const TickLabels& ticks) {
    const std::size_t columns = tick_legend_columns(ticks);
    return figure_height +
           tick_legend_step * static_cast<double>((ticks.legend.size() + columns - 1) / columns);
}

class FigureOfPlot {
  public:
    FigureOfPlot(const ExperimentPlot& plot, const TickLabels& ticks, FigurePainter& painter)
        : plot_(plot), ticks_(ticks), painter_(painter), right_(right_of(plot)) {
        x_ = {.from = plot_left,
              .to = right_,
              .logarithmic = plot.x_logarithmic && plot.kind != PlotKind::bars};
        y_ = {.from = plot_bottom, .to = plot_top};
        std::size_t points = 0;
        for (const ExperimentSeries& one : plot.series) {
            points += one.x.size();
            for (std::size_t i = 0; i < count(one); ++i) {
                if (x_.shows(one.x[i]) && y_.shows(one.y[i])) {
                    x_.include(one.x[i]);
                    y_.include(one.y[i]);
                }
            }
        }
        tooltips_ = points <= most_tooltips;
        fit_axes();
    }

    void draw() {
        painter_.text(plot_left, 20, Anchor::start, shortened(plot_.title, figure_width - plot_left - 10));
        draw_y_ticks();
        draw_x_ticks();
        for (std::size_t i = 0; i < plot_.series.size(); ++i) {
            draw_series(i);
        }
        if (right_ == right_with_legend) {
            draw_legend();
        }
        draw_tick_legend();
    }

  private:
    static std::size_t count(const ExperimentSeries& one) { return std::min(one.x.size(), one.y.size()); }
    static const Ink& colour(std::size_t series) { return series_ink(series); }

    void fit_axes() {
        if (plot_.kind == PlotKind::bars) {
            x_.include(-0.5);
            x_.include(static_cast<double>(std::max<std::size_t>(plot_.ticks.size(), 1)) - 0.5);
            x_.finish(0);
            y_.include(0);  // Lengths of bars are compared.
        } else {
            x_.finish(0.04);
        }
        y_.finish(0.06);
    }

    void draw_y_ticks() {
        const auto ticks = round_ticks(y_, 6);
        const NumberLabels shown = labels_of_round_numbers(ticks);
        painter_.text(plot_left, plot_top - 8, Anchor::start, with_shift(plot_.y_label, shown));
        for (std::size_t i = 0; i < ticks.size(); ++i) {
            const double y = y_.place(ticks[i]);
            painter_.line({{plot_left, y}, {right_, y}}, 1, grid_ink);
            painter_.text(plot_left - 8, y + 4, Anchor::end, shown.texts[i]);
        }
        painter_.line({{plot_left, plot_top}, {plot_left, plot_bottom}, {right_, plot_bottom}}, 1, ink);
    }

    void draw_x_label(const std::string& label) {
        painter_.text((plot_left + right_) / 2, figure_height - 14, Anchor::middle, label);
    }

    void draw_x_ticks() {
        if (plot_.kind == PlotKind::bars) {
            draw_x_label(plot_.x_label);
            for (std::size_t i = 0; i < ticks_.texts.size(); ++i) {
                painter_.text(x_.place(static_cast<double>(i)), plot_bottom + 16, Anchor::middle,
                              ticks_.texts[i]);
            }
            return;
        }
        const auto ticks = x_.logarithmic ? logarithmic_ticks(plot_, x_) : round_ticks(x_, 8);
        const NumberLabels shown =
            x_.logarithmic ? NumberLabels{labels_of_numbers(ticks), {}} : labels_of_round_numbers(ticks);
        draw_x_label(with_shift(plot_.x_label, shown));
        for (std::size_t i = 0; i < ticks.size(); ++i) {
            const double x = x_.place(ticks[i]);
            painter_.line({{x, plot_top}, {x, plot_bottom}}, 1, grid_ink);
            painter_.text(x, plot_bottom + 16, Anchor::middle, shown.texts[i]);
        }
    }

    void draw_series(std::size_t index) {
        const ExperimentSeries& one = plot_.series[index];
        std::vector<std::array<double, 2>> run;  // of a line, without a gap
        const auto end_run = [&] {
            if (plot_.kind == PlotKind::lines && run.size() > 1) {
                painter_.line(run, 2, colour(index));
            }
            run.clear();
        };
        for (std::size_t i = 0; i < count(one); ++i) {
            if (!x_.shows(one.x[i]) || !y_.shows(one.y[i])) {
                end_run();
                continue;
            }
            const std::string tooltip = tooltips_ ? value_text(one, i) : std::string();
            if (plot_.kind == PlotKind::bars) {
                draw_bar(index, one.x[i], one.y[i], tooltip);
                continue;
            }
            run.push_back({x_.place(one.x[i]), y_.place(one.y[i])});
            draw_mark(index, run.back(), plot_.kind == PlotKind::lines ? 3 : 2.2, tooltip);
        }
        end_run();
    }

    void draw_mark(std::size_t series, std::array<double, 2> at, double radius, const std::string& tooltip) {
        const auto box = [&](double half_width, double half_height) {
            painter_.box({at[0] - half_width, at[1] - half_height}, {at[0] + half_width, at[1] + half_height},
                         colour(series), tooltip);
        };
        switch (plot_.kind == PlotKind::bars ? SeriesMark::disc : series_mark(series)) {
            case SeriesMark::disc:
                painter_.disc(at[0], at[1], radius, colour(series), tooltip);
                break;
            case SeriesMark::square:
                box(radius, radius);
                break;
            case SeriesMark::plus:
                box(radius + 1, 1);
                box(1, radius + 1);
                break;
        }
    }

    void draw_bar(std::size_t series, double x, double y, const std::string& tooltip) {
        constexpr double group = 0.8;  // of the distance of two ticks
        const double width = group / static_cast<double>(plot_.series.size());
        const double left = x - group / 2 + width * static_cast<double>(series);
        const double base = y_.place(std::clamp(0.0, y_.low, y_.high));
        const double end = y_.place(y);
        painter_.box({x_.place(left), std::min(base, end)},
                     {x_.place(left + width * 0.92), std::max(base, end)}, colour(series), tooltip);
    }

    [[nodiscard]] std::string value_text(const ExperimentSeries& one, std::size_t i) const {
        const bool named = plot_.kind == PlotKind::bars && one.x[i] >= 0 &&
                           one.x[i] < static_cast<double>(plot_.ticks.size());
        const std::string x =
            named ? plot_.ticks[static_cast<std::size_t>(one.x[i])] : labels_of_numbers({one.x[i]}).front();
        return fmt::format("{}{}{}: {:.6g}", one.name, one.name.empty() ? "" : ", ", x, one.y[i]);
    }

    void draw_legend() {
        double y = plot_top + 8;
        std::size_t used = 0;
        for (std::size_t i = 0; i < plot_.series.size(); ++i) {
            const auto lines = wrapped(plot_.series[i].name, figure_width - right_with_legend - 40);
            const std::size_t reserved = i + 1 < plot_.series.size() ? 1 : 0;
            if (used + lines.size() + reserved > legend_lines) {
                painter_.text(right_with_legend + 32, y, Anchor::start,
                              fmt::format("and {} more", plot_.series.size() - i));
                return;
            }
            used += lines.size();
            draw_mark(i, {right_with_legend + 20, y - 4}, 4, {});
            for (const std::string& line : lines) {
                painter_.text(right_with_legend + 32, y, Anchor::start, line);
                y += &line == &lines.back() ? legend_step : line_step;
            }
        }
    }

    /// Below the axis: what the labels of the ticks stand for.
    void draw_tick_legend() {
        const std::size_t columns = tick_legend_columns(ticks_);
        const std::size_t rows = (ticks_.legend.size() + columns - 1) / columns;
        for (std::size_t i = 0; i < ticks_.legend.size(); ++i) {
            const double x =
                plot_left + tick_legend_width / static_cast<double>(columns) * static_cast<double>(i / rows);
            painter_.text(x, figure_height + tick_legend_step * static_cast<double>(i % rows), Anchor::start,
                          shortened(ticks_.legend[i], tick_legend_width));
        }
    }

    const ExperimentPlot& plot_;
    const TickLabels& ticks_;
    FigurePainter& painter_;
    double right_;
    PlotAxis x_;
    PlotAxis y_;
    bool tooltips_ = true;
};

}  // namespace

const Ink& series_ink(std::size_t series) {
    // The first is often what the others are compared with.
    return series_inks.at(series == 0 ? 0 : 1 + (series - 1) % (series_inks.size() - 1));
}

SeriesMark series_mark(std::size_t series) {
    constexpr std::array marks{SeriesMark::disc, SeriesMark::square, SeriesMark::plus};
    return marks.at(series == 0 ? 0 : (series - 1) / (series_inks.size() - 1) % marks.size());
}

std::string plot_svg(const ExperimentPlot& plot) {
    const TickLabels ticks = labels_of_bars(plot);
    SvgPainter painter(height_with(ticks));
    FigureOfPlot(plot, ticks, painter).draw();
    return painter.figure();
}

Image8 plot_image(const ExperimentPlot& plot) {
    const TickLabels ticks = labels_of_bars(plot);
    ImagePainter painter(height_with(ticks));
    FigureOfPlot(plot, ticks, painter).draw();
    return std::move(painter).figure();
}

}  // namespace lact::app
