// `lactscope inspect` from outside: the check's rows and what the looks write.
#include "app/cli/inspect_command.h"
#include "app/cli/inspect_sheets.h"
#include "app/figures/heat_image.h"
#include "engine/scene/image.h"
#include "tests/app/cli/run_program.h"
#include "tests/support/golden.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using nlohmann::json;
using test::general_weights;
using test::ProgramRun;
using test::run_lactscope;

json checked(const std::string& options) {
    const ProgramRun run = run_lactscope("inspect --check --json " + options);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    return json::parse(run.out);  // fails if anything else went to stdout
}

/// Every row is "ok" within its tolerance, or says why it does not apply; returns how many do not.
int expect_sound_rows(const json& result) {
    int not_applicable = 0;
    double largest = 0;
    for (const json& row : result.at("rows")) {
        EXPECT_TRUE(row.at("layer").is_number_integer() && row.at("head").is_number_integer());
        const auto status = row.at("status").get<std::string>();
        if (status.starts_with("n/a: ")) {
            ++not_applicable;
            EXPECT_TRUE(row.at("rel").is_null());
            continue;
        }
        EXPECT_EQ(status, "ok") << row.dump();
        EXPECT_EQ(row.at("tolerance_fp64"), 1e-9);
        EXPECT_FALSE(row.contains("tolerance"));
        EXPECT_LE(row.at("rel").get<double>(), 1e-4) << row.dump();
        EXPECT_GT(row.at("rel").get<double>(), 0) << row.dump();
        EXPECT_LE(row.at("rel_fp64").get<double>(), 1e-9) << row.dump();
        largest = std::max(largest, row.at("rel").get<double>());
    }
    EXPECT_EQ(result.at("max_rel").get<double>(), largest);
    return not_applicable;
}

TEST(InspectCheck, BundledWeightsRunEveryPreset) {
    const json result = checked("--inputs 3");  // What the program opens with.
    EXPECT_EQ(result.at("rows").size(), 10U * 6 * 2);
    EXPECT_EQ(expect_sound_rows(result), 0);
    EXPECT_EQ(result.at("scene"), "yellow_car");
    EXPECT_EQ(result.at("rows")[0].at("preset"), "baseline");
    const json other = checked("--inputs 3 --weights " + general_weights);
    EXPECT_EQ(other.at("rows").size(), 10U * 6 * 2);
    EXPECT_EQ(expect_sound_rows(other), 0);
}

/// Golden weights, and how many inputs of how many patches they are checked with.
struct GoldenCheck {
    const char* name;
    int inputs;
    int columns;
    int rows;
};

TEST(InspectCheck, ReferenceWeightsSayWhatTheyCannotRun) {
    for (const auto& [name, inputs, columns, rows] :
         {GoldenCheck{"lact_nvs_model_a", 3, 4, 4}, {"lact_nvs_model_variants", 2, 3, 2}}) {
        SCOPED_TRACE(name);
        const auto files = lact::test::golden_files(name, "_weights.safetensors");
        if (files.empty()) {
            GTEST_SKIP() << lact::test::GoldenFile::skip_reason(name);
        }
        const std::string weights = files.front().string();
        const ProgramRun info = run_lactscope("info --json " + weights);
        ASSERT_EQ(info.exit_code, 0) << info.err;
        const json config = json::parse(info.out).at("config");
        const int patch = config.at("patch").get<int>();
        const int heads = config.at("layers").get<int>() * config.at("ttt_heads").get<int>();
        const json result =
            checked("--inputs " + std::to_string(inputs) + " --size " + std::to_string(columns * patch) +
                    "x" + std::to_string(rows * patch) + " --weights " + weights);
        EXPECT_EQ(result.at("rows").size(), static_cast<std::size_t>(10 * heads));
        // Variants 3 to 6 have no kernel: they need d_h = d_in.
        const int refused = config.at("hidden_multiple") == 1 ? 0 : 4;
        EXPECT_EQ(expect_sound_rows(result), refused * heads);
    }
}

TEST(InspectCheck, OneRuleAndManySteps) {
    const json result = checked("--inputs 2 --size 32 --rule mse,steps=9 --weights " + general_weights);
    EXPECT_EQ(result.at("rows").size(), 6U * 2);
    EXPECT_EQ(expect_sound_rows(result), 0);
    EXPECT_EQ(result.at("rows")[0].at("preset"), "mse,steps=9");
    EXPECT_TRUE(result.at("rows")[0].at("step_by_step").get<bool>());
}

