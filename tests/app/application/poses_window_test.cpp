// Photos without poses, opened in the window: a stand-in for COLMAP finds them.
#include "engine/scene/scene.h"
#include "tests/app/application/running.h"
#include "tests/app/cli/stand_in_colmap.h"

#include <functional>
#include <set>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::dialog_is_open;
using test::errors;
using test::Running;
using test::StandInColmap;

const std::set<std::string> untouched{"images"};

Running start_with(const std::string& search_path) {
    ApplicationOptions options = test::options_for("bouquet");
    options.search_path = search_path;
    return test::start(gfx::make_null({}), std::move(options));
}

Running start_beside(const StandInColmap& colmap) {
    return start_with(colmap.search_path());
}

Result<void> find(const Running& running, const StandInColmap& colmap) {
    return running.run("scene.find_poses", {{"path", colmap.folder.path().string()}});
}

/// Draws frames until something is so, for ever but for a minute: false then.
bool draw_until(const Running& running, const std::function<bool()>& so) {
    for (int i = 0; i < 3000; ++i) {
        if (!running.program->shell().frame().has_value()) {
            return false;
        }
        if (so()) {
            return true;
        }
        (void)running.display->wait(0.02);
    }
    return false;
}

bool in_stage(const Running& running, const std::string& stage, double fraction) {
    const auto job = running.program->poses().job();
    return job && job->stage == stage && job->fraction >= fraction;
}

/// All that the log says, with its hints.
std::string said(const Running& running) {
    std::string text;
    for (const LogEntry& entry : running.program->log().after(0)) {
        text += entry.where + ": " + entry.what + " " + entry.hint + "\n";
    }
    return text;
}

std::string scene_of(const Running& running) {
    return running.program->snapshot().scene->name;
}

TEST(PosesWindow, AFolderOfPhotosIsAskedAboutAndLeftAlone) {
    const StandInColmap colmap;
    const Running running = start_beside(colmap);
    ASSERT_TRUE(running.run("file.open", {{"path", colmap.folder.path().string()}}).has_value());
    draw(running);
    EXPECT_TRUE(dialog_is_open());
    EXPECT_EQ(running.program->document().poses_offer->folder, colmap.folder.path());
    press(running, ImGuiKey_Escape);
    EXPECT_FALSE(dialog_is_open());
    EXPECT_FALSE(running.program->document().poses_offer);
    EXPECT_FALSE(running.program->poses().job());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(scene_of(running), "bouquet");
    EXPECT_EQ(colmap.folder.names(), untouched);
    EXPECT_EQ(errors(*running.program), 0) << said(running);
}

TEST(PosesWindow, TheDialogFindsThePosesAndTheSceneIsOpened) {
    const StandInColmap colmap;
    const Running running = start_beside(colmap);
    ASSERT_TRUE(running.run("file.open", {{"path", colmap.folder.path().string()}}).has_value());
    draw(running);
    press(running, ImGuiKey_Enter);
    EXPECT_FALSE(dialog_is_open());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 0) << said(running);
    EXPECT_EQ(scene_of(running), colmap.folder.path().filename());
    EXPECT_EQ(running.program->snapshot().scene->views.size(), 17U);
    EXPECT_EQ(running.program->poses().job()->state, JobState::done);
    EXPECT_EQ(colmap.folder.names(), (std::set<std::string>{"images", "sparse"}));
    EXPECT_NE(said(running).find("17 of 17 photos"), std::string::npos) << said(running);
    EXPECT_NE(colmap.calls().find("exhaustive_matcher"), std::string::npos) << colmap.calls();
    EXPECT_NE(colmap.calls().find("--ImageReader.single_camera 1"), std::string::npos) << colmap.calls();
}

TEST(PosesWindow, AFolderGivenAtTheStartIsAskedAboutBesideABundledScene) {
    const StandInColmap colmap;
    ApplicationOptions options = test::options_for("bouquet");
    options.search_path = colmap.search_path();
    options.paths.back() = colmap.folder.path();
    const Running running = test::start(gfx::make_null({}), std::move(options));
    EXPECT_TRUE(dialog_is_open());
    EXPECT_EQ(scene_of(running), "yellow_car");
}

