// The files of an experiment's report.
#include "app/figures/experiment_files.h"

#include "app/figures/experiment_plot.h"
#include "app/video/provenance.h"
#include "engine/core/files.h"
#include "engine/scene/image.h"
#include "tests/support/temporary_folder.h"

#include <cmath>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double no_value = std::numeric_limits<double>::quiet_NaN();

/// Why a text is not well-formed XML of elements with attributes; empty where it is.
std::string fault_of_xml(const std::string& text) {
    std::vector<std::string> open;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t begin = text.find('<', at);
        const std::string between =
            text.substr(at, begin == std::string::npos ? std::string::npos : begin - at);
        for (std::size_t i = between.find('&'); i != std::string::npos; i = between.find('&', i + 1)) {
            const std::string rest = between.substr(i);
            if (!rest.starts_with("&amp;") && !rest.starts_with("&lt;") && !rest.starts_with("&gt;")) {
                return "bare & in: " + between;
            }
        }
        if (begin == std::string::npos) {
            break;
        }
        const std::size_t end = text.find('>', begin);
        if (end == std::string::npos) {
            return "a tag does not end";
        }
        const std::string tag = text.substr(begin + 1, end - begin - 1);
        at = end + 1;
        if (std::ranges::count(tag, '"') % 2 != 0) {
            return "quotation marks in <" + tag;
        }
        if (tag.starts_with('/')) {
            if (open.empty() || open.back() != tag.substr(1)) {
                return "</" + tag.substr(1) + "> closes nothing";
            }
            open.pop_back();
        } else if (!tag.ends_with('/')) {
            open.push_back(tag.substr(0, tag.find(' ')));
        }
    }
    return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

/// The values of an attribute of all elements of one name that have a tooltip.
std::vector<double> attribute(const std::string& svg, const std::string& element, const std::string& name) {
    std::vector<double> values;
    for (std::size_t at = svg.find("<" + element + " "); at != std::string::npos;
         at = svg.find("<" + element + " ", at + 1)) {
        const std::string tag = svg.substr(at, svg.find('>', at) - at);
        const std::size_t found = tag.find(" " + name + "=\"");
        if (!tag.ends_with('/') && found != std::string::npos) {
            values.push_back(std::stod(tag.substr(found + name.size() + 3)));
        }
    }
    return values;
}

ExperimentPlot bars() {
    return {.name = "psnr",
            .title = "PSNR",
            .kind = PlotKind::bars,
            .x_label = "ablated",
            .y_label = "PSNR (dB)",
            .ticks = {"layer 0", "layer 1", "all"},
            .series = {{"no update", {0, 1, 2}, {20, 10, 5}}, {"phi <fixed> & S", {0, 1}, {15, no_value}}}};
}

ExperimentPlot curve() {
    return {.name = "loss",
            .title = "Loss",
            .kind = PlotKind::lines,
            .x_label = "inner steps",
            .y_label = "loss",
            .x_logarithmic = true,
            .series = {{"loss", {1, 2, 4, 8, 16}, {-1.5, -2.25, -3, no_value, -4.125}}}};
}

TEST(ExperimentPlotFigure, IsWellFormedAndHasItsValues) {
    const std::string svg = plot_svg(bars());
    EXPECT_EQ(fault_of_xml(svg), "");
    EXPECT_NE(svg.find("no update, layer 1: 10<"), std::string::npos) << svg;
    EXPECT_NE(svg.find("phi &lt;fixed&gt; &amp; S, layer 0: 15<"), std::string::npos) << svg;
    EXPECT_EQ(attribute(svg, "rect", "height").size(), 4U);  // NaN has no bar
    const std::string lines = plot_svg(curve());
    EXPECT_EQ(fault_of_xml(lines), "");
    EXPECT_NE(lines.find("loss, 16: -4.125<"), std::string::npos) << lines;
    EXPECT_NE(lines.find(">inner steps<"), std::string::npos);
    // The checker itself finds what is wrong.
    EXPECT_NE(fault_of_xml("<svg><text>a & b</text></svg>"), "");
    EXPECT_NE(fault_of_xml("<svg><text>a</svg>"), "");
    EXPECT_NE(fault_of_xml("<svg a=\"1>x</svg>"), "");
}

TEST(ExperimentPlotFigure, BarsAreAsLongAsTheirValues) {
    const auto heights = attribute(plot_svg(bars()), "rect", "height");
    ASSERT_EQ(heights.size(), 4U);
    EXPECT_NEAR(heights[0] / heights[1], 2, 1e-3);
    EXPECT_NEAR(heights[0] / heights[2], 4, 1e-3);
    EXPECT_NEAR(heights[0] / heights[3], 20.0 / 15.0, 1e-3);
    // A negative bar hangs from the same base line.
    ExperimentPlot both = bars();
    both.series = {{"value", {0, 1}, {2, -1}}};
    const std::string svg = plot_svg(both);
    const auto tops = attribute(svg, "rect", "y");
    const auto lengths = attribute(svg, "rect", "height");
    ASSERT_EQ(tops.size(), 2U);
    EXPECT_NEAR(tops[0] + lengths[0], tops[1], 0.02);
    EXPECT_NEAR(lengths[0] / lengths[1], 2, 1e-3);
}

