#include "engine/train/sweep.h"

#include "engine/core/files.h"
#include "engine/core/output_path.h"
#include "tests/support/sphere_world.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <limits>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

using nlohmann::json;

json small_sweep() {
    return json::parse(R"({
      "name": "tiny", "minutes": 0.002, "seeds": [3, 4],
      "base": {
        "model": {"layers": 1, "d": 32, "attention_head": 16, "ttt_head": 16, "patch": 8},
        "stages": [{"size": 16, "batch": 2, "inputs": 1, "targets": 1, "steps": 100, "learning_rate": 1e-3}],
        "precision": "fp32", "cache": {"views": 4, "reuse": 2, "scenes": 4}, "threads": 1, "loader_threads": 1,
        "evaluation_scenes": 2
      },
      "runs": [{"name": "base"},
               {"name": "two-targets", "stage": {"targets": 2}},
               {"name": "heads-of-32", "change": {"model": {"ttt_head": 32}}}]
    })");
}

TEST(Sweep, ChangesAreMergedIntoTheBase) {
    const auto sweep = parse_sweep(small_sweep().dump(), "s.json");
    ASSERT_TRUE(sweep) << sweep.error().message();
    ASSERT_EQ(sweep->entries.size(), 3U);
    EXPECT_EQ(sweep->seeds, (std::vector<std::uint64_t>{3, 4}));
    EXPECT_EQ(sweep->entries[0].config.stages[0].targets, (CountRange{1, 1}));
    EXPECT_EQ(sweep->entries[1].config.stages[0].targets, (CountRange{2, 2}));
    EXPECT_EQ(sweep->entries[1].config.stages[0].size, 16);
    EXPECT_EQ(sweep->entries[2].config.model.ttt_head, 32);
    EXPECT_EQ(sweep->entries[2].config.model.d, 32);
    const auto shipped = load_sweep(LACT_ASSETS_DIR "/train/sweeps/vehicles.json");
    EXPECT_TRUE(shipped) << shipped.error().message();
}

TEST(Sweep, WhatIsWrongIsNamed) {
    struct Fault {
        const char* pointer;
        json value;
        const char* word;
    };
    const json two_stages = json::parse(R"({"stages": [{"size": 16, "steps": 1, "inputs": 1, "targets": 1},
                                                {"size": 16, "steps": 1, "inputs": 1, "targets": 1}]})");
    const std::vector<Fault> faults{{"/runs/1/name", "base", "twice"},
                                    {"/runs/1/name", "../up", "letters"},
                                    {"/runs/1/name", "", "letters"},
                                    {"/runs/1/chnge", json::object(), "chnge"},
                                    {"/runs/1/change", two_stages, "equal time has one"},
                                    {"/runs/1/stage", {{"targets", 99}}, "two-targets"},
                                    {"/runs", json::array(), "runs"},
                                    {"/seeds", json::array(), "seeds"},
                                    {"/seeds", {"all"}, "seeds"},
                                    {"/seeds", {1, 1}, "seeds"},
                                    {"/seeds", {-1}, "seeds"},
                                    {"/minute", 3, "minute"},
                                    {"/minutes", -1, "minutes"},
                                    {"/runs/1/seeds", {2, 2}, "seeds"},
                                    {"/base", 3, "s.json"}};
    for (const Fault& fault : faults) {
        json text = small_sweep();
        text[json::json_pointer(fault.pointer)] = fault.value;
        const auto sweep = parse_sweep(text.dump(), "s.json");
        ASSERT_FALSE(sweep) << fault.pointer;
        EXPECT_NE(sweep.error().message().find(fault.word), std::string::npos) << sweep.error().message();
    }
    EXPECT_FALSE(parse_sweep("[", "s.json"));
    EXPECT_FALSE(parse_sweep("[]", "s.json"));
    EXPECT_FALSE(load_sweep("/nowhere.json"));
}

