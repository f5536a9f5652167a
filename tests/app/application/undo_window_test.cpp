// One undo for everything that a user changes, with its name.
#include "tests/app/application/running.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using test::run;
using test::Running;
using test::start_null;

/// Draws until what was changed counts as a step, which takes a pause of 0.4 s.
void pause(const Running& running) {
    static double seconds = 1000;
    for (int i = 0; i < 3; ++i) {
        running.program->hold_clock(seconds += 1);
        ASSERT_TRUE(running.program->shell().frame().has_value());
    }
    ASSERT_TRUE(running.program->settle().has_value());
}

void change(const Running& running, const char* id, const ParameterValue& value) {
    test::set(running, id, value);
    pause(running);
}

std::string title(const Running& running, const char* id) {
    return running.program->commands().find(id)->title_now();
}

ParameterValue value(const Running& running, const char* id) {
    return running.program->parameters().get(id).value_or(ParameterValue());
}

std::vector<std::size_t> inputs(const Running& running) {
    return running.program->snapshot()->scene->inputs;
}

TEST(UndoInTheWindow, PhotosRuleParametersComparisonPathAndScriptWithTheirNames) {
    const Running running = start_null();
    pause(running);
    EXPECT_FALSE(running.run("edit.undo").has_value()) << "nothing was changed yet";
    const auto inputs_before = inputs(running);
    const std::size_t held_out = running.program->snapshot()->scene->held_out().front();

    run(running, "inputs.toggle", {{"view", held_out}});
    pause(running);
    EXPECT_EQ(title(running, "edit.undo"), "Undo: add photo " + std::to_string(held_out));
    change(running, "rule.steps", 2);
    EXPECT_NE(title(running, "edit.undo").find("2 inner steps"), std::string::npos)
        << title(running, "edit.undo");
    change(running, "viewport.filter", "nearest");
    EXPECT_EQ(title(running, "edit.undo"), "Undo: Enlargement nearest");
    change(running, "compare.on", true);
    EXPECT_EQ(title(running, "edit.undo"), "Undo: Compare on");
    run(running, "path.preset", {{"preset", "orbit"}});
    pause(running);
    EXPECT_EQ(title(running, "edit.undo"), "Undo: camera path");

    const auto undo = [&] {
        run(running, "edit.undo");
        pause(running);
    };
    undo();
    EXPECT_TRUE(running.program->document().path.track.keys.empty());
    EXPECT_EQ(title(running, "edit.redo"), "Redo: camera path");
    undo();
    EXPECT_EQ(value(running, "compare.on"), ParameterValue(false));
    undo();
    EXPECT_EQ(value(running, "viewport.filter"), ParameterValue("bicubic"));
    undo();
    EXPECT_EQ(value(running, "rule.steps"), ParameterValue(1));
    EXPECT_FALSE(running.program->snapshot()->state->rule_switched);
    undo();
    EXPECT_EQ(inputs(running), inputs_before);
    EXPECT_FALSE(running.run("edit.undo").has_value());

    run(running, "edit.redo");
    pause(running);
    EXPECT_EQ(inputs(running).size(), inputs_before.size() + 1);
    run(running, "edit.redo");
    pause(running);
    EXPECT_EQ(value(running, "rule.steps"), ParameterValue(2));
    EXPECT_TRUE(running.program->snapshot()->state->rule_switched);
}

TEST(UndoInTheWindow, TheFrozenImageOfBeforeComesBack) {
    const Running running = start_null();
    pause(running);
    const CompareState& compare = running.program->document().compare;
    run(running, "compare.keep");
    pause(running);
    const auto first = compare.captured;
    change(running, "rule.steps", 2);
    run(running, "compare.keep");
    pause(running);
    ASSERT_NE(compare.captured, first);
    EXPECT_EQ(title(running, "edit.undo"), "Undo: frozen image");
    run(running, "edit.undo");
    EXPECT_EQ(compare.captured, first);
    pause(running);
    EXPECT_EQ(title(running, "edit.undo"), "Undo: rule Baseline, 2 inner steps");
}