TEST(PosesWindow, AnErrorGoesBeforeTheQuestionWhichComesBack) {
    const StandInColmap colmap;
    const Running running = start_beside(colmap);
    ASSERT_TRUE(running.run("file.open", {{"path", colmap.folder.path().string()}}).has_value());
    draw(running);
    ASSERT_TRUE(running.run("file.open", {{"path", "/nowhere/at/all"}}).has_value());
    draw(running);
    press(running, ImGuiKey_Enter);  // Closes the error; the question is not answered by it.
    EXPECT_TRUE(dialog_is_open());
    EXPECT_FALSE(running.program->poses().busy());
    press(running, ImGuiKey_Enter);
    EXPECT_FALSE(dialog_is_open());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(scene_of(running), colmap.folder.path().filename());
}

TEST(PosesWindow, TheActionSaysHowFarItIsWhileTheWindowGoesOn) {
    const TemporaryFolder signals;
    const StandInColmap colmap(StandInColmap::waits_and_finds_all(signals));
    const Running running = start_beside(colmap);
    ASSERT_TRUE(
        running
            .run("scene.find_poses",
                 {{"path", colmap.folder.path().string()}, {"matching", "sequential"}, {"one_camera", false}})
            .has_value());
    ASSERT_TRUE(draw_until(running, [&] { return in_stage(running, "cameras", 0.5); })) << said(running);
    const JobStatus job = *running.program->poses().job();
    EXPECT_EQ(job.title, "Find poses of " + colmap.folder.path().filename().string());
    EXPECT_EQ(job.state, JobState::running);
    EXPECT_DOUBLE_EQ(job.fraction, 9.0 / 17);
    EXPECT_TRUE(running.program->poses().busy());
    EXPECT_FALSE(running.program->idle());
    EXPECT_FALSE(find(running, colmap).has_value());  // one at a time
    const auto frame = running.program->snapshot().frame;
    ASSERT_TRUE(running.run("camera.turn", {{"yaw", 30}}).has_value());
    EXPECT_TRUE(draw_until(running, [&] { return running.program->snapshot().frame != frame; }));
    StandInColmap::go_on(signals);
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_FALSE(running.program->poses().busy());
    EXPECT_EQ(scene_of(running), colmap.folder.path().filename());
    EXPECT_NE(colmap.calls().find("sequential_matcher"), std::string::npos) << colmap.calls();
    EXPECT_NE(colmap.calls().find("--ImageReader.single_camera 0"), std::string::npos) << colmap.calls();
    EXPECT_EQ(errors(*running.program), 0) << said(running);
}

TEST(PosesWindow, AScriptWaitsUntilTheFoundSceneIsOpen) {
    const StandInColmap colmap;
    const Running running = start_beside(colmap);
    const auto steps = nlohmann::json::array(
        {{{"action", "scene.find_poses"}, {"with", {{"path", colmap.folder.path().string()}}}},
         {{"wait", "idle"}},
         {{"action", "inputs.set"}, {"with", {{"views", {16, 0, 3}}}}}});
    const auto begun = running.program->run_script(steps, "test");
    ASSERT_TRUE(begun.has_value()) << begun.error().message();
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 0) << said(running);
    EXPECT_EQ(scene_of(running), colmap.folder.path().filename());
    EXPECT_EQ(running.program->snapshot().scene->inputs, (std::vector<std::size_t>{16, 0, 3}));
}

TEST(PosesWindow, StoppingLeavesNothing) {
    const TemporaryFolder signals;  // Nothing is signalled.
    const StandInColmap colmap(StandInColmap::waits_and_finds_all(signals));
    const Running running = start_beside(colmap);
    for (const bool by_key : {false, true}) {
        ASSERT_TRUE(find(running, colmap).has_value());
        ASSERT_TRUE(draw_until(running, [&] { return in_stage(running, "cameras", 0.5); })) << said(running);
        if (by_key) {
            press(running, ImGuiKey_Escape);
        } else {
            const auto job = running.program->poses().job();
            ASSERT_TRUE(running.run("jobs.cancel", {{"job", job->id}}).has_value());
        }
        ASSERT_TRUE(running.program->settle().has_value());
        EXPECT_EQ(running.program->poses().job()->state, JobState::cancelled);
        EXPECT_EQ(colmap.folder.names(), untouched);
        EXPECT_EQ(scene_of(running), "bouquet");
    }
    EXPECT_EQ(errors(*running.program), 0) << said(running);
}

