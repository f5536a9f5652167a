// Saved renderings are of the camera that their session names.
#include "app/document/session_file.h"
#include "engine/scene/camera.h"
#include "tests/app/application/running.h"
#include "tests/support/temporary_folder.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::errors;
using test::run;
using test::Running;
using test::set;
using test::start_null;

TEST(SavedRendering, IsRefusedUntilTheFrameOfItsCameraIsThere) {
    const TemporaryFolder folder;
    const Running running = start_null();
    const auto path = [&folder](const char* name) { return (folder.path() / name).string(); };
    // No frame is drawn between the motion and these: the screen shows the camera before.
    ASSERT_TRUE(running.run("camera.turn").has_value());
    const std::vector<Result<void>> tried = {
        running.run("file.save_view", {{"path", path("view.png")}}),
        running.run("panel.export", {{"panel", "View"}, {"path", path("view.safetensors")}}),
        running.run("compare.keep")};
    for (const Result<void>& one : tried) {
        ASSERT_FALSE(one.has_value());
        EXPECT_NE(one.error().what.find("still being computed"), std::string::npos) << one.error().what;
    }
    EXPECT_TRUE(running.run("panel.export", {{"panel", "Scene"}, {"path", path("scene.csv")}}).has_value())
        << "its numbers are not of a camera";
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(folder.names(), std::set<std::string>{"scene.csv"});
    run(running, "file.save_view", {{"path", path("view.png")}});
    run(running, "panel.export", {{"panel", "View"}, {"path", path("view.safetensors")}});
    run(running, "compare.keep");
    EXPECT_EQ(folder.names().size(), 3U);
}

TEST(SavedRendering, OfAScriptNeedsOnlyAWaitAlsoAfterAGlide) {
    const TemporaryFolder folder;
    const Running running = start_null();
    auto steps = nlohmann::json::parse(R"([
        {"action": "camera.glide", "with": {"yaw": 20, "seconds": 0.05}}, {"wait": "idle"},
        {"action": "file.save_view"}, {"action": "camera.turn"}, {"wait": "idle"},
        {"action": "compare.keep"}])");
    steps[2]["with"]["path"] = (folder.path() / "view.png").string();
    ASSERT_TRUE(running.program->run_script(steps, "test", ScriptRights::all).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 0);
    EXPECT_TRUE(folder.names().contains("view.png"));
    EXPECT_NE(running.program->document().compare.captured, nullptr);
}

/// The engine fits its camera to a new size by itself; a size of another shape must not change what it shows.
TEST(SavedRendering, IsOfTheViewpointAfterSizesOfOtherShapes) {
    const Running running = start_null();
    SessionFile session = running.program->session();
    session.parameters["model.size"] = "96x64";
    ASSERT_TRUE(running.program->open_session(session).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    ASSERT_EQ(running.program->snapshot()->scene->size, (Size{96, 64}));
    set(running, "model.size", "64x64");
    const Snapshot now = *running.program->snapshot();
    ASSERT_EQ(now.scene->size, (Size{64, 64}));
    EXPECT_TRUE(coincide(now.frame->camera, running.program->document().viewpoint().camera(now.scene->size)));
    EXPECT_EQ(errors(*running.program), 0);
}

}  // namespace

}  // namespace lact::app
