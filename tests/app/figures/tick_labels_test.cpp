// Labels of ticks that have too little room for their names.
#include "app/figures/tick_labels.h"

#include "app/figures/experiment_plot.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using TickTexts = std::vector<std::string>;

/// One unit for each character, and one to the neighbour.
double width_in_characters(const std::string& text) {
    return static_cast<double>(text.size()) + 1;
}

TickTexts tick_texts(const TickTexts& names, double room) {
    return tick_labels(names, room, width_in_characters).texts;
}

TickTexts layer_names(int count) {
    TickTexts names;
    for (int i = 0; i < count; ++i) {
        names.push_back("layer " + std::to_string(i));
    }
    return names;
}

/// As the experiment on what does not reduce has them.
const TickTexts long_case_names{"Variant 6: linear attention",
                                "Variant 4: with Muon",
                                "Variant 2: with phi, fixed",
                                "Variant 2, four inner steps",
                                "Baseline",
                                "Baseline with the MSE loss"};

TEST(TickLabels, AreTheNamesWhereAllFit) {
    EXPECT_EQ(tick_texts({"softmax", "delta rule"}, 11), (TickTexts{"softmax", "delta rule"}));
    EXPECT_TRUE(tick_labels({"softmax", "delta rule"}, 11, width_in_characters).legend.empty());
    EXPECT_TRUE(tick_texts({}, 5).empty());
}

TEST(TickLabels, LeaveOutWordsThatAllBeginWith) {
    EXPECT_EQ(tick_texts({"delta rule, one", "delta rule, two"}, 5), (TickTexts{"one", "two"}));
    EXPECT_EQ(tick_texts({"Variant 1", "Variant 3"}, 5), (TickTexts{"1", "3"}));
    // "Baseline" does not begin with it: "1" beside it would be the number of anything.
    EXPECT_EQ(tick_texts({"Variant 1", "Variant 3", "Baseline"}, 5), (TickTexts{"V1", "V3", "B"}));
    EXPECT_EQ(tick_texts({"delta rule", "delta", "x"}, 3), (TickTexts{"dr", "d", "x"}));
}

TEST(TickLabels, OfCountedTicksAreTheirOwnNumbers) {
    EXPECT_EQ(tick_texts({"layer 0", "layer 1", "all"}, 4), (TickTexts{"0", "1", "all"}));
    EXPECT_EQ(tick_texts(layer_names(12), 3).at(11), "11");
    // Too narrow for two digits: not every number, but no other number either.
    EXPECT_EQ(tick_texts(layer_names(12), 2.5),
              (TickTexts{"0", "", "2", "", "4", "", "6", "", "8", "", "10", ""}));
    EXPECT_EQ(tick_texts(layer_names(12), 1),
              (TickTexts{"0", "", "", "", "", "5", "", "", "", "", "10", ""}));
    TickTexts and_all = layer_names(12);
    and_all.emplace_back("all");
    EXPECT_EQ(tick_texts(and_all, 2.5),
              (TickTexts{"0", "", "2", "", "4", "", "6", "", "8", "", "10", "", "all"}));
    EXPECT_EQ(tick_texts(and_all, 1.6),
              (TickTexts{"0", "", "2", "", "4", "", "6", "", "8", "", "", "", "all"}));
    // Variants are not counted by their places.
    EXPECT_EQ(tick_texts({"Variant 0", "Variant 6"}, 2), (TickTexts{"0", "6"}));
}

TEST(TickLabels, AreInitialsAndNumbersWithALegend) {
    const TickLabels short_forms =
        tick_labels({"Baseline", "Variant 1", "Variant 6: linear"}, 4, width_in_characters);
    EXPECT_EQ(short_forms.texts, (TickTexts{"B", "V1", "V6"}));
    EXPECT_EQ(short_forms.legend, (TickTexts{"B Baseline", "V1 Variant 1", "V6 Variant 6: linear"}));
    EXPECT_EQ(tick_texts({"baseline", "query-is-key", "variant1"}, 4), (TickTexts{"b", "qik", "v1"}));
    EXPECT_EQ(tick_texts({"φ fixed", "no update"}, 4), (TickTexts{"φf", "nu"}));
}