TEST(Sweep, RunsEverySeedAndGoesOnWhereItStopped) {
    const test::TemporaryFolder folder;
    const auto sweep = parse_sweep(small_sweep().dump(), "s.json");
    ASSERT_TRUE(sweep);
    TrainRequest request;
    request.output = folder.path();
    request.device = "cpu";
    request.draw = test::sphere_views;
    std::vector<std::string> said;
    const Job job{{}, [&](std::string_view sentence) { said.emplace_back(sentence); }, {}};
    std::size_t told = 0;
    const auto each = [&](const std::vector<SweepRow>&) -> Result<void> {
        ++told;
        return {};
    };
    const auto rows = run_sweep(*sweep, request, job, each);
    ASSERT_TRUE(rows) << rows.error().message();
    ASSERT_EQ(rows->size(), 3U);
    EXPECT_EQ(told, 6U);
    EXPECT_EQ(said.size(), 6U);
    for (const SweepRow& row : *rows) {
        ASSERT_EQ(row.results.size(), 2U) << row.name;
        EXPECT_EQ(row.results[0].seed, 3U);
        EXPECT_GE(row.results[0].steps, 1);
        EXPECT_EQ(row.results[0].scenes, 2 * row.results[0].steps);
        EXPECT_EQ(row.results[0].score.scenes, 2U);
        EXPECT_GT(row.results[0].score.psnr, 0);
    }
    // What is finished is read and not run again.
    std::filesystem::remove_all(folder.path() / "two-targets-4");
    const std::string kept = *read_file(folder.path() / "base-3" / "result.json");
    const auto again = run_sweep(*sweep, request, job);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(*read_file(folder.path() / "base-3" / "result.json"), kept);
    EXPECT_EQ((*again)[0].results[0].score.psnr, (*rows)[0].results[0].score.psnr);
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "two-targets-4" / "result.json"));
    // So is a result of an earlier version, which did not know all fields.
    auto older = nlohmann::ordered_json::parse(kept);
    ASSERT_EQ(older["of"]["config"].erase("workers"), 1U);
    (void)folder.file("base-3/result.json", older.dump());
    ASSERT_TRUE(run_sweep(*sweep, request, job));
    EXPECT_EQ(*read_file(folder.path() / "base-3" / "result.json"), older.dump());
    // Of another configuration, it is kept.
    auto longer = sweep;
    longer->minutes *= 2;
    const auto refused = run_sweep(*longer, request, job);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("finished run of another configuration"), std::string::npos)
        << refused.error().message();
    EXPECT_EQ(*read_file(folder.path() / "base-3" / "result.json"), older.dump());
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "base-3" / "weights.safetensors"));
    std::filesystem::remove(folder.path() / "base-3" / "result.json");
    (void)run_sweep(*longer, request, job);
    const auto rerun = json::parse(*read_file(folder.path() / "base-3" / "result.json"));
    EXPECT_EQ(rerun.at("of").at("minutes").get<double>(), longer->minutes);
    (void)folder.file("base-3/result.json", "{}");
    EXPECT_FALSE(run_sweep(*sweep, request, job));
}

/// The small sweep with the steps of its configurations, 4 and 3 in two stages; one row has a seed more.
Sweep equal_steps_sweep() {
    json text = small_sweep();
    text["minutes"] = 0;
    text["seeds"] = {3};
    const json stage = text["base"]["stages"][0];
    text["base"]["stages"] = {stage, stage};
    text["base"]["stages"][0]["steps"] = 4;
    text["base"]["stages"][1]["steps"] = 3;
    text["base"]["checkpoint_minutes"] = 0;
    text["runs"] = {{{"name", "base"}, {"seeds", {3, 5}}},
                    {{"name", "two-targets"}, {"stage", {{"targets", 2}}}}};
    const auto sweep = parse_sweep(text.dump(), "s.json");
    EXPECT_TRUE(sweep) << (sweep ? "" : sweep.error().message());
    return sweep.value_or(Sweep{});
}

