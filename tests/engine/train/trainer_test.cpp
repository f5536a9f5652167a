#include "engine/train/trainer.h"

#include "engine/core/files.h"
#include "engine/model/checkpoint.h"
#include "engine/train/run_folder.h"
#include "engine/train/sample_order.h"
#include "engine/train/trainable_network.h"
#include "engine/train/training_state.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/sphere_world.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <stop_token>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

/// A network of a few thousand parameters on worlds of one ball.
TrainConfig micro(long long steps) {
    TrainConfig config;
    config.name = "micro";
    config.model = {1, 32, 16, 16, 1, 8};
    TrainStage stage;
    stage.size = 16;
    stage.batch = 2;
    stage.inputs = {1, 2};
    stage.targets = {1, 2};
    stage.steps = steps;
    stage.learning_rate = 3e-3;
    config.stages.push_back(stage);
    config.warm_up_steps = 2;
    config.precision = TrainPrecision::fp32;
    config.cache = {4, 2, 4};
    config.threads = 1;
    config.loader_threads = 2;
    config.checkpoint_minutes = 1000;
    config.evaluation_steps = 0;
    config.evaluation_scenes = 3;
    config.curve_steps = 1;
    return config;
}

/// Draws worlds, and stops the run where those of the held-out list are drawn.
DrawScene stopping_in_an_evaluation(std::stop_source& stop) {
    return [&stop](const WorldFamily& family, std::uint64_t seed, int views, int size) {
        if (seed >= held_out_seed_begin) {
            stop.request_stop();
        }
        return test::sphere_views(family, seed, views, size);
    };
}

class TrainerTest : public testing::Test {
  protected:
    TrainRequest request(const std::string& name, const TrainConfig& config) const {
        TrainRequest request;
        request.config = config;
        request.output = folder_.path() / name;
        request.device = "cpu";
        request.draw = test::sphere_views;
        request.revision = "test";
        return request;
    }
    TrainingState checkpoint(const std::string& name) const {
        auto state = read_training_state(RunFolder::checkpoint_of(folder_.path() / name));
        EXPECT_TRUE(state.has_value()) << state.error().message();
        return state.value_or(TrainingState{});
    }
    static void expect_same(const TrainingState& a, const TrainingState& b) {
        EXPECT_EQ(a.progress.step, b.progress.step);
        ASSERT_FALSE(a.parameters.empty());
        const auto compare = [](const std::map<std::string, at::Tensor>& x,
                                const std::map<std::string, at::Tensor>& y) {
            ASSERT_EQ(x.size(), y.size());
            for (const auto& [name, tensor] : x) {
                ASSERT_TRUE(y.contains(name));
                EXPECT_TRUE(at::equal(tensor, y.at(name))) << name;
            }
        };
        compare(a.parameters, b.parameters);
        compare(a.optimizer, b.optimizer);
    }

    test::TemporaryFolder folder_;
};

TEST_F(TrainerTest, EventsFilesAndFiguresOfAWholeRun) {
    TrainConfig config = micro(6);
    config.stages.push_back(config.stages[0]);
    config.stages[1].size = 24;
    config.stages[1].steps = 3;
    config.evaluation_steps = 4;
    std::vector<StepEvent> steps;
    std::vector<EvaluationEvent> evaluations;
    std::vector<long long> checkpoints;
    const TrainEvents events{[&](const StepEvent& event) { steps.push_back(event); },
                             [&](const EvaluationEvent& event) { evaluations.push_back(event); },
                             [&](long long step) { checkpoints.push_back(step); }};
    const auto summary = train(request("run", config), events);
    ASSERT_TRUE(summary.has_value()) << summary.error().message();
    EXPECT_TRUE(summary->finished);
    ASSERT_EQ(steps.size(), 9U);
    EXPECT_EQ(steps[5].size, 16);
    EXPECT_EQ(steps[6].size, 24);
    EXPECT_EQ(steps[8].scenes, 18);
    EXPECT_GT(steps[8].gradient_norm, 0);
    ASSERT_EQ(evaluations.size(), 4U);  // 4, the end of the first stage, 8, the end
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(evaluations[i].step, (std::array{4, 6, 8, 9}[i]));
        EXPECT_EQ(evaluations[i].size, (std::array{16, 16, 24, 24}[i]));
        EXPECT_EQ(evaluations[i].scores.at(0).name, "general");
        EXPECT_EQ(evaluations[i].scores[0].score.views, 12U);
        EXPECT_EQ(evaluations[i].images.size(), 3U);
    }
    EXPECT_EQ(checkpoints, std::vector<long long>{9});
    EXPECT_EQ(test::TemporaryFolder::names_in(folder_.path() / "run"),
              (std::set<std::string>{"checkpoint.safetensors", "config.json", "curve.csv", "run.json",
                                     "weights.safetensors"}));
    const auto status = nlohmann::json::parse(*read_file(folder_.path() / "run" / "run.json"));
    EXPECT_EQ(status.at("state"), "finished");
    EXPECT_EQ(status.at("steps_done"), 9);
    EXPECT_NEAR(status.at("evaluation").at("scores").at("general").at("psnr").get<double>(),
                evaluations[3].scores[0].score.psnr, 1e-9);
    const std::string curve = *read_file(folder_.path() / "run" / "curve.csv");
    EXPECT_EQ(std::count(curve.begin(), curve.end(), '\n'), 1 + 9 + 4);
    // Smaller sizes are forgotten: the weights say the last one alone.
    const auto weights = load_checkpoint(folder_.path() / "run" / "weights.safetensors");
    ASSERT_TRUE(weights);
    EXPECT_EQ(weights->info.trained_sizes, (std::vector<std::array<int, 2>>{{24, 24}}));
}

