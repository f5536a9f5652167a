// `lactscope train` and `lactscope heldout` from outside: what they print and leave behind, and what is left
// of a run that is killed.
#include "app/video/provenance.h"
#include "engine/core/files.h"
#include "engine/train/run_folder.h"
#include "engine/train/training_state.h"
#include "tests/app/cli/run_program.h"
#include "tests/app/cli/running_program.h"

#include <random>
#include <sstream>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

using lact::test::TemporaryFolder;
using nlohmann::json;
using test::ProgramRun;
using test::run_lactscope;
using test::RunningProgram;

constexpr const char* micro_config = R"({
  "name": "micro",
  "model": {"layers": 2, "d": 32, "attention_head": 16, "ttt_head": 16, "patch": 8},
  "stages": [{"size": 16, "batch": 2, "inputs": [1, 2], "targets": 1, "steps": 8},
             {"size": 24, "batch": 2, "inputs": 2, "targets": [1, 2], "steps": 4, "decay": "linear"}],
  "cache": {"views": 4, "reuse": 2, "scenes": 4},
  "checkpoint_minutes": 0, "evaluation_steps": 0, "evaluation_scenes": 2, "threads": 1, "loader_threads": 1
})";

/// A test that has to act before its program ends begins again where it is late: at most so often.
constexpr int most_runs = 20;

class TrainCommand : public testing::Test {
  protected:
    void SetUp() override { config_ = folder_.file("micro.json", micro_config).string(); }

    [[nodiscard]] std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
    [[nodiscard]] std::vector<std::string> words(const std::string& run, bool resume = false) const {
        std::vector<std::string> result{"train", "-o", path(run), "--json", "--device", "cpu"};
        result.insert(result.end(), {"--config", config_});
        if (resume) {
            result.emplace_back("--resume");
        }
        return result;
    }
    [[nodiscard]] std::string line(const std::string& run) const {
        std::string result;
        for (const std::string& word : words(run)) {
            result += word + " ";
        }
        return result;
    }
    /// Trains to the end, killed and resumed after a few lines each time; the number of kills. Which step is
    /// killed is left to chance, and a program that ends before its kill is not killed at all.
    [[nodiscard]] int train_with_kills(const std::string& run, std::mt19937& random) const {
        int kills = 0;
        long long safe = 0;  // The newest checkpoint that we were told of.
        for (bool ended = false; !ended;) {
            if (kills == 40) {
                ADD_FAILURE() << "the run does not get on: " << *read_file(path("errors"));
                break;
            }
            RunningProgram program(words(run, kills > 0), path("errors"));
            auto left = 1 + random() % 6;  // Lines until it is killed.
            bool first = true;
            while (auto text = program.line()) {
                const json event = json::parse(*text);
                if (event.at("event") == "step" && first) {
                    EXPECT_GT(event.at("step").get<long long>(), safe);  // What was safe is not done again.
                    EXPECT_LE(event.at("step").get<long long>(), safe + 2);
                    first = false;
                }
                if (event.at("event") == "checkpoint") {
                    safe = event.at("step").get<long long>();
                }
                if (--left == 0) {
                    program.signal(SIGKILL);
                }
            }
            const int code = program.wait();
            ended = code == 0;
            EXPECT_TRUE(code == 0 || code == 128 + SIGKILL) << code << *read_file(path("errors"));
            kills += ended ? 0 : 1;
        }
        return kills;
    }
    [[nodiscard]] TrainingState checkpoint(const std::string& run) const {
        auto state = read_training_state(RunFolder::checkpoint_of(path(run)));
        EXPECT_TRUE(state.has_value()) << state.error().message();
        return state.value_or(TrainingState{});
    }

    TemporaryFolder folder_;
    std::string config_;
};

