#include "app/runtime/training_watch.h"

#include "app/document/open_target.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace lact::app {

namespace {

using namespace std::chrono_literals;
using lact::test::TemporaryFolder;

constexpr const char* header =
    "step,scenes,hours,stage,size,learning_rate,loss,train_psnr,gradient_norm,skipped,scenes_per_second,"
    "heldout,psnr,psnr_foreground,nearest_view,white,silhouette\n";
constexpr const char* rows =
    "0,0,0.0,0,64,,,,,,,object,20.5,15.0,17.2,12.3,22.2\n"
    "10,160,0.01,0,64,0.001,0.02,18.9,0.02,0,4.0,,,,,,\n"
    "20,320,0.02,0,64,0.0009,0.01,19.1,0.02,0,4.0,object,21.5,15.5,17.2,12.3,22.2\n";

std::string status(int done) {
    return R"({"state": "running", "name": "mini", "device": "cpu", "steps_done": )" + std::to_string(done) +
           R"(, "steps": 100, "last_step": {"scenes_per_second": 4.5, "hours": 0.02}})";
}

TEST(ReadTraining, FindsCurvesByTheirNames) {
    const TemporaryFolder folder;
    (void)folder.file("run.json", status(20));
    (void)folder.file("curve.csv", std::string(header) + rows);
    const auto view = read_training(folder.path());
    ASSERT_TRUE(view) << view.error().message();
    EXPECT_EQ(view->name, "mini");
    EXPECT_EQ(view->steps_done, 20);
    ASSERT_EQ(view->train_psnr.size(), 2U);
    EXPECT_DOUBLE_EQ(view->train_psnr[1].value, 19.1);
    ASSERT_EQ(view->held_out.size(), 2U);
    EXPECT_DOUBLE_EQ(view->held_out[1].step, 20);
    EXPECT_DOUBLE_EQ(view->held_out[1].value, 21.5);
    EXPECT_DOUBLE_EQ(view->nearest_view[0].value, 17.2);
    EXPECT_EQ(view->learning_rate.size(), 2U);
    EXPECT_EQ(view->sheet, nullptr);
}

TEST(ReadTraining, PassesOverARowThatIsBeingWritten) {
    const TemporaryFolder folder;
    (void)folder.file("run.json", status(20));
    for (const char* tail : {"3", "30,480", "x,y,z", "30,480,0.03,0,64,0.0008,0.01,"}) {
        (void)folder.file("curve.csv", std::string(header) + rows + tail);
        const auto view = read_training(folder.path());
        ASSERT_TRUE(view);
        EXPECT_EQ(view->train_psnr.size(), 2U) << tail;
        EXPECT_EQ(view->held_out.size(), 2U) << tail;
    }
}

TEST(ReadTraining, SaysWhatIsWrong) {
    const TemporaryFolder folder;
    EXPECT_NE(read_training(folder.path()).error().message().find("run.json"), std::string::npos);
    for (const char* text : {"", "[]", "{", R"({"steps": "many"})"}) {
        (void)folder.file("run.json", text);
        EXPECT_FALSE(read_training(folder.path())) << text;
    }
}

TEST(ReadTraining, ASheetThatCouldNotBeReadIsReadAgain) {
    const TemporaryFolder folder;
    (void)folder.file("run.json", status(20));
    std::filesystem::create_directories(folder.path() / "sheets");
    (void)folder.file("sheets/step_20.png", "half of a sheet");
    const auto first = read_training(folder.path());
    ASSERT_TRUE(first) << first.error().message();
    EXPECT_EQ(first->sheet_name, "step_20.png");
    EXPECT_EQ(first->sheet, nullptr);
    std::filesystem::copy_file(std::filesystem::path(LACT_ASSETS_DIR) / "scenes/bouquet/images/025.png",
                               folder.path() / "sheets/step_20.png",
                               std::filesystem::copy_options::overwrite_existing);
    const auto second = read_training(folder.path(), &*first);
    ASSERT_TRUE(second) << second.error().message();
    ASSERT_NE(second->sheet, nullptr);
    const auto third = read_training(folder.path(), &*second);
    ASSERT_TRUE(third) << third.error().message();
    EXPECT_EQ(third->sheet, second->sheet) << "read once";
}

TEST(OpenDispatch, KnowsTheFolderOfARun) {
    const TemporaryFolder folder;
    EXPECT_EQ(dispatch_path(folder.path()).kind, OpenKind::unknown);
    (void)folder.file("run.json", status(1));
    EXPECT_EQ(dispatch_path(folder.path()).kind, OpenKind::training);
}

TEST(TrainingWatch, NoticesThatARunWentOn) {
    const TemporaryFolder folder;
    (void)folder.file("run.json", status(20));
    std::mutex mutex;
    std::condition_variable changed;
    bool woken = false;
    TrainingWatch watch([&] {
        const std::scoped_lock lock(mutex);
        woken = true;
        changed.notify_all();
    });
    EXPECT_TRUE(watch.views().empty());
    ASSERT_TRUE(watch.open(folder.path()));
    EXPECT_EQ(watch.views().at(0)->steps_done, 20);
    (void)folder.file("run.json", status(30));
    std::unique_lock lock(mutex);
    ASSERT_TRUE(changed.wait_for(lock, 120s, [&] { return woken; }));
    EXPECT_EQ(watch.views().at(0)->steps_done, 30);
    EXPECT_FALSE(watch.open(folder.path() / "nothing"));
    EXPECT_EQ(watch.views().at(0)->steps_done, 30);
    woken = false;
    std::filesystem::rename(folder.path() / "run.json", folder.path() / "away.json");
    ASSERT_TRUE(changed.wait_for(lock, 120s, [&] { return woken; }));
    EXPECT_EQ(watch.views().at(0)->state, unreadable_training) << "not running for ever";
    EXPECT_EQ(watch.views().at(0)->steps_done, 30);
    woken = false;
    std::filesystem::rename(folder.path() / "away.json", folder.path() / "run.json");
    ASSERT_TRUE(changed.wait_for(lock, 120s, [&] { return woken; }));
    EXPECT_NE(watch.views().at(0)->state, unreadable_training);
}

TEST(TrainingWatch, KeepsSeveralRunsInTheirOrder) {
    const TemporaryFolder folder;
    TrainingWatch watch({});
    std::vector<std::filesystem::path> runs;
    for (std::size_t i = 0; i <= TrainingWatch::most; ++i) {
        std::filesystem::create_directories(folder.path() / ("run" + std::to_string(i)));
        (void)folder.file("run" + std::to_string(i) + "/run.json", status(static_cast<int>(i)));
        runs.push_back(folder.path() / ("run" + std::to_string(i)));
        ASSERT_TRUE(watch.open(runs.back()));
    }
    ASSERT_EQ(watch.views().size(), TrainingWatch::most);
    EXPECT_EQ(watch.views().front()->folder, runs[1]);  // The oldest made room.
    EXPECT_EQ(watch.views().back()->steps_done, static_cast<long long>(TrainingWatch::most));
    ASSERT_TRUE(watch.open(runs[2]));  // Already there: stays in its place.
    EXPECT_EQ(watch.views().size(), TrainingWatch::most);
    EXPECT_EQ(watch.views()[1]->folder, runs[2]);
    ASSERT_TRUE(watch.close(runs[2]));
    EXPECT_EQ(watch.views()[1]->folder, runs[3]);
    EXPECT_FALSE(watch.close(runs[2]));
}

TEST(ReadTraining, ARunThatWasKilledIsNotRunning) {
    const TemporaryFolder folder;
    const auto state_of = [&](long long pid, long long updated) {
        (void)folder.file("run.json",
                          nlohmann::json{{"state", "running"}, {"pid", pid}, {"updated", updated}}.dump());
        const auto view = read_training(folder.path(), nullptr);
        return view ? view->state : view.error().message();
    };
    constexpr long long nobody = 2'000'000'000;  // Above all numbers of processes.
    EXPECT_NE(state_of(nobody, 1).find("ended early"), std::string::npos) << state_of(nobody, 1);
    EXPECT_EQ(state_of(::getpid(), 1), "running");
    EXPECT_EQ(state_of(nobody, std::time(nullptr)), "running") << "on another machine";
    EXPECT_EQ(state_of(-1, 1), "running");
}

TEST(ReadTraining, TheFamilysRowCountsAndNotThoseOfWatchedScenes) {
    const TemporaryFolder folder;
    (void)folder.file("run.json", R"({"state": "running", "checkpoint_step": 7})");
    (void)folder.file("curve.csv", std::string(header) +
                                       "20,320,0.5,0,64,,,,,,,vehicles,24.5,18.5,17.2,12.3,22.2\n"
                                       "20,320,0.5,0,64,,,,,,,gso_toy,19.0,15.5,17.2,12.3,22.2\n");
    const auto view = read_training(folder.path());
    ASSERT_TRUE(view) << view.error().message();
    EXPECT_EQ(view->checkpoint_step, 7);
    ASSERT_EQ(view->held_out.size(), 1U);
    EXPECT_DOUBLE_EQ(view->held_out[0].value, 24.5);
    EXPECT_DOUBLE_EQ(view->held_out[0].scenes, 320);
    EXPECT_DOUBLE_EQ(view->held_out[0].hours, 0.5);
}

}  // namespace

}  // namespace lact::app