TEST(TickLabels, AreLettersWithALegendWhereShortFormsAreTheSame) {
    const TickLabels letters = tick_labels(long_case_names, 5, width_in_characters);
    EXPECT_EQ(letters.texts, (TickTexts{"a", "b", "c", "d", "e", "f"}));
    ASSERT_EQ(letters.legend.size(), long_case_names.size());
    EXPECT_EQ(letters.legend.front(), "a Variant 6: linear attention");
    EXPECT_EQ(letters.legend.back(), "f Baseline with the MSE loss");
    TickTexts many;
    for (int i = 0; i < 60; ++i) {
        many.push_back(std::string("case ") + (i % 2 == 0 ? "even, " : "odd, ") + std::string(40, 'x') +
                       std::to_string(i));
    }
    const TickTexts sixty = tick_texts(many, 4);
    EXPECT_EQ(sixty.at(25), "z");
    EXPECT_EQ(sixty.at(26), "aa");
    EXPECT_EQ(std::set<std::string>(sixty.begin(), sixty.end()).size(), 60U);
}

TEST(TickLabels, AllOrNone) {
    const TickLabels none = tick_labels(long_case_names, 1, width_in_characters);
    EXPECT_EQ(none.texts, TickTexts(long_case_names.size()));
    EXPECT_TRUE(none.legend.empty());
    // One name that is too long shortens all.
    EXPECT_EQ(tick_texts({"one", "two", "one hundred"}, 4), (TickTexts{"o", "t", "oh"}));
}

TEST(TickLabels, NoTwoAreTheSameAndNoneIsTheNumberOfAnother) {
    for (const TickTexts& names :
         {long_case_names, layer_names(7), layer_names(30), TickTexts{"Variant 1", "Variant 2", "Variant 6"},
          TickTexts{"Baseline", "Variant 1", "Variant 1, gradient ascent",
                    "Variant 1, query replaced by key"}}) {
        for (double room = 1; room < 40; room += 0.5) {
            const TickTexts made = tick_texts(names, room);
            ASSERT_EQ(made.size(), names.size());
            std::set<std::string> seen;
            for (std::size_t i = 0; i < made.size(); ++i) {
                EXPECT_TRUE(made[i].empty() || seen.insert(made[i]).second) << made[i] << " at " << room;
                const bool number = !made[i].empty() &&
                                    std::ranges::all_of(made[i], [](char c) { return c >= '0' && c <= '9'; });
                EXPECT_TRUE(!number || names[i].ends_with(" " + made[i])) << names[i] << ": " << made[i];
            }
        }
    }
}

/// The texts below the axis of a figure.
TickTexts texts_below_axis(const std::string& svg) {
    const std::string begin = R"(y="392.00" text-anchor="middle">)";
    TickTexts found;
    for (std::size_t at = svg.find(begin); at != std::string::npos; at = svg.find(begin, at + 1)) {
        const std::size_t from = at + begin.size();
        found.push_back(svg.substr(from, svg.find('<', from) - from));
    }
    return found;
}

ExperimentPlot plot_of_cases() {
    ExperimentPlot plot{.name = "differences",
                        .title = "Differences",
                        .kind = PlotKind::bars,
                        .x_label = "case",
                        .y_label = "log10",
                        .ticks = long_case_names,
                        .series = {{"random tokens", {}, {}}}};
    for (std::size_t i = 0; i < long_case_names.size(); ++i) {
        plot.series[0].x.push_back(static_cast<double>(i));
        plot.series[0].y.push_back(1);
    }
    return plot;
}

TEST(ExperimentPlotFigure, BarsWithLongNamesHaveALegend) {
    const ExperimentPlot plot = plot_of_cases();
    const std::string svg = plot_svg(plot);
    EXPECT_EQ(texts_below_axis(svg), (TickTexts{"a", "b", "c", "d", "e", "f"}));
    for (const char* line : {"a Variant 6: linear attention", "d Variant 2, four inner steps"}) {
        EXPECT_NE(svg.find(">" + std::string(line) + "<"), std::string::npos) << line;
    }
    EXPECT_EQ(svg.find("..."), std::string::npos);
    // The legend stands below the figure, which grows.
    ExperimentPlot brief = plot;
    brief.ticks = {"1", "2", "3", "4", "5", "6"};
    EXPECT_GT(plot_image(plot).height, plot_image(brief).height);
    EXPECT_EQ(texts_below_axis(plot_svg(brief)), brief.ticks);
}

