#include "app/runtime/find_poses.h"

#include "engine/scene/image.h"
#include "engine/scene/scene_files.h"
#include "tests/app/cli/stand_in_colmap.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <csignal>
#include <fstream>
#include <mutex>
#include <optional>
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

TEST(ChildProcess, AnEndThatNobodyKnowsIsAnError) {
    const auto before = std::signal(SIGCHLD, SIG_IGN);  // as a parent may have left it
    const Ran ran = run_script("echo said; exit 3");
    std::signal(SIGCHLD, before);
    ASSERT_FALSE(ran.end);
    EXPECT_NE(ran.end.error().message().find("not known"), std::string::npos);
}

TEST(ChildProcess, WithoutAListenerItsOutputGoesNowhere) {
    const TemporaryFolder folder;
    const auto end = run_child(write_script(folder, "child", "echo said; exit 5"), {}, {});
    ASSERT_TRUE(end);
    EXPECT_EQ(end->exit_code, 5);
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
    // Empty folders, as a run without result leaves them, are no poses.
    fs::create_directories(capture.folder.path() / "sparse/0");
    EXPECT_TRUE(check_poses_request(capture.request));
    (void)capture.folder.file("sparse/0/points3D.bin", "x");
    const auto something = check_poses_request(capture.request);
    ASSERT_FALSE(something);
    EXPECT_NE(something.error().message().find("no COLMAP model in it"), std::string::npos);
    (void)capture.folder.file("sparse/0/images.bin", "x");
    (void)capture.folder.file("sparse/0/cameras.bin", "x");
    const auto broken = check_poses_request(capture.request);
    ASSERT_FALSE(broken);
    EXPECT_NE(broken.error().message().find("cannot be read"), std::string::npos) << broken.error().message();
    EXPECT_TRUE(capture.calls().empty());
}

TEST(FindPoses, EmptyFoldersOfAnEarlierRunAreReplaced) {
    Capture capture;
    fs::create_directories(capture.folder.path() / "sparse/0");
    const auto found = capture.run();
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_TRUE(read_scene(capture.folder.path()));
}

TEST(FindPoses, WherePosesAreGivenSaysInWhichFile) {
    for (const char* name : {"transforms.json", "opencv_cameras.json", "transforms_train.json"}) {
        Capture capture;
        (void)capture.folder.file(name, "{}");
        const auto found = capture.run();
        ASSERT_FALSE(found) << name;
        EXPECT_NE(found.error().message().find("has poses already"), std::string::npos)
            << found.error().message();
        capture.request.folder = capture.folder.path() / "images";
        const auto within = capture.run();
        ASSERT_FALSE(within) << name;
        EXPECT_NE(within.error().message().find("Open the scene: "), std::string::npos)
            << within.error().message();
        EXPECT_TRUE(capture.calls().empty());
    }
}

/// What the stand-in's log says of the list of photos: the stand-in keeps a copy.
std::vector<std::string> listed(const Capture& capture) {
    std::vector<std::string> names;
    std::ifstream file(capture.programs.path() / "list.txt");
    for (std::string line; std::getline(file, line);) {
        names.push_back(line);
    }
    return names;
}

TEST(FindPoses, TakesThePhotosOfTheFolderAndNoneBelow) {
    Capture capture;
    const fs::path images = capture.folder.path() / "images";
    for (const char* within : {"masks", "small"}) {
        fs::create_directory(images / within);
        fs::copy_file(images / "01_pinhole.png", images / within / "01_pinhole.png");
    }
    fs::copy_file(images / "01_pinhole.png", capture.folder.path() / "preview.png");
    const auto found = capture.run();
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->photos, 17U);
    EXPECT_EQ(found->placed, 17U);
    EXPECT_TRUE(found->left_out.empty());
    const std::vector<std::string> names = listed(capture);
    ASSERT_EQ(names.size(), 17U);
    EXPECT_EQ(names[1], "01_pinhole.png");
}

TEST(FindPoses, PhotosOfSeveralSizesShareNoCamera) {
    Capture capture;
    const Image8 turned{36, 44, 3, std::vector<std::uint8_t>(36 * 44 * 3)};
    (void)capture.folder.file("images/99.png", *encode_png(turned));
    std::string said;
    Job job;
    job.note = [&](std::string_view words) { said += words; };
    const auto found = find_poses(capture.request, job);
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_NE(capture.calls().find("--ImageReader.single_camera 0"), std::string::npos) << capture.calls();
    EXPECT_NE(said.find("36x44 and 44x36"), std::string::npos) << said;
    EXPECT_EQ(found->left_out, std::vector<std::string>{"99.png"});
    EXPECT_NE(found->sentence().find("17 of 18 photos"), std::string::npos) << found->sentence();
    EXPECT_NE(found->sentence().find("left out: 99.png"), std::string::npos) << found->sentence();
}

TEST(FindPoses, AMapperThatFindsNothingGetsAdvice) {
    Capture capture("echo \"ERROR: failed to create sparse model\"; exit 1");
    const auto found = capture.run();
    ASSERT_FALSE(found);
    EXPECT_NE(found.error().message().find("failed to create"), std::string::npos);
    EXPECT_NE(found.error().hint.find("texture"), std::string::npos) << found.error().message();
}

TEST(FindPoses, TwoRunsOnOneFolderExcludeEachOther) {
    const TemporaryFolder signals;
    Capture capture(test::StandInColmap::waits_and_finds_all(signals));
    std::optional<Result<FoundPoses>> second;
    Job job;
    job.report = [&](std::string_view stage, double fraction) {
        if (stage == "cameras" && fraction > 0 && fraction < 1 && !second) {
            second = find_poses(capture.request, {});
            test::StandInColmap::go_on(signals);
        }
    };
    const auto first = find_poses(capture.request, job);
    ASSERT_TRUE(first) << first.error().message();
    EXPECT_EQ(first->placed, 17U);
    ASSERT_TRUE(second.has_value());
    ASSERT_FALSE(*second);
    EXPECT_NE(second->error().message().find("another run"), std::string::npos) << second->error().message();
    EXPECT_EQ(capture.folder.names(), (std::set<std::string>{"images", "sparse"}));
}

TEST(FindPoses, WhatAKilledRunLeftIsRemoved) {
    Capture capture;
    fs::create_directories(capture.folder.path() / ".poses.0123456789abcdef.part/sparse/7");
    (void)capture.folder.file(".poses.0123456789abcdef.part/database.db", "old");
    const auto found = capture.run();
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(capture.folder.names(), (std::set<std::string>{"images", "sparse"}));
    EXPECT_EQ(TemporaryFolder::names_in(found->model), std::set<std::string>{"0"});
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