TEST(ExperimentPlotFigure, ALogarithmicAxisHasEqualRatiosAtEqualDistances) {
    const auto xs = attribute(plot_svg(curve()), "circle", "cx");
    ASSERT_EQ(xs.size(), 4U);  // 1, 2, 4, 16
    EXPECT_NEAR(xs[1] - xs[0], xs[2] - xs[1], 0.02);
    EXPECT_NEAR(xs[3] - xs[2], 2 * (xs[1] - xs[0]), 0.02);
    const auto ys = attribute(plot_svg(curve()), "circle", "cy");
    EXPECT_NEAR((ys[1] - ys[0]) / (ys[2] - ys[0]), 0.5, 1e-3);  // -1.5, -2.25, -3, downwards
    EXPECT_GT(ys[1], ys[0]);
    ExperimentPlot linear = curve();
    linear.x_logarithmic = false;
    const auto straight = attribute(plot_svg(linear), "circle", "cx");
    EXPECT_NEAR(straight[3] - straight[0], 15 * (straight[1] - straight[0]), 0.2);
}

TEST(ExperimentPlotFigure, TheImageShowsEverySeriesInItsColour) {
    ExperimentPlot plot = bars();
    plot.series[1].y[1] = 7;
    const Image8 image = plot_image(plot);
    ASSERT_EQ(image.channels, 3);
    ASSERT_EQ(image.pixels.size(),
              static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
    std::vector<std::size_t> pixels(3, 0);
    for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
        for (std::size_t series = 0; series < pixels.size(); ++series) {
            const Ink& ink = series_ink(series);
            pixels[series] +=
                std::equal(ink.begin(), ink.end(), image.pixels.begin() + static_cast<long>(i)) ? 1 : 0;
        }
    }
    // The areas are those of the bars: 35 and 22 units high.
    EXPECT_NEAR(static_cast<double>(pixels[0]) / static_cast<double>(pixels[1]), 35.0 / 22.0, 0.05);
    EXPECT_EQ(pixels[2], 0U);
}

TEST(ExperimentPlotFigure, NothingAndOneValueAreFigures) {
    for (const PlotKind kind : {PlotKind::lines, PlotKind::points, PlotKind::bars}) {
        ExperimentPlot plot{.name = "p", .title = "t", .kind = kind, .x_label = "x", .y_label = "y"};
        EXPECT_EQ(fault_of_xml(plot_svg(plot)), "");
        plot.series = {{"", {3}, {5}}, {"bad", {0, no_value, infinity}, {no_value, 1, 1}}};
        for (const bool logarithmic : {false, true}) {
            plot.x_logarithmic = logarithmic;
            const std::string svg = plot_svg(plot);
            EXPECT_EQ(fault_of_xml(svg), "");
            EXPECT_EQ(svg.find("nan"), std::string::npos) << svg;
            EXPECT_EQ(svg.find("inf"), std::string::npos) << svg;
            EXPECT_GT(plot_image(plot).width, 0);
        }
    }
}

ExperimentReport report() {
    ExperimentReport made;
    made.id = "memory";
    made.title = "Memory test";
    made.claim = "More steps";
    made.finding = "It \"holds\".";
    made.condition = "Always.";
    made.agreement = Agreement::disagrees;
    made.settings = {{"scene", "bouquet"}, {"rule", "mse, steps=2"}, {"a", "z"}};
    made.tables = {{"cases", {"case", "PSNR, dB"}, {{"a, \"b\"", 20.125}, {"c", no_value}, {"d", infinity}}}};
    made.plots = {bars(), curve()};
    made.plots[0].kind = PlotKind::points;
    made.plots[0].series[0].tokens = {{3, 1, 2}, {-1, 0, 0}, {4, 5, 6}};
    made.images = {{"no update/layer 1", "no update, layer 1", {2, 1, {0, 0, 0, 1, 0.5F, 0}}}};
    made.finished = true;
    made.fraction = 1;
    return made;
}

TEST(ExperimentFiles, AVerdictSaysWhatItJudges) {
    ExperimentReport made = report();
    EXPECT_EQ(sentence_of(made), "Disagrees with the paper.");
    EXPECT_EQ(condition_of(made), "Agrees if: Always.");
    made.judges = "figure 1";
    made.not_judged = "the order of the rules";
    EXPECT_EQ(sentence_of(made), "Disagrees with the paper on figure 1. Not judged: the order of the rules.");
    made.own_statement = "The symmetry";
    EXPECT_EQ(sentence_of(made), "The symmetry does not hold.");
    EXPECT_EQ(condition_of(made), "Holds if: Always.");
    made.agreement = Agreement::open;
    EXPECT_EQ(sentence_of(made), "Not decided.");
    made.condition.clear();
    EXPECT_EQ(condition_of(made), "");
}