TEST(ExperimentPlotFigure, ALongNameOfASeriesIsWrapped) {
    ExperimentPlot plot{.name = "loss", .title = "Loss", .x_label = "steps", .y_label = "nats"};
    plot.series = {{"Baseline", {1, 2}, {3, 2}}, {"Variant 1, query replaced by key", {1, 2}, {2, 1}}};
    const std::string svg = plot_svg(plot);
    EXPECT_EQ(svg.find("..."), std::string::npos) << svg;
    EXPECT_NE(svg.find(">Variant 1, query"), std::string::npos);
    EXPECT_NE(svg.find("key<"), std::string::npos);
}

TEST(ExperimentPlotFigure, TheFirstSeriesSharesItsColourWithNoOther) {
    std::set<std::pair<Ink, SeriesMark>> seen;
    for (std::size_t i = 0; i < 28; ++i) {
        EXPECT_TRUE(i == 0 || series_ink(i) != series_ink(0)) << i;
        EXPECT_TRUE(seen.emplace(series_ink(i), series_mark(i)).second) << i;
    }
    EXPECT_EQ(series_mark(0), SeriesMark::disc);
    EXPECT_EQ(series_mark(9), SeriesMark::disc);
    EXPECT_EQ(series_mark(10), SeriesMark::square);
}

TEST(NumberLabels, HaveTheDigitsThatNeighboursNeed) {
    EXPECT_EQ(labels_of_round_numbers({-0.5, 0, 0.5}).texts, (TickTexts{"-0.5", "0", "0.5"}));
    EXPECT_EQ(labels_of_round_numbers({31.25001, 31.25002, 31.25003}).texts,
              (TickTexts{"31.25001", "31.25002", "31.25003"}));
    EXPECT_EQ(labels_of_round_numbers({100005, 100010, 100015}).texts,
              (TickTexts{"100005", "100010", "100015"}));
    EXPECT_EQ(labels_of_round_numbers({0, 2e-14, 4e-14}).texts, (TickTexts{"0", "2e-14", "4e-14"}));
    EXPECT_EQ(labels_of_round_numbers({7}).texts, TickTexts{"7"});
    EXPECT_TRUE(labels_of_round_numbers({}).texts.empty());
}

TEST(NumberLabels, AreDifferencesFromTheFirstWhereTheyWouldBeTooLong) {
    const NumberLabels labels = labels_of_round_numbers({3.5, 3.500000002, 3.500000004});
    EXPECT_EQ(labels.texts, (TickTexts{"0", "2e-09", "4e-09"}));
    EXPECT_EQ(labels.shift, "- 3.5");
    EXPECT_EQ(labels_of_round_numbers({-3.5, -3.499999998}).shift, "+ 3.5");
    EXPECT_TRUE(labels_of_round_numbers({3.5, 3.6}).shift.empty());
}

TEST(NumberLabels, OfAnyNumbersAreDifferent) {
    EXPECT_EQ(labels_of_numbers({1, 1e-15, 0.25}), (TickTexts{"1", "1e-15", "0.25"}));
    EXPECT_EQ(labels_of_numbers({1.000001, 1.000002}), (TickTexts{"1.000001", "1.000002"}));
    EXPECT_EQ(labels_of_numbers({2, 2}), (TickTexts{"2", "2"}));
}

TEST(ExperimentPlotFigure, SmallValuesAndSmallRangesHaveTicksOfTheirOwn) {
    ExperimentPlot plot{.name = "p", .title = "t", .x_label = "x", .y_label = "difference"};
    plot.series = {ExperimentSeries{"", {1, 2}, {0, 5e-13}}};
    EXPECT_NE(plot_svg(plot).find(">2e-13<"), std::string::npos) << plot_svg(plot);
    plot.series = {ExperimentSeries{"", {1, 2}, {31.25, 31.2500001}}};
    EXPECT_NE(plot_svg(plot).find(">difference - 31.2"), std::string::npos) << plot_svg(plot);
}

}  // namespace

}  // namespace lact::app