TEST_F(TrainerTest, SizesThatTakeTurnsAreAllTrainedAndMeasured) {
    TrainConfig config = micro(5);
    BatchShape large = config.stages[0];
    large.size = 24;
    config.stages[0].in_turn_with = {large};
    std::vector<int> sizes;
    std::vector<EvaluationEvent> evaluations;
    const TrainEvents events{[&](const StepEvent& event) { sizes.push_back(event.size); },
                             [&](const EvaluationEvent& event) { evaluations.push_back(event); },
                             {}};
    const auto summary = train(request("turns", config), events);
    ASSERT_TRUE(summary) << summary.error().message();
    EXPECT_EQ(sizes, (std::vector{16, 24, 16, 24, 16}));
    const EvaluationEvent& last = evaluations.back();
    EXPECT_EQ(last.size, 24);
    ASSERT_EQ(last.scores.size(), 2U);
    EXPECT_EQ(last.scores[0].name, "general");
    EXPECT_EQ(last.scores[1].name, "general 16x16");
    EXPECT_NE(last.scores[0].score.baseline.silhouette, last.scores[1].score.baseline.silhouette);
    const auto weights = load_checkpoint(folder_.path() / "turns" / "weights.safetensors");
    ASSERT_TRUE(weights) << weights.error().message();
    EXPECT_EQ(weights->info.trained_sizes, (std::vector<std::array<int, 2>>{{16, 16}, {24, 24}}));
    // A branch takes turns as well, and goes on from the checkpoint.
    TrainRequest branch = request("branch", config);
    branch.config.reset();
    branch.decay_from = folder_.path() / "turns";
    branch.decay_steps = 2;
    sizes.clear();
    ASSERT_TRUE(train(branch, events));
    EXPECT_EQ(sizes, (std::vector{16, 24}));
}

TEST_F(TrainerTest, WeightsAreTheMeasuredOnesAndSayHowTheyWereMade) {
    TrainConfig config = micro(5);
    config.rule = "mse,ns=fp32";
    const auto summary = train(request("run", config));
    ASSERT_TRUE(summary.has_value()) << summary.error().message();
    const auto path = folder_.path() / "run" / "weights.safetensors";
    const auto weights = load_checkpoint(path);
    ASSERT_TRUE(weights.has_value()) << weights.error().message();
    EXPECT_EQ(weights->config, config.model);
    EXPECT_EQ(weights->dtype, "bf16");
    EXPECT_EQ(weights->info.name, "micro");
    EXPECT_EQ(weights->info.ns_precision, "fp32");
    EXPECT_EQ(*parse_update_rule(weights->info.rule), *parse_update_rule("mse"));
    EXPECT_EQ(weights->info.trained_sizes, (std::vector<std::array<int, 2>>{{16, 16}}));
    EXPECT_EQ(weights->info.trained_views, (std::array<int, 2>{1, 2}));
    EXPECT_EQ(weights->info.background, "white");
    EXPECT_NEAR(weights->info.train_radius.value_or(0), 2.5, 0.1);  // the balls' cameras: 2 to 3
    const auto metadata = nlohmann::json::parse(weights->info.metadata_json);
    EXPECT_EQ(metadata.at("scenes_seen"), 10);
    EXPECT_EQ(metadata.at("generator_version"), 1);
    EXPECT_EQ(metadata.at("families"), nlohmann::json::parse(R"([{"name": "general", "version": 1}])"));
    EXPECT_TRUE(metadata.at("parent").is_null());
    // Measured from the file, by another path, it gives the figure that training gave.
    const auto model = Model::load(path, {"cpu", Precision::fp32, 1});
    ASSERT_TRUE(model.has_value());
    const std::vector<std::uint64_t> seeds{90'500'000, 90'500'001, 90'500'002};
    const auto scenes = draw_evaluation_scenes(general_family(), seeds, 8, 4, 16, test::sphere_views);
    const auto score = measure(**model, (*model)->trained_rule(), *scenes, {2, nullptr, 0});
    ASSERT_TRUE(score.has_value()) << score.error().message();
    EXPECT_NEAR(score->psnr, summary->last->score.psnr, 1e-3);
}

