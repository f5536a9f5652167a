#include "engine/train/training_state.h"

#include "engine/core/files.h"
#include "engine/model/safetensors.h"
#include "engine/train/run_folder.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

#include <limits>

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

TrainConfig state_config() {
    TrainConfig config;
    config.model = {2, 64, 16, 32, 1, 8};
    config.stages.emplace_back();
    return config;
}

TrainingState state(long long step) {
    TrainingState state{state_config(), {step, 2, 1.5, 0.125, "abc", "rev"}, {}, {}};
    state.parameters["a.weight"] = at::rand({3, 5});
    state.parameters["b.weight"] = at::rand({7});
    state.optimizer["first.a.weight"] = at::rand({3, 5}, at::kDouble);
    state.optimizer["steps"] = at::full({1}, step, at::kLong);
    return state;
}

void expect_equal_tensors(const std::map<std::string, at::Tensor>& a,
                          const std::map<std::string, at::Tensor>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (const auto& [name, tensor] : a) {
        ASSERT_TRUE(b.contains(name)) << name;
        EXPECT_TRUE(at::equal(tensor, b.at(name))) << name;
        EXPECT_EQ(tensor.scalar_type(), b.at(name).scalar_type());
    }
}

TEST(TrainingState, ReadsBackWhatWasWritten) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "checkpoint.safetensors";
    const TrainingState before = state(17);
    ASSERT_TRUE(write_training_state(path, before).has_value());
    auto after = read_training_state(path);
    ASSERT_TRUE(after.has_value()) << after.error().message();
    EXPECT_EQ(after->config, before.config);
    EXPECT_EQ(after->progress.step, 17);
    EXPECT_EQ(after->progress.skipped, 2);
    EXPECT_EQ(after->progress.seconds, 1.5);
    EXPECT_EQ(after->progress.smoothed_mse, 0.125);
    EXPECT_EQ(after->progress.parent, "abc");
    EXPECT_EQ(after->progress.revision, "rev");
    expect_equal_tensors(before.parameters, after->parameters);
    expect_equal_tensors(before.optimizer, after->optimizer);
    after->parameters.at("a.weight").add_(1);  // not a view of the file
    EXPECT_EQ(folder.names(), std::set<std::string>{"checkpoint.safetensors"});
}

TEST(TrainingState, AFullDiskLeavesTheOneBefore) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "checkpoint.safetensors";
    const TrainingState before = state(3);
    ASSERT_TRUE(write_training_state(path, before).has_value());
    TrainingState larger = state(4);
    larger.parameters["c.weight"] = at::rand({100, 100});
    {
        const test::FileSizeLimit limit(8192);
        const auto written = write_training_state(path, larger);
        ASSERT_FALSE(written.has_value());
        EXPECT_NE(written.error().message().find(path.string()), std::string::npos);
        EXPECT_NE(written.error().message().find("cannot be written"), std::string::npos);
    }
    const auto after = read_training_state(path);
    ASSERT_TRUE(after.has_value());
    EXPECT_EQ(after->progress.step, 3);
    expect_equal_tensors(before.parameters, after->parameters);
    EXPECT_EQ(folder.names(), std::set<std::string>{"checkpoint.safetensors"});
}

TEST(TrainingState, OtherFilesAreRefused) {
    const test::TemporaryFolder folder;
    EXPECT_FALSE(read_training_state(folder.path() / "nowhere").has_value());
    const auto weights = read_training_state(LACT_ASSETS_DIR "/weights/general.safetensors");
    ASSERT_FALSE(weights.has_value());
    EXPECT_NE(weights.error().message().find("--init"), std::string::npos);
    const auto path = folder.path() / "x.safetensors";
    const nlohmann::json good{{"version", 1},        {"step", 5},
                              {"skipped", 0},        {"seconds", 0.0},
                              {"smoothed_mse", 0.0}, {"parent", ""},
                              {"revision", ""},      {"config", format_train_config(state_config())}};
    const auto with = [&](const char* field, const nlohmann::json& value) {
        nlohmann::json changed = good;
        changed[field] = value;
        EXPECT_TRUE(
            write_safetensors(path, {{{"parameters.a", at::ones({2})}}, {{"lact_training", changed.dump()}}})
                .has_value());
        return read_training_state(path);
    };
    EXPECT_TRUE(with("step", 5).has_value());
    EXPECT_NE(with("version", 2).error().message().find("version 2"), std::string::npos);
    EXPECT_NE(with("step", 5000).error().message().find("5000 of 1000"), std::string::npos);
    EXPECT_FALSE(with("step", "x").has_value());
    EXPECT_FALSE(with("step", -1).has_value());
    for (const char* name : {"step", "skipped", "scenes_before"}) {
        EXPECT_FALSE(with(name, 1e300).has_value()) << name;
        EXPECT_FALSE(with(name, 2.5).has_value()) << name;
        EXPECT_FALSE(with(name, std::numeric_limits<std::uint64_t>::max()).has_value()) << name;
        EXPECT_FALSE(with(name, std::numeric_limits<long long>::max()).has_value()) << name;
    }
    EXPECT_FALSE(with("seconds", -1).has_value());
    EXPECT_FALSE(with("smoothed_mse", nullptr).has_value());
    EXPECT_FALSE(with("config", "{}").has_value());
    EXPECT_FALSE(with("parent", 3).has_value());
}

TEST(RunFolder, KeepsRowsUpToTheCheckpointAndDropsARowCutOff) {
    const test::TemporaryFolder folder;
    {
        auto run = RunFolder::create(folder.path() / "run", state_config());
        ASSERT_TRUE(run.has_value()) << run.error().message();
        for (const long long step : {10, 20, 30}) {
            StepEvent event;
            event.step = step;
            ASSERT_TRUE(run->add_row(event).has_value());
        }
    }
    const auto curve = folder.path() / "run" / "curve.csv";
    const std::string whole = *read_file(curve);
    ASSERT_TRUE(write_file_atomically(curve, whole + "2").has_value());
    auto run = RunFolder::reopen(folder.path() / "run", state_config(), 20);
    ASSERT_TRUE(run.has_value());
    const std::string kept = *read_file(curve);
    EXPECT_EQ(std::count(kept.begin(), kept.end(), '\n'), 3);  // header, 10, 20
    EXPECT_NE(kept.find("\n20,"), std::string::npos);
    EXPECT_EQ(kept.find("\n30,"), std::string::npos);
    EXPECT_EQ(whole.substr(0, kept.size()), kept);
}

TEST(RunFolder, AFolderWithARunIsRefused) {
    const test::TemporaryFolder folder;
    const auto create = [&] { return RunFolder::create(folder.path() / "run", state_config()); };
    ASSERT_TRUE(create().has_value());
    EXPECT_TRUE(create().has_value());  // Without a checkpoint there is nothing to continue.
    {
        const auto running = create();
        ASSERT_TRUE(running.has_value());
        EXPECT_FALSE(create().has_value());  // Another run writes there.
    }
    ASSERT_TRUE(write_file_atomically(folder.path() / "run" / "weights.safetensors", "x").has_value());
    const auto again = create();
    ASSERT_FALSE(again.has_value());
    EXPECT_NE(again.error().message().find("--resume"), std::string::npos);
    (void)folder.file("other.txt", "x");
    EXPECT_TRUE(RunFolder::create(folder.path(), state_config()).has_value());  // other files do not matter
    EXPECT_FALSE(RunFolder::create("/proc/nowhere", state_config()).has_value());
}

}  // namespace
}  // namespace lact