TEST(Sweep, EqualStepsAreThoseOfTheConfiguration) {
    const test::TemporaryFolder folder;
    const Sweep sweep = equal_steps_sweep();
    TrainRequest request;
    request.output = folder.path();
    request.device = "cpu";
    request.draw = test::sphere_views;
    const auto rows = run_sweep(sweep, request, {});
    ASSERT_TRUE(rows) << rows.error().message();
    ASSERT_EQ(rows->size(), 2U);
    ASSERT_EQ((*rows)[0].results.size(), 2U);
    ASSERT_EQ((*rows)[1].results.size(), 1U);
    EXPECT_EQ((*rows)[0].results[0].seed, 3U);
    EXPECT_EQ((*rows)[0].results[1].seed, 5U);
    for (const SweepRow& row : *rows) {
        EXPECT_EQ(row.results[0].steps, 7) << row.name;
        EXPECT_EQ(row.results[0].scenes, 14) << row.name;
        EXPECT_GT(row.results[0].minutes, 0) << row.name;
    }
    EXPECT_NE(format_sweep_table(sweep, *rows).find("equal steps"), std::string::npos);
}

TEST(Sweep, AnInterruptedRunOfEqualStepsContinues) {
    const test::TemporaryFolder whole;
    const test::TemporaryFolder cut;
    const Sweep sweep = equal_steps_sweep();
    TrainRequest request;
    request.device = "cpu";
    request.draw = test::sphere_views;
    request.output = whole.path();
    const auto rows = run_sweep(sweep, request, {});
    ASSERT_TRUE(rows) << rows.error().message();
    // Stopped within the first run: its progress passes the middle of the first of three runs.
    request.output = cut.path();
    std::stop_source stop;
    const Job job{[&stop](std::string_view, double fraction) {
                      if (fraction > 0.5 / 3) {
                          stop.request_stop();
                      }
                  },
                  {},
                  stop.get_token()};
    const auto stopped = run_sweep(sweep, request, job);
    ASSERT_FALSE(stopped);
    EXPECT_TRUE(stopped.error().cancelled);
    ASSERT_TRUE(std::filesystem::exists(cut.path() / "base-3" / "checkpoint.safetensors"));
    ASSERT_FALSE(std::filesystem::exists(cut.path() / "base-3" / "result.json"));
    const auto continued = run_sweep(sweep, request, {});
    ASSERT_TRUE(continued) << continued.error().message();
    EXPECT_EQ((*continued)[0].results[0].steps, 7);
    EXPECT_EQ((*continued)[0].results[0].score.psnr, (*rows)[0].results[0].score.psnr);
}

TEST(Sweep, TwoSweepsDoNotShareAFolder) {
    const test::TemporaryFolder folder;
    TrainRequest request;
    request.output = folder.path();
    request.device = "cpu";
    request.draw = test::sphere_views;
    const Sweep sweep = equal_steps_sweep();
    int inner_problems = 0;
    const auto rows = run_sweep(sweep, request, {}, [&](const std::vector<SweepRow>&) -> Result<void> {
        inner_problems += run_sweep(sweep, request, {}) ? 0 : 1;
        return {};
    });
    ASSERT_TRUE(rows) << rows.error().message();
    EXPECT_EQ(inner_problems, 3);
    EXPECT_TRUE(rows->front().results.front().failure.empty());
    EXPECT_TRUE(run_sweep(sweep, request, {})) << "the folder stays locked";
}

TEST(Sweep, AnotherConfigurationRestartsARunOfEqualSteps) {
    const test::TemporaryFolder folder;
    Sweep sweep = equal_steps_sweep();
    TrainRequest request;
    request.output = folder.path();
    request.device = "cpu";
    request.draw = test::sphere_views;
    ASSERT_TRUE(run_sweep(sweep, request, {}));
    for (const char* run : {"base-3", "base-4", "base-5"}) {
        std::filesystem::remove(folder.path() / run / "result.json");
    }
    sweep.entries[0].config.stages[0].learning_rate *= 2;
    const auto rows = run_sweep(sweep, request, {});
    ASSERT_TRUE(rows) << rows.error().message();
    EXPECT_EQ((*rows)[0].results[0].steps, 7);
    EXPECT_TRUE((*rows)[0].results[0].failure.empty()) << (*rows)[0].results[0].failure;
}