TEST_F(TrainerTest, AuxiliaryRowsAreTrainedAndStayOutOfTheWeightFile) {
    TrainConfig config = micro(4);
    config.families = {&vehicles_family()};
    config.auxiliary = {0.5, 0.5};
    TrainRequest asked = request("run", config);
    asked.draw = {};  // The generator's, with positions.
    ASSERT_TRUE(train(asked));
    const TrainingState state = checkpoint("run");
    const auto rows = state.parameters.find(TrainableNetwork::auxiliary_parameter);
    ASSERT_NE(rows, state.parameters.end());
    EXPECT_GT(rows->second.abs().max().item<double>(), 0);
    const auto weights = load_checkpoint(folder_.path() / "run" / "weights.safetensors");
    ASSERT_TRUE(weights) << weights.error().message();
    EXPECT_FALSE(weights->file.tensors.contains(TrainableNetwork::auxiliary_parameter));
    EXPECT_EQ(weights->config, config.model);
    EXPECT_EQ(weights->info.families, std::vector<std::string>{"vehicles"});
    // The run is opened again with them, and another one begins with the file that lacks them.
    asked.resume = true;
    EXPECT_TRUE(train(asked));
    TrainRequest next = request("next", config);
    next.draw = {};
    next.init = folder_.path() / "run" / "weights.safetensors";
    ASSERT_TRUE(train(next));
    const auto after = load_checkpoint(folder_.path() / "next" / "weights.safetensors");
    const auto metadata = nlohmann::json::parse(after->info.metadata_json);
    EXPECT_EQ(metadata.at("scenes_seen"), 8);
    EXPECT_EQ(metadata.at("scenes_seen_in_all"), 16);
    EXPECT_GE(metadata.at("hours_in_all"), metadata.at("hours"));
    // Drawn without positions, the losses cannot be computed: that is an error and no crash.
    next = request("blind", config);
    const auto blind = train(next);
    ASSERT_FALSE(blind);
    EXPECT_NE(blind.error().message().find("positions"), std::string::npos);
}

TEST_F(TrainerTest, ADecayBranchGoesOnFromARunThatStays) {
    ASSERT_TRUE(train(request("run", micro(6))));
    const TrainingState before = checkpoint("run");
    TrainRequest branch = request("branch", micro(6));
    branch.config.reset();
    branch.decay_from = folder_.path() / "run";
    branch.decay_steps = 4;
    std::vector<StepEvent> steps;
    const auto summary = train(branch, {[&](const StepEvent& step) { steps.push_back(step); }, {}, {}});
    ASSERT_TRUE(summary) << summary.error().message();
    EXPECT_EQ(summary->steps, 10);
    ASSERT_EQ(steps.size(), 4U);
    EXPECT_EQ(steps[0].step, 7);
    EXPECT_EQ(steps[0].scenes, 14);
    EXPECT_NEAR(steps[0].learning_rate, 3e-3, 1e-12);
    EXPECT_NEAR(steps[3].learning_rate, 3e-3 / 4, 1e-12);
    expect_same(checkpoint("run"), before);
    // The branch is a run of its own: it can be resumed, and cannot be begun twice.
    branch.resume = false;
    EXPECT_FALSE(train(branch));
    TrainRequest again = request("branch", micro(6));
    again.config.reset();
    again.resume = true;
    EXPECT_TRUE(train(again));
    branch.output = folder_.path() / "other";
    branch.decay_from = folder_.path() / "nowhere";
    EXPECT_FALSE(train(branch));
}

TEST_F(TrainerTest, ThePrecisionThatIsFasterIsChosenOnceAndKept) {
    TrainConfig config = micro(2);
    config.precision = TrainPrecision::automatic;
    std::vector<std::string> notes;
    const Job job{{}, [&](std::string_view note) { notes.emplace_back(note); }, {}};
    ASSERT_TRUE(train(request("run", config), {}, job));
    ASSERT_FALSE(notes.empty());
    EXPECT_NE(notes[0].find("scenes/s in bf16"), std::string::npos) << notes[0];
    const TrainPrecision chosen = checkpoint("run").config.precision;
    EXPECT_NE(chosen, TrainPrecision::automatic);
    TrainRequest more = request("run", config);
    more.resume = true;
    const auto resumed = train(more);
    ASSERT_TRUE(resumed) << resumed.error().message();
    EXPECT_EQ(checkpoint("run").config.precision, chosen);
}

