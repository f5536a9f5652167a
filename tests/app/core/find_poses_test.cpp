#include "app/core/find_poses.h"

#include "engine/scene/image.h"
#include "engine/scene/scene.h"
#include "tests/app/stand_in_colmap.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lact::app {
namespace {

namespace fs = std::filesystem;
using lact::test::TemporaryFolder;
using test::write_script;

struct Ran {
    Result<ChildEnd> end;
    std::vector<std::string> lines;
};

Ran run_script(const std::string& commands, const std::vector<std::string>& arguments = {},
               std::stop_token stop = {}) {
    const TemporaryFolder folder;
    std::vector<std::string> lines;
    auto end = run_child(
        write_script(folder, "child", commands), arguments,
        [&](std::string_view line) { lines.emplace_back(line); }, stop);
    return {std::move(end), lines};
}

TEST(ChildProcess, GivesItsLinesAndItsEnd) {
    const Ran ran = run_script("echo \"one $1\"; echo two >&2; printf 'three\\rfour'; exit 7", {"a b"});
    ASSERT_TRUE(ran.end);
    EXPECT_EQ(ran.end->exit_code, 7);
    EXPECT_EQ(ran.lines, (std::vector<std::string>{"one a b", "two", "three", "four"}));
    EXPECT_EQ(run_script("kill -9 $$").end->exit_code, 128 + 9);
    EXPECT_FALSE(run_child("/nowhere/at/all", {}, {}));
}

TEST(ChildProcess, ReadsNothingAndWaitsForNoGrandchild) {
    EXPECT_EQ(run_script("cat; echo done").lines, std::vector<std::string>{"done"});
    const Ran ran = run_script("sleep 60 & echo left");
    EXPECT_EQ(ran.lines, std::vector<std::string>{"left"});
}

TEST(ChildProcess, IsStoppedWithItsChildren) {
    std::stop_source stop;
    const TemporaryFolder folder;
    const fs::path mark = folder.path() / "pid";
    bool asked = false;
    const auto end = run_child(
        write_script(folder, "child", "sleep 600 & echo $! > " + mark.string() + "; echo go; wait"), {},
        [&](std::string_view) {
            asked = true;
            stop.request_stop();
        },
        stop.get_token());
    ASSERT_FALSE(end);
    EXPECT_TRUE(end.error().cancelled);
    EXPECT_TRUE(asked);
    pid_t grandchild = 0;
    std::ifstream(mark) >> grandchild;
    ASSERT_GT(grandchild, 0);
    // It is gone as soon as its new parent has taken notice; a zombie does not run either.
    for (int i = 0; i < 500 && ::kill(grandchild, 0) == 0; ++i) {
        std::string state;
        std::ifstream status("/proc/" + std::to_string(grandchild) + "/stat");
        std::getline(status, state);
        if (state.find(") Z") != std::string::npos) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_NE(::kill(grandchild, 0), 0);
}

TEST(FindProgram, LooksInEveryFolderForWhatCanBeRun) {
    const TemporaryFolder a;
    const TemporaryFolder b;
    (void)a.file("colmap", "no program");
    const fs::path good = write_script(b, "colmap", "true");
    EXPECT_EQ(find_program("colmap", "/nowhere:" + a.path().string() + "::" + b.path().string()), good);
    EXPECT_FALSE(find_program("colmap", a.path().string()));
    EXPECT_FALSE(find_program("colmap", ""));
}

/// The stand-in, and what was reported.
struct Capture : test::StandInColmap {
    std::vector<std::pair<std::string, double>> reports;
    PosesRequest request;

    explicit Capture(const std::string& mapper = finds_all()) : StandInColmap(mapper) {
        request.folder = folder.path();
        request.search_path = search_path();
    }
    [[nodiscard]] Result<FoundPoses> run(std::stop_token stop = {}) {
        Job job;
        job.report = [this](std::string_view stage, double fraction) {
            reports.emplace_back(stage, fraction);
        };
        job.stop = stop;
        return find_poses(request, job);
    }
};

TEST(FindPoses, MakesASceneOfPhotos) {
    Capture capture;
    EXPECT_TRUE(can_find_poses(capture.request.search_path));
    EXPECT_FALSE(read_scene(capture.folder.path()));
    const auto found = capture.run();
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->photos, 17U);
    EXPECT_EQ(found->placed, 17U);
    EXPECT_EQ(capture.folder.names(), (std::set<std::string>{"images", "sparse"}));
    const auto scene = read_scene(capture.folder.path());
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->views.size(), 17U);
    const std::vector<std::pair<std::string, double>> expected{
        {"features", 0}, {"features", 0},       {"features", 0.25},    {"features", 0.5}, {"features", 0.75},
        {"features", 1}, {"matches", 0},        {"matches", 0},        {"matches", 0.75}, {"matches", 1},
        {"cameras", 0},  {"cameras", 2.0 / 17}, {"cameras", 9.0 / 17}, {"cameras", 1}};
    EXPECT_EQ(capture.reports, expected);
    const std::string calls = capture.calls();
    for (const char* words : {"--ImageReader.camera_model OPENCV", "--ImageReader.single_camera 1",
                              "--SiftExtraction.use_gpu 0", "exhaustive_matcher --database_path",
                              "--SiftMatching.use_gpu 0", "--ExhaustiveMatching.block_size 10"}) {
        EXPECT_NE(calls.find(words), std::string::npos) << words << "\n" << calls;
    }
    const auto again = capture.run();
    ASSERT_FALSE(again);
    EXPECT_NE(again.error().message().find("already"), std::string::npos);
}