TEST(InspectCheck, APlantedErrorEndsLikeAFailedCheck) {
    const std::string options = "inspect --check --json --inputs 2 --size 32 --weights " + general_weights;
    for (const char* error :
         {"sign", "rates", "stale-features", "half-newton-schulz", "altered-value", "norm-axis"}) {
        const ProgramRun run = run_lactscope(options + " --rule baseline --plant " + error);
        EXPECT_EQ(run.exit_code, 1) << error;
        EXPECT_NE(run.err.find("12 of 12 rows are out of tolerance"), std::string::npos) << error << run.err;
        const json report = json::parse(run.out);
        for (const json& row : report.at("rows")) {
            EXPECT_GT(row.at("rel_fp64").get<double>(), row.at("tolerance_fp64").get<double>()) << row.dump();
        }
    }
    EXPECT_EQ(run_lactscope(options + " --rule baseline").exit_code, 0);
    EXPECT_NE(run_lactscope(options + " --plant nothing").exit_code, 0);
    EXPECT_EQ(run_lactscope("inspect --help").out.find("--plant"), std::string::npos);
}

TEST(InspectCheck, ARowOutOfToleranceIsAFailure) {
    EquivalenceRow row;
    row.status = "ok";
    EXPECT_TRUE(verdict(std::array{row}).has_value());
    EquivalenceRow refused = row;
    refused.status = "n/a: a reason";
    EXPECT_TRUE(verdict(std::array{row, refused}).has_value());
    row.status = "out of tolerance";
    const auto failed = verdict(std::array{row, refused});
    ASSERT_FALSE(failed.has_value());
    EXPECT_NE(failed.error().what.find("1 of 2"), std::string::npos);
    const auto nothing = verdict(std::array{refused, refused});
    ASSERT_FALSE(nothing.has_value()) << "nothing was compared, which shows nothing";
    EXPECT_NE(nothing.error().what.find("a reason"), std::string::npos) << nothing.error().what;
}

TEST(InspectCheck, WhereNothingIsComparedThereIsNoDifference) {
    // A rule without rates: swapped rates change nothing.
    const ProgramRun run =
        run_lactscope("inspect --check --json --inputs 2 --size 32 --rule variant6 --plant rates --weights " +
                      general_weights);
    EXPECT_EQ(run.exit_code, 1) << run.err;
    EXPECT_NE(run.err.find("nothing was compared"), std::string::npos) << run.err;
    const json result = json::parse(run.out);
    EXPECT_TRUE(result.at("max_rel_fp64").is_null());
    EXPECT_TRUE(result.at("max_rel").is_null());
    EquivalenceRow row;
    row.status = "n/a: a reason";
    EXPECT_TRUE(figures_of(row).at("rel_fp64").is_null());
    EXPECT_EQ(figures_of(row).at("status"), "n/a: a reason");
    row.status = "ok";
    EXPECT_EQ(figures_of(row).at("rel_fp64"), 0);
}

TEST(InspectCheck, TheTableSaysThatStepsAreComparedOneByOne) {
    const std::string options =
        "inspect --check --inputs 2 --size 32 --weights " + general_weights + " --rule mse,steps=";
    EXPECT_NE(run_lactscope(options + "9").err.find("ok; inner steps compared one by one"),
              std::string::npos);
    EXPECT_EQ(run_lactscope(options + "1").err.find("one by one"), std::string::npos);
}

json mode(const std::string& what, const std::string& options, const TemporaryFolder& folder) {
    const ProgramRun run =
        run_lactscope("inspect --inputs 3 --json --weights " + general_weights + " --what " + what + " -o " +
                      (folder.path() / what).string() + " " + options);
    EXPECT_EQ(run.exit_code, 0) << run.err;
    json result = json::parse(run.out);
    std::set<std::string> named;
    for (const json& file : result.at("files")) {
        const auto name = file.get<std::string>();
        named.insert(name);
        if (name.ends_with(".png")) {
            const auto image = load_image(folder.path() / what / name);
            EXPECT_TRUE(image.has_value()) << name;
        }
    }
    EXPECT_EQ(named, TemporaryFolder::names_in(folder.path() / what));
    EXPECT_TRUE(named.contains(what + ".safetensors"));
    return result;
}

std::vector<int> shape(const json& result, const char* name) {
    return result.at("figures").at("shapes").at(name).get<std::vector<int>>();
}

TEST(Inspect, EveryLookWritesImagesTensorsAndFigures) {
    const TemporaryFolder folder;
    const json inputs = mode("inputs", "--layer 1 --head 1", folder);
    EXPECT_EQ(shape(inputs, "k"), (std::vector{3 * 64, 128}));
    EXPECT_EQ(shape(inputs, "q"), (std::vector{64, 128}));
    EXPECT_EQ(mode("weights", "", folder).at("figures").at("norms").size(), 6U * 2 * 3);
    const json spectrum = mode("spectrum", "", folder);
    EXPECT_EQ(spectrum.at("figures").at("spectra").size(), 3U);
    EXPECT_EQ(spectrum.at("figures").at("inner_loss").at("rule").size(), 2U);
    const json plain = mode("spectrum", "--rule muon=off", folder);
    for (const json& one : plain.at("figures").at("spectra")) {
        EXPECT_TRUE(one.at("orthogonalized").empty());
        EXPECT_TRUE(one.at("effective_rank").at("orthogonalized").is_null());
        EXPECT_TRUE(one.at("effective_rank").at("gradient").is_number());
    }
    const json state = mode("state", "--layer 0", folder);
    EXPECT_EQ(state.at("layer"), 0);
    EXPECT_EQ(state.at("figures").at("difference").at("status"), "ok");
    const json& distance = state.at("figures").at("w1_against_s");
    EXPECT_GT(distance.at("running").at("largest").get<double>(), 0.01);  // Newton-Schulz in bf16
    EXPECT_LT(distance.at("recomputed").at("largest").get<double>(), 1e-5);
    EXPECT_EQ(shape(state, "w1_recomputed"), shape(state, "s"));
    EXPECT_EQ(mode("rates", "", folder).at("figures").at("W1").size(), 3U * 64);
}