TEST_F(TrainerTest, LossFallsWhereTwoScenesAreLearnedByHeart) {
    TrainConfig config = micro(150);
    config.stages[0].inputs = {2, 2};
    config.stages[0].targets = {2, 2};
    config.stages[0].learning_rate = 1e-2;
    config.augmentations = false;
    TrainRequest two = request("run", config);
    two.draw = [](const WorldFamily& family, std::uint64_t seed, int views, int size) {
        return test::sphere_views(family, seed % 2, views, size);
    };
    std::vector<double> losses;
    TrainEvents events;
    events.step = [&](const StepEvent& event) { losses.push_back(event.loss); };
    ASSERT_TRUE(train(two, events).has_value());
    const auto mean = [&](std::size_t first) {
        return std::accumulate(losses.begin() + static_cast<std::ptrdiff_t>(first),
                               losses.begin() + static_cast<std::ptrdiff_t>(first) + 10, 0.0) /
               10;
    };
    EXPECT_LT(mean(140), 0.5 * mean(0));
}

TEST_F(TrainerTest, AStoppedRunGoesOnBitForBit) {
    TrainConfig config = micro(9);
    config.workers = 2;  // Of one thread each.
    config.stages.push_back(config.stages[0]);
    config.stages[1].steps = 3;
    config.stages[1].decay = Decay::cosine;
    ASSERT_TRUE(train(request("whole", config)).has_value());
    for (const long long stop_after : {1, 5, 10}) {
        const std::string name = "stopped" + std::to_string(stop_after);
        std::stop_source stop;
        TrainEvents events;
        events.step = [&](const StepEvent& event) {
            if (event.step == stop_after) {
                stop.request_stop();
            }
        };
        const auto stopped = train(request(name, config), events, {{}, {}, stop.get_token()});
        ASSERT_TRUE(stopped.has_value()) << stopped.error().message();
        EXPECT_FALSE(stopped->finished);
        EXPECT_EQ(checkpoint(name).progress.step, stop_after);
        TrainRequest rest = request(name, config);
        rest.resume = true;
        rest.config.reset();
        const auto finished = train(rest);
        ASSERT_TRUE(finished.has_value()) << finished.error().message();
        EXPECT_TRUE(finished->finished);
        expect_same(checkpoint("whole"), checkpoint(name));
    }
}

TEST_F(TrainerTest, InitBeginsWithTheParentAndNamesIt) {
    ASSERT_TRUE(train(request("parent", micro(4))).has_value());
    const auto path = folder_.path() / "parent" / "weights.safetensors";
    TrainRequest child = request("child", micro(2));
    child.init = path;
    std::vector<EvaluationEvent> evaluations;
    TrainEvents events;
    events.evaluation = [&](const EvaluationEvent& event) { evaluations.push_back(event); };
    ASSERT_TRUE(train(child, events).has_value());
    ASSERT_EQ(evaluations.size(), 2U);
    EXPECT_EQ(evaluations[0].step, 0);  // the parent's own figure
    EXPECT_EQ(checkpoint("child").progress.parent, *sha256_of_file(path));
    const auto weights = load_checkpoint(folder_.path() / "child" / "weights.safetensors");
    EXPECT_EQ(nlohmann::json::parse(weights->info.metadata_json).at("parent"), *sha256_of_file(path));
    TrainConfig wider = micro(2);
    wider.model.d = 64;
    TrainRequest misfit = request("misfit", wider);
    misfit.init = path;
    const auto refused = train(misfit);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().what.find("d 32"), std::string::npos) << refused.error().what;
    EXPECT_NE(refused.error().what.find("d 64"), std::string::npos);
}

TEST_F(TrainerTest, InitComparesWidthsAndNotTheirQuotient) {
    TrainConfig config = micro(2);
    config.model.hidden_multiple = 1.49;  // 24 hidden channels, which are 1.5 times the 16 of a head.
    ASSERT_TRUE(train(request("parent", config)).has_value());
    TrainRequest child = request("child", config);
    child.init = folder_.path() / "parent" / "weights.safetensors";
    const auto summary = train(child);
    EXPECT_TRUE(summary.has_value()) << summary.error().message();
}