TEST(ExperimentFiles, TablesAreCsvWithAllDigits) {
    EXPECT_EQ(to_csv(report().tables[0]), "case,\"PSNR, dB\"\n\"a, \"\"b\"\"\",20.125\nc,\nd,inf\n");
    const ExperimentTable third{"t", {"x"}, {{1.0 / 3.0}}};
    EXPECT_EQ(std::stod(to_csv(third).substr(2)), 1.0 / 3.0);
}

TEST(ExperimentFiles, JsonHasEverythingButPixels) {
    const auto json = nlohmann::json::parse(to_json(report(), "program 1").dump());
    EXPECT_EQ(json.at("experiment"), "memory");
    EXPECT_EQ(json.at("program"), "program 1");
    EXPECT_EQ(json.at("agreement"), "disagrees");
    EXPECT_EQ(json.at("settings").at("rule"), "mse, steps=2");
    EXPECT_EQ(json.at("tables")[0].at("rows")[0][1], 20.125);
    EXPECT_TRUE(json.at("tables")[0].at("rows")[1][1].is_null());
    EXPECT_EQ(json.at("tables")[0].at("rows")[2][1], "inf");
    EXPECT_EQ(json.at("plots")[0].at("series")[0].at("tokens")[1], nlohmann::json({-1, 0, 0}));
    EXPECT_EQ(json.at("plots")[1].at("x_logarithmic"), true);
    EXPECT_EQ(json.at("images")[0].at("width"), 2);
    // Settings stay in their order.
    const std::string text = to_json(report(), "").dump();
    EXPECT_LT(text.find("\"rule\""), text.find("\"a\""));
}

TEST(ExperimentFiles, AreWrittenToAFolderAndAgain) {
    const TemporaryFolder folder;
    const auto inside = folder.path() / "a" / "b";
    for (const bool again : {false, true}) {
        const auto files = write_experiment(report(), "program 1", inside);
        ASSERT_TRUE(files.has_value()) << files.error().message();
        std::set<std::string> names;
        for (const auto& file : *files) {
            names.insert(file.filename().string());
            EXPECT_GT(std::filesystem::file_size(file), 0U) << file;
        }
        EXPECT_EQ(names,
                  (std::set<std::string>{"report.json", "cases.csv", "plot-psnr.svg", "plot-psnr.png",
                                         "plot-loss.svg", "plot-loss.png", "image-no-update-layer-1.png"}))
            << again;
        EXPECT_EQ(lact::test::TemporaryFolder::names_in(inside), names) << again;
    }
    const auto image = load_image(inside / "image-no-update-layer-1.png");
    ASSERT_TRUE(image.has_value());
    EXPECT_EQ(image->pixels, (std::vector<std::uint8_t>{0, 0, 0, 255, 128, 0}));
    const auto about = read_provenance(inside / "plot-loss.png");
    ASSERT_TRUE(about.has_value());
    EXPECT_NE(about->at("provenance").find("mse, steps=2"), std::string::npos);
    const auto file = folder.file("file", "x");
    EXPECT_FALSE(write_experiment(report(), "program 1", file).has_value());
}

TEST(ExperimentFiles, OfAnEarlierReportAreRemovedAndThoseOfTheUserStay) {
    const TemporaryFolder folder;
    const auto inside = folder.path() / "report";
    ASSERT_TRUE(write_experiment(report(), "program 1", inside).has_value());
    for (const char* own : {"image-mine.png", "plot-mine.svg", "mine.csv"}) {
        ASSERT_TRUE(write_file_atomically(inside / own, "of the user").has_value());
    }
    ExperimentReport other = report();
    other.tables.front().name = "layers";
    other.plots.pop_back();
    other.images.clear();
    ASSERT_TRUE(write_experiment(other, "program 1", inside).has_value());
    EXPECT_EQ(lact::test::TemporaryFolder::names_in(inside),
              (std::set<std::string>{"report.json", "layers.csv", "plot-psnr.svg", "plot-psnr.png",
                                     "image-mine.png", "plot-mine.svg", "mine.csv"}));
    // A report.json that no experiment wrote names nothing to remove.
    for (const char* text : {"{\"images\": [{\"name\": \"mine\"}]}", "[1]", "no JSON",
                             "{\"experiment\": \"x\", \"images\": [3, {\"name\": 4}], \"plots\": 5}"}) {
        ASSERT_TRUE(write_file_atomically(inside / "report.json", text).has_value());
        ASSERT_TRUE(write_experiment(other, "program 1", inside).has_value());
        EXPECT_TRUE(std::filesystem::exists(inside / "image-mine.png")) << text;
    }
}

}  // namespace

}  // namespace lact::app