TrainRequest request_in(const std::filesystem::path& folder) {
    TrainRequest request;
    request.output = folder;
    request.device = "cpu";
    request.draw = test::sphere_views;
    return request;
}

TEST(Sweep, APrecisionThatIsChosenStaysSoWhereTheSweepIsContinued) {
    // Whichever precision the machine would choose now, runs of either stay valid.
    for (const TrainPrecision chosen : {TrainPrecision::bf16, TrainPrecision::fp32}) {
        for (const double minutes : {0.0, 0.002}) {
            const test::TemporaryFolder folder;
            json text = small_sweep();
            text["minutes"] = minutes;
            text["seeds"] = {3};
            text["base"]["stages"][0]["steps"] = 3;
            text["runs"] = {{{"name", "base"}}};
            auto sweep = parse_sweep(text.dump(), "s.json");
            ASSERT_TRUE(sweep) << sweep.error().message();
            sweep->entries[0].config.precision = chosen;
            const TrainRequest request = request_in(folder.path());
            ASSERT_TRUE(run_sweep(*sweep, request, {}));
            const std::string kept = read_file(folder.path() / "base-3" / "result.json").value_or("");
            sweep->entries[0].config.precision = TrainPrecision::automatic;
            std::vector<std::string> said;
            const Job job{{}, [&](std::string_view sentence) { said.emplace_back(sentence); }, {}};
            const auto rows = run_sweep(*sweep, request, job);
            ASSERT_TRUE(rows) << rows.error().message();
            EXPECT_EQ(read_file(folder.path() / "base-3" / "result.json").value_or("?"), kept);
            for (const std::string& sentence : said) {
                EXPECT_FALSE(sentence.starts_with("precision:")) << sentence;
            }
        }
    }
}

TEST(Sweep, ARunThatDivergesIsAResult) {
    const test::TemporaryFolder folder;
    json text = small_sweep();
    text["minutes"] = 0;
    text["seeds"] = {3};
    text["runs"] = {{{"name", "base"}}};
    const auto sweep = parse_sweep(text.dump(), "s.json");
    ASSERT_TRUE(sweep);
    TrainRequest request = request_in(folder.path());
    request.draw = [](const WorldFamily& family, std::uint64_t seed, int views, int size) {
        GeneratedViews drawn = test::sphere_views(family, seed, views, size);
        for (Camera& camera : drawn.cameras) {
            camera.fx = seed < held_out_seed_begin ? std::numeric_limits<double>::quiet_NaN() : camera.fx;
        }
        return drawn;
    };
    const auto rows = run_sweep(*sweep, request, {});
    ASSERT_TRUE(rows) << rows.error().message();
    ASSERT_EQ(rows->front().results.size(), 1U);
    EXPECT_NE(rows->front().results[0].failure.find("not finite"), std::string::npos)
        << rows->front().results[0].failure;
    EXPECT_NE(format_sweep_table(*sweep, *rows).find("failed"), std::string::npos);
    // It is not trained again.
    request.draw = test::sphere_views;
    const auto again = run_sweep(*sweep, request, {});
    ASSERT_TRUE(again);
    EXPECT_FALSE(again->front().results[0].failure.empty());
}

TEST(Sweep, WhatMayEndOtherwiseNextTimeIsNoResult) {
    const test::TemporaryFolder folder;
    const Sweep sweep = equal_steps_sweep();
    TrainRequest request = request_in(folder.path());
    request.draw = [](const WorldFamily& family, std::uint64_t seed, int views, int size) {
        if (seed < held_out_seed_begin) {
            throw std::runtime_error("no memory for this scene");
        }
        return test::sphere_views(family, seed, views, size);
    };
    const auto rows = run_sweep(sweep, request, {});
    ASSERT_FALSE(rows);
    EXPECT_NE(rows.error().message().find("no memory for this scene"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "base-3" / "result.json"));
    request.draw = test::sphere_views;
    const auto again = run_sweep(sweep, request, {});
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_TRUE(again->front().results.front().failure.empty());
}