TEST_F(TrainerTest, AModelWithMoreLayersBeginsWithTheScoresOfItsParent) {
    ASSERT_TRUE(train(request("parent", micro(4))).has_value());
    TrainConfig deeper = micro(2);
    deeper.model.layers = 3;
    TrainRequest child = request("child", deeper);
    child.init = folder_.path() / "parent" / "weights.safetensors";
    std::vector<EvaluationEvent> evaluations;
    TrainEvents events;
    events.evaluation = [&](const EvaluationEvent& event) { evaluations.push_back(event); };
    ASSERT_TRUE(train(child, events).has_value());
    TrainRequest same = request("same", micro(1));
    same.init = child.init;
    ASSERT_TRUE(train(same, events).has_value());
    ASSERT_EQ(evaluations.size(), 4U);
    EXPECT_EQ(evaluations[0].scores.front().score.psnr, evaluations[2].scores.front().score.psnr);
    const auto weights = load_checkpoint(folder_.path() / "child" / "weights.safetensors");
    ASSERT_TRUE(weights.has_value()) << weights.error().message();
    EXPECT_EQ(weights->config.layers, 3);
    // Fewer layers are refused, as another width is.
    TrainRequest misfit = request("misfit", micro(1));
    misfit.init = folder_.path() / "child" / "weights.safetensors";
    const auto refused = train(misfit);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("has layers 3"), std::string::npos) << refused.error().message();
}

TEST_F(TrainerTest, CountsOfTheParentThatAreNoneAreLeftOut) {
    ASSERT_TRUE(train(request("parent", micro(2))).has_value());
    auto weights = load_checkpoint(folder_.path() / "parent" / "weights.safetensors");
    ASSERT_TRUE(weights.has_value());
    const auto path = folder_.path() / "parent.safetensors";
    struct Case {
        nlohmann::json scenes, hours;
        long long scenes_before;
        double hours_before;
    };
    const std::vector<Case> cases{{7, 1.5, 7, 1.5},
                                  {1e300, 1e300, 4, 2},  // 4 and 2: of the last run.
                                  {-3, -1, 4, 2},
                                  {2.5, "long", 4, 2}};
    int number = 0;
    for (const Case& one : cases) {
        auto metadata = nlohmann::json::parse(weights->info.metadata_json);
        metadata["scenes_seen_in_all"] = one.scenes;
        metadata["hours_in_all"] = one.hours;
        metadata["hours"] = 2;
        weights->file.metadata["lact"] = metadata.dump();
        ASSERT_TRUE(write_checkpoint(*weights, path, StoredType::keep));
        const std::string name = "child" + std::to_string(number++);
        TrainRequest child = request(name, micro(1));
        child.init = path;
        const auto summary = train(child);
        ASSERT_TRUE(summary.has_value()) << summary.error().message();
        EXPECT_EQ(checkpoint(name).progress.scenes_before, one.scenes_before) << one.scenes;
        EXPECT_EQ(checkpoint(name).progress.hours_before, one.hours_before) << one.hours;
    }
}

/// Draws worlds of one ball; held-out ones only while `broken` is false.
DrawScene held_out_unless(const std::atomic<bool>& broken) {
    return [&broken](const WorldFamily& family, std::uint64_t seed, int views, int size) {
        if (broken && seed >= held_out_seed_begin) {
            throw std::runtime_error("no memory for this scene");
        }
        return test::sphere_views(family, seed, views, size);
    };
}

TEST_F(TrainerTest, AnEvaluationThatFailsDoesNotEndTheRun) {
    TrainConfig config = micro(6);
    config.evaluation_steps = 2;
    std::atomic<bool> broken{true};
    TrainRequest asked = request("run", config);
    asked.draw = held_out_unless(broken);
    std::vector<long long> evaluated;
    TrainEvents events;
    events.step = [&](const StepEvent& event) { broken = event.step < 4; };
    events.evaluation = [&](const EvaluationEvent& event) { evaluated.push_back(event.step); };
    std::vector<std::string> notes;
    const Job job{{}, [&](std::string_view note) { notes.emplace_back(note); }, {}};
    const auto summary = train(asked, events, job);
    ASSERT_TRUE(summary.has_value()) << summary.error().message();
    EXPECT_TRUE(summary->finished);
    EXPECT_EQ(evaluated, (std::vector<long long>{4, 6}));
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_NE(notes[0].find("no evaluation at step 2"), std::string::npos) << notes[0];
}