TEST(Inspect, SharesSumToOneAndCausesComeFromRealSetUps) {
    const TemporaryFolder folder;
    for (const auto& [option, side] : {std::pair{"--side value", "value"}, std::pair{"--side key", "key"},
                                       std::pair{"--factor left", "key"}}) {
        const json one = mode("attention", std::string("--view 5 --pixel 20,30 ") + option, folder);
        EXPECT_EQ(one.at("view"), 5);
        EXPECT_EQ(one.at("patch").get<std::vector<int>>(), (std::vector{2, 3}));
        const json& figures = one.at("figures");
        EXPECT_EQ(figures.at("side"), side);
        EXPECT_EQ(figures.at("shares_of"), "centred");
        EXPECT_EQ(figures.at("entropy_bits").size(), 1U);
        double absolute = 0;
        for (const double share : figures.at("token_shares").get<std::vector<double>>()) {
            absolute += std::abs(share);
        }
        EXPECT_NEAR(figures.at("absolute_sum").get<double>(), absolute, 1e-6 * absolute);
        EXPECT_NEAR(figures.at("sum").get<double>(), 1 - figures.at("s0").get<double>(), 1e-6);
        EXPECT_EQ(figures.at("weights")[0].size(), 3U * 64);
        const auto shares = figures.at("shares").get<std::vector<double>>();
        EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), figures.at("s0").get<double>()), 1, 1e-3);
    }
    const json centred = mode("shares", "", folder).at("figures");
    const json output = mode("shares", "--shares output", folder).at("figures");
    EXPECT_EQ(centred.at("shares").size(), 3U);
    EXPECT_EQ(output.at("shares_of"), "output");
    EXPECT_NE(centred.at("token_shares"), output.at("token_shares"));
    EXPECT_EQ(centred.at("mean_fraction"), output.at("mean_fraction"));
    const json causes = mode("causal", "--view 5", folder).at("figures").at("without");
    ASSERT_EQ(causes.size(), 3U);
    for (const json& one : causes) {
        EXPECT_GT(one.at("mean_difference").get<double>(), 0);
    }
}

TEST(HeatImage, ColoursSayTheSign) {
    const std::vector<double> values{-1, 0, 1, 0.5};
    const Image8 image = heat_image(values, 2, 3, ColourMap::diverging, 1);
    EXPECT_EQ(image.width, 6);
    EXPECT_EQ(image.height, 6);
    const auto at = [&](int x, int y) {
        return std::span(image.pixels)
            .subspan((static_cast<std::size_t>(y) * 6 + static_cast<std::size_t>(x)) * 3, 3);
    };
    EXPECT_LT(at(0, 0)[0], at(0, 0)[2]);  // blue
    EXPECT_EQ(at(3, 0)[0], at(3, 0)[2]);  // grey
    EXPECT_GT(at(0, 3)[0], at(0, 3)[2]);  // red
    EXPECT_EQ(largest_magnitude(values), 1);
    EXPECT_EQ(largest_magnitude(std::vector<double>{0, 0}), 1);
}

TEST(HeatImage, NumbersNearZeroLetThePhotoThrough) {
    const Image8 photo{4, 2, 3, std::vector<std::uint8_t>(std::size_t{4} * 2 * 3, 200)};
    const Image8 image = heat_over_photo(photo, std::vector<double>{0, 1}, 1, 2, ColourMap::diverging, 1);
    EXPECT_EQ(image.pixels[0], 120);  // dimmed
    EXPECT_NE(image.pixels[std::size_t{3} * 3], 120);
}

TEST(HeatImage, NoNumberCoversThePhotoInMagenta) {
    const Image8 photo{4, 2, 3, std::vector<std::uint8_t>(std::size_t{4} * 2 * 3, 200)};
    const std::vector<double> values{0, std::numeric_limits<double>::quiet_NaN()};
    for (const ColourMap map : {ColourMap::diverging, ColourMap::sequential}) {
        const Image8 image = heat_over_photo(photo, values, 1, 2, map, 1);
        const auto last = std::span(image.pixels).last(3);
        EXPECT_EQ(last[0], 255);
        EXPECT_EQ(last[1], 0);
        EXPECT_EQ(last[2], 255);
    }
}

}  // namespace

}  // namespace lact::app
