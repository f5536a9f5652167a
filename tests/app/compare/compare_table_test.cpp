// The figures of a comparison as the window writes them.
#include "app/compare/compare_table.h"

#include <array>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

constexpr double no_figure = std::numeric_limits<double>::quiet_NaN();
constexpr double infinite_figure = std::numeric_limits<double>::infinity();

TEST(CompareTableOnScreen, AMeanSaysHowManyViewsItIsOf) {
    CompareTable table;
    table.rows = {{3, "a.png", 10, 0.5, infinite_figure, 1, no_figure, no_figure},
                  {5, "b.png", 20, 0.7, 30, no_figure, no_figure, no_figure}};
    const CompareMean mean = table.mean();
    EXPECT_EQ(mean.counts, (std::array<std::size_t, 6>{2, 2, 2, 1, 0, 0}));
    EXPECT_EQ(mean_figure_text(mean, 0, 2, 2), "15.00");
    EXPECT_EQ(mean_figure_text(mean, 3, 3, 2), "1.000\nof 1");
    EXPECT_EQ(mean_figure_text(mean, 4, 2, 2), "-");
    // One equal pair makes the mean infinite; the other is not equal.
    EXPECT_EQ(mean_figure_text(mean, 2, 2, 2), "inf");
    EXPECT_EQ(figure_text(infinite_figure, 2), "equal");
    EXPECT_EQ(figure_text(no_figure, 2), "-");
}

TEST(CompareTableInFiles, AMeanSaysHowManyViewsItIsOf) {
    CompareTable table;
    table.rows = {{3, "a.png", 10, 0.5, 20, 1, no_figure, no_figure},
                  {5, "b.png", 20, 0.7, no_figure, no_figure, no_figure, no_figure}};
    const nlohmann::json file = to_json(table);
    EXPECT_EQ(file.at("mean").at("psnr_b").get<double>(), 20);
    EXPECT_EQ(file.at("mean_of").at("psnr_b").get<int>(), 1);
    EXPECT_EQ(file.at("mean_of").at("psnr_a").get<int>(), 2);
    EXPECT_EQ(file.at("mean_of").at("ssim_ab").get<int>(), 0);
}

TEST(CompareTableOnScreen, ASmallDifferenceIsNotZero) {
    EXPECT_EQ(difference_text(1.7e-6, 4, /*sign=*/true), "+1.7e-06");
    EXPECT_EQ(difference_text(-1.7e-6, 4, /*sign=*/true), "-1.7e-06");
    EXPECT_EQ(difference_text(0.00042, 3), "0.00042");
    EXPECT_EQ(difference_text(0.25, 3), "0.250");
    EXPECT_EQ(difference_text(0.25, 4, /*sign=*/true), "+0.2500");
    EXPECT_EQ(difference_text(0, 4), "0.0000");
    EXPECT_EQ(difference_text(no_figure, 4), "-");
}

TEST(CompareTableInFiles, SaysHowManyViewsAreMissing) {
    CompareTable table;
    table.rows = {{3, "a.png", 10, 0.5, 20, 1, 20, 1}, {5, "b.png", 20, 0.7, 30, 1, 20, 1}};
    table.of = 2;
    const auto csv = [&] { return to_csv(table, "a scene", {64, 48}); };
    EXPECT_NE(csv().find("\nmean,"), std::string::npos);
    EXPECT_FALSE(to_json(table).contains("views_missing"));
    table.of = 5;
    EXPECT_NE(csv().find("\nmean of 2 of 5 views,"), std::string::npos) << csv();
    EXPECT_EQ(to_json(table).at("views_missing").get<int>(), 3);
}

TEST(CompareTableInFiles, CsvSaysInCommentsWhatItIsOf) {
    CompareTable table;
    table.a.what = "photo";
    table.b.weights = "some weights";
    table.b.rule = "ascent";
    const std::string csv = to_csv(table, "two\nlines", {64, 48});
    EXPECT_TRUE(csv.starts_with("# a: {")) << csv;
    EXPECT_EQ(nlohmann::json::parse(csv.substr(5, csv.find('\n') - 5)).at("what"), "photo");
    const std::size_t b = csv.find("\n# b: ") + 6;
    const auto side = nlohmann::json::parse(csv.substr(b, csv.find('\n', b) - b));
    EXPECT_EQ(side.at("weights").at("name"), "some weights");
    EXPECT_EQ(side.at("rule"), "ascent");
    EXPECT_NE(csv.find("\n# size: 64x48\nview,name,"), std::string::npos) << csv;
    EXPECT_EQ(csv.find("\nlines"), std::string::npos) << "a name of two lines stays in its comment";
}

}  // namespace

}  // namespace lact::app