TEST_F(TrainerTest, WhereTheLastEvaluationFailsTheRunIsWritten) {
    std::atomic<bool> broken{true};
    TrainRequest asked = request("run", micro(3));
    asked.draw = held_out_unless(broken);
    const auto failed = train(asked);
    ASSERT_FALSE(failed.has_value());
    EXPECT_NE(failed.error().message().find("held-out scenes"), std::string::npos);
    EXPECT_EQ(checkpoint("run").progress.step, 3);
    EXPECT_TRUE(load_checkpoint(folder_.path() / "run" / "weights.safetensors"));
    const auto status = nlohmann::json::parse(*read_file(folder_.path() / "run" / "run.json"));
    EXPECT_EQ(status.at("state"), "failed");
    broken = false;
    asked.resume = true;
    const auto evaluated = train(asked);
    ASSERT_TRUE(evaluated.has_value()) << evaluated.error().message();
    EXPECT_TRUE(evaluated->finished);
    EXPECT_TRUE(evaluated->last.has_value());
}

TEST_F(TrainerTest, ARunStoppedInItsFirstEvaluationIsStoppedAndNotFailed) {
    ASSERT_TRUE(train(request("parent", micro(2))).has_value());
    TrainRequest child = request("child", micro(2));
    child.init = folder_.path() / "parent" / "weights.safetensors";
    std::stop_source stop;
    child.draw = stopping_in_an_evaluation(stop);
    const auto stopped = train(child, {}, {{}, {}, stop.get_token()});
    ASSERT_TRUE(stopped.has_value()) << stopped.error().message();
    EXPECT_FALSE(stopped->finished);
    EXPECT_EQ(stopped->steps, 0);
    const auto status = nlohmann::json::parse(*read_file(folder_.path() / "child" / "run.json"));
    EXPECT_EQ(status.at("state"), "stopped");
    EXPECT_FALSE(status.contains("error"));
    TrainRequest rest = request("child", micro(2));
    rest.resume = true;
    const auto finished = train(rest);
    ASSERT_TRUE(finished.has_value()) << finished.error().message();
    EXPECT_EQ(finished->steps, 2);
    EXPECT_FALSE(checkpoint("child").progress.parent.empty());
    EXPECT_NE(read_file(folder_.path() / "child" / "curve.csv")->find("\n0,"), std::string::npos)
        << "the score before training was made up for";
}

TEST_F(TrainerTest, AnEvaluationThatAStopEndedIsMadeUpForOnce) {
    TrainConfig config = micro(6);
    config.evaluation_steps = 3;
    const auto rows_of_evaluations = [&] {
        const std::string curve = read_file(folder_.path() / "run" / "curve.csv").value_or("");
        std::size_t rows = 0;
        for (std::size_t at = curve.find(",general,"); at != std::string::npos;
             at = curve.find(",general,", at + 1)) {
            ++rows;
        }
        return rows;
    };
    std::stop_source stop;
    TrainRequest first = request("run", config);
    first.draw = stopping_in_an_evaluation(stop);
    const auto stopped = train(first, {}, {{}, {}, stop.get_token()});
    ASSERT_TRUE(stopped.has_value()) << stopped.error().message();
    EXPECT_EQ(stopped->steps, 3);
    EXPECT_EQ(rows_of_evaluations(), 0U);
    std::vector<long long> evaluated;
    const TrainEvents events{{}, [&](const EvaluationEvent& event) { evaluated.push_back(event.step); }, {}};
    TrainRequest rest = request("run", config);
    rest.resume = true;
    ASSERT_TRUE(train(rest, events).has_value());
    EXPECT_EQ(evaluated, (std::vector<long long>{3, 6}));
    EXPECT_EQ(rows_of_evaluations(), 2U);
}

TEST_F(TrainerTest, ARunThatIsResumedAtItsEndHasOneRowOfItsEvaluation) {
    ASSERT_TRUE(train(request("run", micro(3))).has_value());
    const auto curve = folder_.path() / "run" / "curve.csv";
    const std::string once = read_file(curve).value_or("");
    EXPECT_EQ(std::count(once.begin(), once.end(), '\n'), 1 + 3 + 1);
    TrainRequest again = request("run", micro(3));
    again.resume = true;
    ASSERT_TRUE(train(again).has_value());
    EXPECT_EQ(read_file(curve).value_or("?"), once);
}