TEST(FindPoses, FollowsTheRequest) {
    Capture capture;
    capture.request.matching = PhotoMatching::sequential;
    capture.request.one_camera = false;
    capture.request.camera_model = "SIMPLE_RADIAL";
    ASSERT_TRUE(capture.run());
    for (const char* words : {"--ImageReader.camera_model SIMPLE_RADIAL", "--ImageReader.single_camera 0",
                              "sequential_matcher --database_path"}) {
        EXPECT_NE(capture.calls().find(words), std::string::npos) << words;
    }
    for (const char* name : {"auto", "exhaustive", "sequential"}) {
        EXPECT_TRUE(parse_photo_matching(name));
    }
    EXPECT_FALSE(parse_photo_matching("magic"));
}

TEST(FindPoses, TakesPhotosThatLieInTheFolderItself) {
    Capture capture;
    for (const auto& photo : fs::directory_iterator(capture.folder.path() / "images")) {
        fs::copy(photo.path(), capture.folder.path() / photo.path().filename());
    }
    fs::remove_all(capture.folder.path() / "images");
    const auto found = capture.run();
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->placed, 17U);
    const auto scene = read_scene(capture.folder.path());
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->views.size(), 17U);
}

TEST(FindPoses, KnowsBeforeItBeginsWhetherItCan) {
    Capture capture;
    EXPECT_EQ(check_poses_request(capture.request).value_or(0), 17U);
    EXPECT_EQ(matching_for(PhotoMatching::automatic, 200), PhotoMatching::exhaustive);
    EXPECT_EQ(matching_for(PhotoMatching::automatic, 201), PhotoMatching::sequential);
    EXPECT_EQ(matching_for(PhotoMatching::exhaustive, 1000), PhotoMatching::exhaustive);
    for (const auto matching :
         {PhotoMatching::automatic, PhotoMatching::exhaustive, PhotoMatching::sequential}) {
        EXPECT_EQ(parse_photo_matching(to_string(matching)), matching);
    }
    fs::create_directory(capture.folder.path() / "sparse");
    EXPECT_FALSE(check_poses_request(capture.request));
    EXPECT_TRUE(capture.calls().empty());
}

TEST(FindPoses, WithoutColmapSaysHowToInstallIt) {
    Capture capture;
    capture.request.search_path = capture.folder.path().string();
    const auto found = capture.run();
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().message().find("apt install colmap"), std::string::npos);
    EXPECT_EQ(capture.folder.names(), std::set<std::string>{"images"});
}

TEST(FindPoses, FailuresLeaveNothingBehindAndQuoteColmap) {
    for (const char* mapper : {"echo \"it went wrong\"; exit 3", "echo \"no good initial pair\""}) {
        Capture capture(mapper);
        const auto found = capture.run();
        ASSERT_FALSE(found);
        EXPECT_NE(found.error().message().find(std::string(mapper).substr(6, 6)), std::string::npos)
            << found.error().message();
        EXPECT_EQ(capture.folder.names(), std::set<std::string>{"images"});
    }
    Capture capture;
    fs::remove_all(capture.folder.path() / "images");
    EXPECT_NE(capture.run().error().message().find("at least 3"), std::string::npos);
    capture.request.folder = "/nowhere/at/all";
    EXPECT_NE(capture.run().error().message().find("not a folder"), std::string::npos);
}

TEST(FindPoses, IsStoppedBetweenTwoLines) {
    Capture capture("echo waiting; exec sleep 600");
    std::stop_source stop;
    Job job;
    job.stop = stop.get_token();
    job.report = [&](std::string_view stage, double) {
        if (stage == "cameras") {
            stop.request_stop();
        }
    };
    const auto found = find_poses(capture.request, job);
    ASSERT_FALSE(found);
    EXPECT_TRUE(found.error().cancelled);
    EXPECT_EQ(capture.folder.names(), std::set<std::string>{"images"});
}

}  // namespace
}  // namespace lact::app