TEST(UndoInTheWindow, QuickStepsAreTakenOneByOne) {
    const Running running = start_null();
    pause(running);
    const auto before = inputs(running);
    const auto held_out = running.program->snapshot()->scene->held_out();
    for (const std::size_t i : {0U, 1U, 2U}) {
        run(running, "inputs.toggle", {{"view", held_out[i]}});
        pause(running);
    }
    ASSERT_EQ(inputs(running).size(), before.size() + 3);
    // Without waiting for what is computed: each press is one step.
    ASSERT_TRUE(running.run("edit.undo").has_value());
    ASSERT_TRUE(running.run("edit.undo").has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(inputs(running).size(), before.size() + 1);
    ASSERT_TRUE(running.run("edit.undo").has_value());
    ASSERT_TRUE(running.run("edit.redo").has_value());
    ASSERT_TRUE(running.run("edit.redo").has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(inputs(running).size(), before.size() + 2);
}

TEST(UndoInTheWindow, AChangeRightAfterAnUndoIsAStep) {
    const Running running = start_null();
    pause(running);
    change(running, "viewport.filter", "nearest");
    run(running, "path.preset", {{"preset", "orbit"}});
    ASSERT_TRUE(running.run("path.play").has_value());  // Never settles while it loops.
    static double seconds = 5000;
    const auto frames = [&] {
        for (int i = 0; i < 3; ++i) {
            running.program->hold_clock(seconds += 1);
            ASSERT_TRUE(running.program->shell().frame().has_value());
        }
    };
    frames();
    ASSERT_TRUE(running.run("edit.undo").has_value());  // The path goes, and the playback with it.
    frames();
    ASSERT_TRUE(running.program->parameters().set("viewport.overlays", false).has_value());
    frames();
    EXPECT_FALSE(running.run("edit.redo").has_value()) << "a new change ends what could be redone";
    ASSERT_TRUE(running.run("edit.undo").has_value());
    EXPECT_EQ(value(running, "viewport.overlays"), ParameterValue(true));
    EXPECT_EQ(value(running, "viewport.filter"), ParameterValue("nearest"));
}

TEST(UndoInTheWindow, WhatEscStopsIsNoStep) {
    const Running running = start_null();
    pause(running);
    change(running, "viewport.filter", "nearest");
    static double seconds = 7000;
    ASSERT_TRUE(running.program->parameters().set("rule.steps", 16).has_value());
    for (int i = 0; i < 3; ++i) {
        running.program->hold_clock(seconds += 1);
        ASSERT_TRUE(running.program->shell().frame().has_value());
    }
    ASSERT_NE(title(running, "edit.undo").find("16 inner steps"), std::string::npos)
        << title(running, "edit.undo");
    // The engine's thread may not have begun yet.
    auto stopped = running.run("jobs.cancel_all");
    for (int i = 0; i < 5000 && !stopped; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ASSERT_TRUE(running.program->shell().frame().has_value());
        stopped = running.run("jobs.cancel_all");
    }
    ASSERT_TRUE(stopped.has_value()) << stopped.error().message();
    ASSERT_TRUE(running.program->settle().has_value());
    pause(running);
    ASSERT_EQ(value(running, "rule.steps"), ParameterValue(1));
    EXPECT_EQ(title(running, "edit.undo"), "Undo: Enlargement nearest");
    EXPECT_FALSE(running.run("edit.redo").has_value());
}

TEST(UndoInTheWindow, TheCameraAndTheInterfaceAreNoSteps) {
    const Running running = start_null();
    pause(running);
    run(running, "camera.turn");
    pause(running);
    change(running, "ui.theme", "light");
    change(running, "selection.patch", "1,1");
    EXPECT_FALSE(running.run("edit.undo").has_value()) << title(running, "edit.undo");
}

TEST(UndoInTheWindow, WhatWeightsAndAScenesSizeBringIsNoStep) {
    const Running running = start_null();
    pause(running);
    change(running, "rule.text", "mse");
    change(running, "viewport.filter", "nearest");
    run(running, "weights.open_bundled", {{"name", "nano128"}});
    pause(running);
    ASSERT_EQ(running.program->snapshot()->weights->name, "nano128");
    ASSERT_FALSE(running.program->snapshot()->state->rule_switched);
    EXPECT_EQ(title(running, "edit.undo"), "Undo: Enlargement nearest");
    run(running, "scene.open", {{"path", LACT_ASSETS_DIR "/scenes/parcel"}, {"size", "32x32"}});
    pause(running);
    ASSERT_EQ(value(running, "model.size"), ParameterValue("32x32"));
    EXPECT_EQ(title(running, "edit.undo"), "Undo: Enlargement nearest");

    run(running, "edit.undo");
    pause(running);
    EXPECT_EQ(value(running, "viewport.filter"), ParameterValue("bicubic"));
    EXPECT_EQ(value(running, "model.size"), ParameterValue("32x32"));
    EXPECT_FALSE(running.program->snapshot()->state->rule_switched) << "a rule of other weights";
    EXPECT_FALSE(running.run("edit.undo").has_value()) << title(running, "edit.undo");
    run(running, "edit.redo");
    EXPECT_EQ(value(running, "viewport.filter"), ParameterValue("nearest"));
}

TEST(UndoInTheWindow, TheTimelineThatFollowsThePhotosIsNoStep) {
    const Running running = start_null();
    pause(running);
    const auto before = inputs(running);
    change(running, "weights.views", before.size());
    run(running, "inputs.toggle", {{"view", before.back()}});
    pause(running);
    ASSERT_EQ(value(running, "weights.views"), ParameterValue(before.size() - 1));
    run(running, "edit.undo");
    pause(running);
    EXPECT_EQ(inputs(running), before);
    EXPECT_FALSE(running.run("edit.undo").has_value()) << title(running, "edit.undo");
    EXPECT_TRUE(running.run("edit.redo").has_value()) << "what follows the photos ends no redo";
}

TEST(UndoInTheWindow, AnotherSceneTakesThePathWithItAndUndoBringsItBack) {
    const Running running = start_null();
    pause(running);
    run(running, "path.add_key");
    run(running, "camera.turn");
    run(running, "path.add_key");
    pause(running);
    ASSERT_TRUE(running.program->document().unsaved_path());
    run(running, "scene.open_bundled", {{"name", "spinning_top"}});
    pause(running);
    EXPECT_TRUE(running.program->document().path.track.keys.empty());
    run(running, "edit.undo");
    EXPECT_EQ(running.program->document().path.track.keys.size(), 2U);
}

TEST(Quitting, AsksWhereAPathOrAScriptWouldBeLost) {
    const Running running = start_null();
    EXPECT_TRUE(losses_on_quit(running.program->document(), false).empty());
    EXPECT_EQ(losses_on_quit(running.program->document(), true).size(), 1U) << "a video is being recorded";
    run(running, "path.preset", {{"preset", "orbit"}});
    EXPECT_TRUE(losses_on_quit(running.program->document(), false).empty())
        << "a preset is made again in no time";
    run(running, "path.add_key");
    EXPECT_EQ(losses_on_quit(running.program->document(), false).size(), 1U);

    run(running, "file.quit");
    EXPECT_FALSE(running.program->shell().closing()) << "the window stays open and asks";
    ASSERT_TRUE(running.program->shell().frame().has_value());
    ASSERT_TRUE(running.program->shell().frame().has_value());
    EXPECT_TRUE(test::dialog_is_open());

    const lact::test::TemporaryFolder folder;
    run(running, "path.save", {{"path", (folder.path() / "path.json").string()}});
    EXPECT_TRUE(losses_on_quit(running.program->document(), false).empty());
    run(running, "file.quit");
    EXPECT_TRUE(running.program->shell().closing());
}

TEST(Quitting, AsksWhereColmapOrAnExperimentRuns) {
    Document document;
    EXPECT_TRUE(losses_on_quit(document, false).empty());
    document.finds_poses = true;
    EXPECT_EQ(losses_on_quit(document, false).size(), 1U);
    document.runs_experiment = true;
    EXPECT_EQ(losses_on_quit(document, false).size(), 2U);
}

TEST(Quitting, PlayingAScriptSavesNothing) {
    const Running running = start_null();
    run(running, "path.add_key");
    run(running, "camera.turn");
    run(running, "path.add_key");
    run(running, "script.record");
    change(running, "viewport.filter", "nearest");
    run(running, "script.record");
    ASSERT_EQ(losses_on_quit(running.program->document(), false).size(), 2U);
    // Not to its end: the clock is held.
    ASSERT_TRUE(running.run("script.play").has_value());
    EXPECT_EQ(losses_on_quit(running.program->document(), false).size(), 2U) << "neither is in a file";
}

TEST(Quitting, AFlightThatIsRecordedIsALoss) {
    const Running running = start_null();
    ASSERT_TRUE(running.run("path.record_flight").has_value());
    EXPECT_EQ(losses_on_quit(running.program->document(), false).size(), 1U);
}

TEST(Quitting, ARecordingEndsAtTheLengthThatAScriptMayHave) {
    const Running running = start_null();
    running.program->hold_clock(100);
    ASSERT_TRUE(running.run("script.record").has_value());
    running.program->hold_clock(3900);
    ASSERT_TRUE(running.program->shell().frame().has_value());
    ASSERT_TRUE(running.program->shell().frame().has_value());
    EXPECT_FALSE(running.program->document().interaction.has_value());
    ASSERT_FALSE(running.program->document().script.steps.empty());
    EXPECT_EQ(running.program->document().script.steps.back().at("at"), 3600) << "more could not be read";
}

TEST(Quitting, AScriptThatWasOpenedIsNoLoss) {
    const lact::test::TemporaryFolder folder;
    const auto file = folder.file("a.lactscript", R"([{"set": "viewport.filter", "to": "nearest"}])");
    const Running running = start_null();
    run(running, "file.open", {{"path", file.string()}});
    ASSERT_EQ(running.program->document().script.steps.size(), 1U);
    EXPECT_TRUE(losses_on_quit(running.program->document(), false).empty());
}

}  // namespace

}  // namespace lact::app