TEST(PosesWindow, ClosingTheWindowStopsColmap) {
    const TemporaryFolder signals;  // Nothing is signalled.
    const StandInColmap colmap(StandInColmap::waits_and_finds_all(signals));
    Running running = start_beside(colmap);
    ASSERT_TRUE(find(running, colmap).has_value());
    ASSERT_TRUE(draw_until(running, [&] { return in_stage(running, "cameras", 0.5); })) << said(running);
    running.program.reset();
    EXPECT_EQ(colmap.folder.names(), untouched);
}

TEST(PosesWindow, AFailingColmapIsToldAndCanBeTriedAgain) {
    const StandInColmap colmap("echo \"it went wrong\"; exit 3");
    const Running running = start_beside(colmap);
    for (int i = 1; i <= 2; ++i) {
        ASSERT_TRUE(find(running, colmap).has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        EXPECT_EQ(running.program->poses().job()->state, JobState::failed);
        EXPECT_NE(said(running).find("it went wrong"), std::string::npos) << said(running);
        EXPECT_TRUE(dialog_is_open());  // the error's
        press(running, ImGuiKey_Escape);
        EXPECT_EQ(colmap.folder.names(), untouched);
        EXPECT_EQ(scene_of(running), "bouquet");
    }
    EXPECT_EQ(errors(*running.program), 1) << said(running);  // said twice
}

TEST(PosesWindow, WithoutColmapSaysWhatToDo) {
    const StandInColmap colmap;
    const Running running = start_with("/nowhere/at/all");
    ASSERT_TRUE(running.run("file.open", {{"path", colmap.folder.path().string()}}).has_value());
    draw(running);
    EXPECT_EQ(errors(*running.program), 1);
    for (const char* words : {"17 photos", "apt install colmap", "lactscope poses "}) {
        EXPECT_NE(said(running).find(words), std::string::npos) << words << "\n" << said(running);
    }
    EXPECT_FALSE(running.program->document().poses_offer);
    const auto refused = find(running, colmap);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("apt install colmap"), std::string::npos);
}

TEST(PosesWindow, ASceneOpenedMeanwhileStaysAndTheFoundOneWaits) {
    const TemporaryFolder signals;
    const StandInColmap colmap(StandInColmap::waits_and_finds_all(signals));
    const Running running = start_beside(colmap);
    EXPECT_FALSE(running.run("scene.open_found").has_value());
    ASSERT_TRUE(find(running, colmap).has_value());
    ASSERT_TRUE(running.run("scene.open_bundled", {{"name", "parcel"}}).has_value());
    StandInColmap::go_on(signals);
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(scene_of(running), "parcel");
    EXPECT_EQ(running.program->poses().waiting(), colmap.folder.path());
    EXPECT_NE(said(running).find("Open the found scene"), std::string::npos) << said(running);
    ASSERT_TRUE(running.run("scene.open_found").has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(scene_of(running), colmap.folder.path().filename());
    EXPECT_FALSE(running.run("scene.open_found").has_value());
    EXPECT_EQ(errors(*running.program), 0) << said(running);
}

TEST(PosesWindow, TheActionRefusesWhatCannotWork) {
    const StandInColmap colmap;
    const TemporaryFolder empty;
    const Running running = start_beside(colmap);
    const std::string folder = colmap.folder.path().string();
    const auto refuses = nlohmann::json::array({{{"path", 3}},
                                                {{"path", ""}},
                                                {{"path", "/nowhere/at/all"}},
                                                {{"path", empty.path().string()}},
                                                {{"path", folder}, {"matching", "magic"}},
                                                {{"path", folder}, {"matching", 1}},
                                                {{"path", folder}, {"one_camera", "yes"}}});
    for (const nlohmann::json& with : refuses) {
        ASSERT_TRUE(with.is_object()) << with.dump();
        EXPECT_FALSE(running.run("scene.find_poses", with).has_value()) << with.dump();
    }
    EXPECT_FALSE(running.program->poses().busy());
    (void)colmap.folder.file("transforms.json", "{}");
    const auto refused = find(running, colmap);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("has poses already"), std::string::npos);
    EXPECT_TRUE(colmap.calls().empty()) << colmap.calls();
}

}  // namespace

}  // namespace lact::app