void expect_equal_weights(const std::map<std::string, at::Tensor>& a,
                          const std::map<std::string, at::Tensor>& b) {
    ASSERT_FALSE(a.empty());
    ASSERT_EQ(a.size(), b.size());
    for (const auto& [name, tensor] : a) {
        ASSERT_TRUE(b.contains(name)) << name;
        EXPECT_TRUE(at::equal(tensor, b.at(name))) << name;
    }
}

TEST_F(TrainCommand, ARunKilledAtRandomMomentsEndsAsIfItHadNotBeen) {
    ASSERT_EQ(run_lactscope(line("whole")).exit_code, 0);
    const TrainingState whole = checkpoint("whole");
    std::mt19937 random(11);
    int kills = 0;
    // One run is enough, unless this test is late.
    for (int i = 0; kills < 3; ++i) {
        ASSERT_LT(i, most_runs);
        const std::string run = "killed" + std::to_string(i);
        kills += train_with_kills(run, random);
        const TrainingState killed = checkpoint(run);
        EXPECT_EQ(killed.progress.step, 12);
        expect_equal_weights(whole.parameters, killed.parameters);
        expect_equal_weights(whole.optimizer, killed.optimizer);
    }
}

TEST_F(TrainCommand, CtrlCWritesACheckpointFirst) {
    std::string run;
    long long step = 12;
    int code = 0;
    // One run is enough, unless this test is late.
    for (int i = 0; step == 12; ++i) {
        ASSERT_LT(i, most_runs);
        run = "run" + std::to_string(i);
        RunningProgram program(words(run), path("errors"));
        while (auto text = program.line()) {
            const json event = json::parse(*text);
            if (event.at("event") == "step" && event.at("step") == 3) {
                program.signal(SIGINT);
            }
            if (event.at("event") == "end") {
                step = event.at("step").get<long long>();
                EXPECT_TRUE(step == 12 || event.at("state") == "stopped") << *text;
            }
        }
        code = program.wait();
    }
    EXPECT_EQ(code, 1);
    EXPECT_GE(step, 3);
    EXPECT_EQ(checkpoint(run).progress.step, step);
    EXPECT_NE(read_file(path("errors"))->find("--resume"), std::string::npos);
    EXPECT_EQ(json::parse(*read_file(path(run + "/run.json"))).at("state"), "stopped");
    const ProgramRun rest = run_lactscope("train --resume -o " + path(run));
    EXPECT_EQ(rest.exit_code, 0) << rest.err;
    EXPECT_EQ(rest.out, "");
    EXPECT_EQ(checkpoint(run).progress.step, 12);
}

TEST_F(TrainCommand, EventsSheetsAndFilesOfARun) {
    const ProgramRun run = run_lactscope(line("run") + "--steps 3");
    ASSERT_EQ(run.exit_code, 0) << run.err;
    std::map<std::string, int> events;
    std::istringstream lines(run.out);
    for (std::string text; std::getline(lines, text);) {
        const json event = json::parse(text);  // Nothing else is on stdout.
        ++events[event.at("event").get<std::string>()];
        if (event.at("event") == "evaluation") {
            const json& score = event.at("scores").at("general");
            EXPECT_EQ(score.at("views"), 8);
            for (const char* figure : {"psnr", "psnr_foreground", "nearest_view", "white", "silhouette"}) {
                EXPECT_GT(score.at(figure).get<double>(), 0) << figure;
            }
        }
    }
    EXPECT_EQ(events.at("step"), 3);
    EXPECT_EQ(events.at("evaluation"), 2);  // The end of the first stage, the end.
    EXPECT_GE(events.at("checkpoint"), 3);
    EXPECT_EQ(events.at("end"), 1);
    EXPECT_EQ(TemporaryFolder::names_in(path("run")),
              (std::set<std::string>{"checkpoint.safetensors", "config.json", "curve.csv", "run.json",
                                     "sheets", "weights.safetensors"}));
    EXPECT_EQ(TemporaryFolder::names_in(path("run/sheets")),
              (std::set<std::string>{"step-00000002.png", "step-00000003.png"}));
    EXPECT_TRUE(image_info(path("run/sheets/step-00000003.png")).has_value());
    const ProgramRun described = run_lactscope("info --json " + path("run/weights.safetensors"));
    EXPECT_EQ(json::parse(described.out).at("metadata").at("steps"), 3);
}