TEST_F(TrainerTest, TheTrainingPsnrIsUnknownBeforeTheFirstStepThatCounts) {
    TrainRequest broken = request("run", micro(3));
    broken.draw = [](const WorldFamily& family, std::uint64_t seed, int views, int size) {
        GeneratedViews result = test::sphere_views(family, seed, views, size);
        for (Camera& camera : result.cameras) {
            camera.fx = seed < held_out_seed_begin ? std::numeric_limits<double>::quiet_NaN() : camera.fx;
        }
        return result;
    };
    std::vector<double> psnr;
    TrainEvents events;
    events.step = [&](const StepEvent& event) { psnr.push_back(event.psnr); };
    ASSERT_TRUE(train(broken, events).has_value());
    ASSERT_EQ(psnr.size(), 3U);
    EXPECT_TRUE(std::ranges::all_of(psnr, [](double value) { return std::isnan(value); }));
    const std::string curve = read_file(folder_.path() / "run" / "curve.csv").value_or("inf");
    EXPECT_EQ(curve.find("inf"), std::string::npos) << curve;
}

TEST_F(TrainerTest, StepsWithoutFiniteGradientsAreSkippedAndCounted) {
    TrainRequest broken = request("run", micro(8));
    const std::uint64_t poisoned = SampleOrder(*broken.config).batch(3).samples[0].seed;
    broken.draw = [poisoned](const WorldFamily& family, std::uint64_t seed, int views, int size) {
        GeneratedViews result = test::sphere_views(family, seed, views, size);
        if (seed == poisoned && size > 8) {
            for (Camera& camera : result.cameras) {
                camera.c2w(0, 3) = std::numeric_limits<double>::quiet_NaN();
            }
        }
        return result;
    };
    long long skipped = 0;
    TrainEvents events;
    events.step = [&](const StepEvent& event) { skipped += event.skipped ? 1 : 0; };
    ASSERT_TRUE(train(broken, events).has_value());
    EXPECT_GE(skipped, 1);
    EXPECT_LE(skipped, 2);  // the world is used twice
    const TrainingState state = checkpoint("run");
    EXPECT_EQ(state.progress.skipped, skipped);
    for (const auto& [name, tensor] : state.parameters) {
        EXPECT_TRUE(at::isfinite(tensor).all().item<bool>()) << name;
    }
}

TEST_F(TrainerTest, ARunThatDivergedEndsWithAdvice) {
    TrainRequest broken = request("run", micro(150));
    broken.draw = [](const WorldFamily& family, std::uint64_t seed, int views, int size) {
        GeneratedViews result = test::sphere_views(family, seed, views, size);
        for (Camera& camera : result.cameras) {
            camera.fx = std::numeric_limits<double>::quiet_NaN();
        }
        return result;
    };
    const auto result = train(broken);
    ASSERT_FALSE(result.has_value());
    EXPECT_NE(result.error().message().find("learning rate"), std::string::npos);
    const auto status = nlohmann::json::parse(*read_file(folder_.path() / "run" / "run.json"));
    EXPECT_EQ(status.at("state"), "failed");
    EXPECT_NE(status.at("error").get<std::string>().find("100 steps"), std::string::npos);
}

TEST_F(TrainerTest, AFullDiskIsWarnedOfAndTheCheckpointBeforeStays) {
    TrainConfig config = micro(8);
    config.checkpoint_minutes = 0;
    std::optional<test::FileSizeLimit> limit;
    std::vector<std::string> notes;
    std::vector<long long> written;
    std::optional<TrainingState> during;
    TrainEvents events;
    events.step = [&](const StepEvent& event) {
        if (event.step == 4) {
            limit.emplace(4096);
        }
        if (event.step == 6) {
            limit.reset();
            during = checkpoint("run");
        }
    };
    events.checkpoint = [&](long long step) { written.push_back(step); };
    Job job;
    job.note = [&](std::string_view sentence) { notes.emplace_back(sentence); };
    const auto summary = train(request("run", config), events, job);
    ASSERT_TRUE(summary.has_value()) << summary.error().message();
    EXPECT_TRUE(summary->finished);
    EXPECT_EQ(written, (std::vector<long long>{1, 2, 3, 6, 7, 8, 8}));
    ASSERT_TRUE(during.has_value());
    EXPECT_EQ(during->progress.step, 3);
    const auto warned = std::count_if(notes.begin(), notes.end(), [](const std::string& note) {
        return note.find("no checkpoint at step") != std::string::npos &&
               note.find("that of step 3") != std::string::npos;
    });
    EXPECT_EQ(warned, 2);
}

TEST_F(TrainerTest, AnEndThatCannotBeWrittenIsAnError) {
    std::optional<test::FileSizeLimit> limit;
    TrainEvents events;
    events.step = [&](const StepEvent& event) {
        if (event.step == 2) {
            limit.emplace(4096);
        }
    };
    const auto summary = train(request("run", micro(3)), events);
    limit.reset();
    ASSERT_FALSE(summary.has_value());
    EXPECT_NE(summary.error().message().find("checkpoint.safetensors"), std::string::npos);
}