TEST(Sweep, ARunThatCannotBeReadIsNotRemoved) {
    const test::TemporaryFolder folder;
    const Sweep sweep = equal_steps_sweep();
    const TrainRequest request = request_in(folder.path());
    ASSERT_TRUE(run_sweep(sweep, request, {}));
    std::filesystem::remove(folder.path() / "base-3" / "result.json");
    const auto checkpoint = folder.file("base-3/checkpoint.safetensors", "damaged");
    ASSERT_FALSE(run_sweep(sweep, request, {}));
    EXPECT_EQ(read_file(checkpoint).value_or(""), "damaged");
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "base-3" / "weights.safetensors"));
}

TEST(Sweep, OnlyFilesOfRunsAreRemoved) {
    for (const char* own : {"notes.txt", ".git", "sheets/drawing.png"}) {
        const test::TemporaryFolder folder;
        Sweep sweep = equal_steps_sweep();
        const TrainRequest request = request_in(folder.path());
        ASSERT_TRUE(run_sweep(sweep, request, {}));
        std::filesystem::create_directories(folder.path() / "base-3" / "sheets");
        (void)folder.file(std::string("base-3/") + own, "mine");
        std::filesystem::remove(folder.path() / "base-3" / "result.json");
        sweep.entries[0].config.stages[0].learning_rate *= 2;
        const auto rows = run_sweep(sweep, request, {});
        ASSERT_FALSE(rows) << own;
        EXPECT_NE(rows.error().message().find("not of a training run"), std::string::npos);
        EXPECT_TRUE(std::filesystem::exists(folder.path() / "base-3" / own));
        EXPECT_TRUE(std::filesystem::exists(folder.path() / "base-3" / "checkpoint.safetensors"));
    }
}

TEST(Sweep, ARunInProgressIsNotRemoved) {
    const test::TemporaryFolder folder;
    Sweep sweep = equal_steps_sweep();
    const TrainRequest request = request_in(folder.path());
    ASSERT_TRUE(run_sweep(sweep, request, {}));
    std::filesystem::remove(folder.path() / "base-3" / "result.json");
    sweep.entries[0].config.stages[0].learning_rate *= 2;
    const auto lock = lock_folder(folder.path() / "base-3");
    ASSERT_TRUE(lock);
    const auto rows = run_sweep(sweep, request, {});
    ASSERT_FALSE(rows);
    EXPECT_NE(rows.error().message().find("in use"), std::string::npos) << rows.error().message();
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "base-3" / "checkpoint.safetensors"));
}

TEST(Sweep, TheTableSaysWhatIsNoise) {
    const auto sweep = parse_sweep(small_sweep().dump(), "s.json");
    const auto row = [](const char* name, double first, double second) {
        SweepRow result{name, {}};
        for (const double psnr : {first, second}) {
            SweepResult one;
            one.steps = 10;
            one.scenes = 20;
            one.score.psnr = psnr;
            one.score.psnr_foreground = psnr - 5;
            result.results.push_back(one);
        }
        return result;
    };
    const std::string table =
        format_sweep_table(*sweep, {row("base", 20, 20.2), row("better", 21, 21.2), row("alike", 20.1, 20.3),
                                    row("unsure", 20.5, 20.7)});
    EXPECT_NE(table.find("| base | 10 | 20 | 20.10 ± 0.14 | 15.10 ± 0.14 | – |"), std::string::npos) << table;
    EXPECT_NE(table.find("| better | 10 | 20 | 21.10 ± 0.14 | 16.10 ± 0.14 | +1.00 |"), std::string::npos);
    EXPECT_NE(table.find("+0.10 (within the spread)"), std::string::npos) << table;
    // 3.5 standard errors, which two seeds a row pass by chance in 7 % of all cases.
    EXPECT_NE(table.find("+0.50 (within the spread)"), std::string::npos) << table;
    // One seed has no spread.
    SweepRow one = row("base", 20, 20.2);
    one.results.pop_back();
    const std::string single = format_sweep_table(*sweep, {one});
    EXPECT_NE(single.find("| base | 10 | 20 | 20.00 | 15.00 | – |"), std::string::npos) << single;
}

}  // namespace
}  // namespace lact