TEST_F(TrainCommand, WatchedScenesAreMeasured) {
    const ProgramRun run = run_lactscope(line("run") + "--steps 2 --watch " LACT_ASSETS_DIR "/scenes/parcel");
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_NE(run.err.find("parcel: "), std::string::npos) << run.err;
    EXPECT_NE(read_file(path("run/curve.csv"))->find(",parcel,"), std::string::npos);
}

TEST_F(TrainCommand, WatchedScenesOfOneNameAndOfFewPhotosAreMeasuredToo) {
    ASSERT_EQ(run_lactscope("generate --seed 7 --views 2 --size 24 -o " + path("made")).exit_code, 0);
    const auto two_photos = folder_.path() / "two/parcel";
    std::filesystem::create_directories(two_photos.parent_path());
    std::filesystem::rename(std::filesystem::directory_iterator(path("made"))->path(), two_photos);
    const ProgramRun run = run_lactscope(
        line("run") + "--steps 2 --watch " LACT_ASSETS_DIR "/scenes/parcel " + two_photos.string());
    ASSERT_EQ(run.exit_code, 0) << run.err;
    EXPECT_EQ(run.err.find("no evaluation"), std::string::npos) << run.err;
    const std::string curve = read_file(path("run/curve.csv")).value_or("");
    EXPECT_NE(curve.find(",parcel,"), std::string::npos) << curve;
    EXPECT_NE(curve.find(",parcel (2),"), std::string::npos) << curve;
}

TEST_F(TrainCommand, WhatCannotBeDoneSaysWhatAndWhere) {
    ASSERT_EQ(run_lactscope(line("run") + "--steps 2").exit_code, 0);
    const auto bad = folder_.file("bad.json", R"({"model": {"layers": 2, "d": 32, "ttt_head": 5}})");
    json auxiliary = json::parse(micro_config);
    auxiliary["auxiliary"] = {{"position", 1}};
    const auto with_auxiliary = folder_.file("auxiliary.json", auxiliary.dump());
    const std::string general_weights = LACT_ASSETS_DIR "/weights/general.safetensors";
    const std::pair<std::string, std::string> cases[] = {
        {line("run"), "--resume"},
        {"train -o " + path("x"), "--config"},
        {"train --config /nowhere.json -o " + path("x"), "/nowhere.json"},
        {"train --config " + bad.string() + " -o " + path("x"), "stages"},
        {line("x") + "--steps 1", "fewer than the 2 stages"},
        {line("x") + "--init /nowhere.safetensors", "/nowhere.safetensors"},
        {line("x2") + "--init " + general_weights, "d 256"},
        {line("x3") + "--watch /nowhere", "/nowhere"},
        {line("/proc/x"), "/proc/x"},
        {"train --resume -o " + path("nothing"), "no checkpoint"},
        {"train --device cpu --family scenes --config " + with_auxiliary.string() + " -o " + path("x4"),
         "scenes with surroundings"},
        {"train --sweep /nowhere.json -o " + path("x"), "/nowhere.json"},
        {"train --decay-from /nowhere --steps 3 -o " + path("x"), "/nowhere"},
        {"heldout --weights /nowhere.pt", "/nowhere.pt"},
        {"heldout --size 60", "patch"}};
    for (const auto& [arguments, word] : cases) {
        const ProgramRun run = run_lactscope(arguments);
        EXPECT_EQ(run.exit_code, 1) << arguments << "\n" << run.err;
        EXPECT_NE(run.err.find(word), std::string::npos) << arguments << "\n" << run.err;
    }
    for (const std::string& arguments :
         {std::string("train"), "train --steps 3 -o " + path("x"), line("x") + "--steps 0",
          "train --decay-from y -o " + path("x"), "train --sweep y --decay-from y --steps 3 -o " + path("x"),
          line("x") + "--resume --init " + general_weights, std::string("heldout --family cats"),
          std::string("heldout --inputs 0")}) {
        EXPECT_EQ(run_lactscope(arguments).exit_code, 2) << arguments;
    }
}