TEST_F(TrainerTest, ARunThatEndedBeforeItsFirstCheckpointCanBeBegunAgain) {
    const auto run = folder_.path() / "run";
    std::filesystem::create_directories(run);
    ASSERT_TRUE(write_file_atomically(run / "config.json", format_train_config(micro(3))).has_value());
    const auto begun = train(request("run", micro(3)));
    ASSERT_TRUE(begun.has_value()) << begun.error().message();
    // Its weights may be all that a user has kept.
    std::filesystem::remove(run / "checkpoint.safetensors");
    const auto refused = train(request("run", micro(3)));
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("weights.safetensors"), std::string::npos);
}

TEST_F(TrainerTest, FilesOfTheUserAreNotReplaced) {
    for (const char* name : {"config.json", "curve.csv", "run.json"}) {
        const auto run = folder_.path() / (std::string("at-") + name);
        std::filesystem::create_directories(run);
        for (const char* own : {"{\"mine\": 1}", "my,columns\n1,2\n", ""}) {
            ASSERT_TRUE(write_file_atomically(run / name, own).has_value());
            for (const bool resume : {false, true}) {
                TrainRequest asked = request(std::string("at-") + name, micro(3));
                asked.resume = resume;
                const auto begun = train(asked);
                ASSERT_FALSE(begun.has_value()) << name;
                EXPECT_NE(begun.error().message().find(name), std::string::npos) << begun.error().message();
                EXPECT_EQ(read_file(run / name).value_or("?"), own);
                EXPECT_EQ(test::TemporaryFolder::names_in(run), std::set<std::string>{name});
            }
        }
    }
}

TEST_F(TrainerTest, ResumingWithoutACheckpointReplacesNoWeights) {
    const auto run = folder_.path() / "run";
    ASSERT_TRUE(train(request("run", micro(3))).has_value());
    const std::string weights = *read_file(run / "weights.safetensors");
    const std::string curve = *read_file(run / "curve.csv");
    std::filesystem::rename(run / "checkpoint.safetensors", folder_.path() / "elsewhere");
    TrainRequest resumed = request("run", micro(5));
    resumed.resume = true;
    for (const bool link : {false, true}) {
        if (link) {
            std::filesystem::create_symlink(folder_.path() / "not-mounted", run / "checkpoint.safetensors");
        }
        const auto refused = train(resumed);
        ASSERT_FALSE(refused.has_value());
        EXPECT_NE(refused.error().message().find("checkpoint.safetensors"), std::string::npos);
        EXPECT_EQ(read_file(run / "weights.safetensors").value_or(""), weights);
        EXPECT_EQ(read_file(run / "curve.csv").value_or(""), curve);
    }
}

TEST_F(TrainerTest, ACurveThatCannotBeReadIsNotReplaced) {
    ASSERT_TRUE(train(request("run", micro(3))).has_value());
    const auto curve = folder_.path() / "run" / "curve.csv";
    std::filesystem::remove(curve);
    std::filesystem::create_directory(curve);
    TrainRequest resumed = request("run", micro(3));
    resumed.resume = true;
    const auto refused = train(resumed);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("curve.csv"), std::string::npos);
}

TEST_F(TrainerTest, AConfigurationThatCouldNotBeReadBackIsRefusedAtOnce) {
    TrainConfig config = micro(3);
    config.stages[0].steps = 2'000'000'000;
    const auto refused = train(request("run", config));
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("stages[0].steps"), std::string::npos)
        << refused.error().message();
    EXPECT_FALSE(std::filesystem::exists(folder_.path() / "run"));
}

TEST_F(TrainerTest, WhatCannotBeResumedSaysWhy) {
    TrainRequest nothing = request("nothing", micro(3));
    nothing.resume = true;
    nothing.config.reset();
    EXPECT_FALSE(train(nothing).has_value());
    ASSERT_TRUE(train(request("run", micro(3))).has_value());
    const auto twice = train(request("run", micro(3)));
    ASSERT_FALSE(twice.has_value());
    EXPECT_NE(twice.error().message().find("--resume"), std::string::npos);
    TrainConfig other = micro(3);
    other.stages[0].batch = 4;
    TrainRequest changed = request("run", other);
    changed.resume = true;
    const auto refused = train(changed);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("stages[0].batch: 4, not 2"), std::string::npos);
    TrainRequest finished = request("run", micro(3));
    finished.resume = true;
    const auto again = train(finished);
    ASSERT_TRUE(again.has_value()) << again.error().message();
    EXPECT_EQ(again->steps, 3);
}

}  // namespace
}  // namespace lact