TEST_F(TrainCommand, ASweepDoesNotReplaceItsOwnDefinition) {
    const json sweep{{"name", "s"},
                     {"minutes", 0},
                     {"seeds", {1}},
                     {"base", json::parse(micro_config)},
                     {"runs", {{{"name", "base"}}}}};
    const std::string text = sweep.dump();
    std::filesystem::create_directory(folder_.path() / "runs");
    const auto file = folder_.file("runs/sweep.json", text);
    const ProgramRun run = run_lactscope("train --sweep " + file.string() + " -o " + path("runs"));
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("sweep.json"), std::string::npos) << run.err;
    EXPECT_EQ(read_file(file).value_or(""), text);
    const auto rules = folder_.file("rules.json", micro_config);
    const ProgramRun other =
        run_lactscope("train --rules all --config " + rules.string() + " -o " + folder_.path().string());
    EXPECT_EQ(other.exit_code, 1);
    EXPECT_EQ(read_file(rules).value_or(""), micro_config);
}

TEST_F(TrainCommand, HeldOutMeasuresAWeightFile) {
    const ProgramRun run = run_lactscope("heldout --json --scenes 6 --device cpu");
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json result = json::parse(run.out);
    EXPECT_EQ(result.at("size"), 128);
    EXPECT_EQ(result.at("scenes"), 6);
    EXPECT_EQ(result.at("views"), 24);
    EXPECT_EQ(result.at("inputs"), 8);
    EXPECT_EQ(result.at("rule"), "baseline");
    EXPECT_GT(result.at("psnr").get<double>(), result.at("white").get<double>());
    EXPECT_GT(result.at("psnr").get<double>(), result.at("nearest_view").get<double>());
    const ProgramRun switched = run_lactscope("heldout --json --scenes 6 --device cpu --rule ascent");
    EXPECT_LT(json::parse(switched.out).at("psnr").get<double>(), result.at("psnr").get<double>());
    EXPECT_EQ(json::parse(switched.out).at("rule_switched_at_inference"), true);
    EXPECT_EQ(result.at("rule_switched_at_inference"), false);
    const ProgramRun table = run_lactscope(
        "heldout --scenes 2 --inputs 4 --size 32 --device cpu --rule ascent --sheet " + path("sheet.png"));
    EXPECT_NE(
        table.err.find("rule ascent (Newton-Schulz in bf16), switched at inference; trained with baseline"),
        std::string::npos)
        << table.err;
    EXPECT_EQ(table.out, "");
    EXPECT_TRUE(image_info(path("sheet.png")).has_value());
    const auto texts = read_provenance(path("sheet.png"));
    ASSERT_TRUE(texts) << texts.error().message();
    ASSERT_TRUE(texts->contains("provenance"));
    const json origin = json::parse(texts->at("provenance"));
    EXPECT_EQ(origin.at("weights").at("file"), "vehicles.safetensors") << "without a folder of this machine";
    EXPECT_EQ(origin.at("rule"), "ascent");
    EXPECT_EQ(origin.at("rule_switched_at_inference"), true);
    EXPECT_EQ(origin.at("scenes"), 2);
    EXPECT_EQ(origin.at("inputs"), 4);
    EXPECT_EQ(origin.at("size"), 32);
    EXPECT_NE(table.err.find("silhouette"), std::string::npos) << table.err;
}

}  // namespace
}  // namespace lact::app
