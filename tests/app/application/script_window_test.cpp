// The script that videos play: recorded from what a user does, played, undone, saved with the session.
#include "app/commands/script.h"
#include "engine/scene/json_field.h"
#include "tests/app/application/running.h"
#include "tests/app/video/decode.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/vulkan.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::errors;
using test::Running;
using test::start_null;

void settle(const Running& running) {
    const auto settled = running.program->settle();
    ASSERT_TRUE(settled.has_value()) << settled.error().message();
}

void frames(const Running& running, int count) {
    for (int i = 0; i < count; ++i) {
        ASSERT_TRUE(running.program->shell().frame().has_value());
    }
}

/// Ascent, another layer, a turn of the camera; with the program's clock held, so that times are exact.
void perform(const Running& running) {
    Application& program = *running.program;
    program.hold_clock(100);
    settle(running);
    ASSERT_TRUE(running.run("script.record").has_value());
    frames(running, 1);
    program.hold_clock(101);
    ASSERT_TRUE(running.run("rule.ascent").has_value());
    settle(running);
    program.hold_clock(102);
    ASSERT_TRUE(program.parameters().set("matrix.layer", 3).has_value());
    ASSERT_TRUE(running.run("panel.show", {{"panel", "Compare"}}).has_value());
    settle(running);
    program.hold_clock(103);
    ASSERT_TRUE(running.run("camera.turn", {{"yaw", 40}}).has_value());
    settle(running);
    program.hold_clock(104);
    frames(running, 1);
    ASSERT_TRUE(running.run("script.record").has_value());
    frames(running, 1);
}

TEST(ScriptWindow, WhatOneDoesBecomesAScriptThatDoesItAgain) {
    const Running running = start_null();
    const Application& program = *running.program;
    const auto before = program.document().viewpoint();
    perform(running);
    ASSERT_EQ(errors(program), 0);
    EXPECT_FALSE(program.document().interaction.has_value());
    const nlohmann::json steps = program.document().script.steps;
    EXPECT_EQ(steps.front(), nlohmann::json::parse(R"({"action": "path.play"})")) << steps.dump();
    EXPECT_EQ(steps.back()["at"], 4.0) << steps.dump();
    std::string words;
    for (const auto& step : steps) {
        words += step_words(step, program.commands(), program.parameters()) + "\n";
    }
    EXPECT_NE(words.find("ascent"), std::string::npos) << words;
    EXPECT_NE(words.find("Layer: 3"), std::string::npos) << words;
    EXPECT_NE(words.find("Compare"), std::string::npos) << words;
    EXPECT_NEAR(program.document().path.track.keys.back().time, 4, 1e-9);
    // What it begins with is kept: the session shows it, and playing goes back to it.
    const SessionFile session = running.program->session();
    EXPECT_EQ(session.script, steps);
    EXPECT_EQ(session.parameters.at("matrix.layer"), 0);
    ASSERT_TRUE(session.viewpoint.has_value());
    EXPECT_TRUE(session.viewpoint->c2w.isApprox(before.c2w, 1e-12));
    const auto after = program.document().viewpoint();
    ASSERT_TRUE(running.run("rule.trained").has_value());
    ASSERT_TRUE(running.run("script.play").has_value());
    int frame = 0;
    for (; frame < 20000 && (frame < 10 || !program.playback_over()); ++frame) {
        running.program->hold_clock(200 + 0.005 * frame);
        frames(running, 1);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));  // The engine has its own thread.
    }
    EXPECT_LT(frame, 20000);
    settle(running);
    EXPECT_EQ(errors(program), 0);
    EXPECT_EQ(program.snapshot()->state->rule_text, "ascent");
    EXPECT_EQ(program.document().matrix.layer, 3);
    EXPECT_TRUE(program.document().viewpoint().c2w.isApprox(after.c2w, 1e-6));
    EXPECT_EQ(program.document().script.steps, steps);  // And the script is still there.
}

TEST(ScriptWindow, AFlightThatBeganWithAPreviewMovesTheView) {
    const Running running = start_null();
    const auto path = running.run("path.preset", {{"preset", "spiral"}});
    ASSERT_TRUE(path.has_value()) << path.error().message();
    ASSERT_TRUE(running.program->parameters().set("path.preview", true).has_value());
    ASSERT_TRUE(running.run("script.record").has_value());
    frames(running, 1);
    ASSERT_TRUE(running.run("camera.turn", {{"yaw", 40}}).has_value());
    frames(running, 1);
    ASSERT_TRUE(running.run("script.record").has_value());
    ASSERT_TRUE(running.program->parameters().set("path.preview", true).has_value());
    EXPECT_EQ(running.program->session().parameters.at("path.preview"), false) << "as the script begins";
}

TEST(ScriptWindow, ARecordingEndsWhereOtherWeightsAreOpened) {
    const Running running = start_null();
    ASSERT_TRUE(running.run("script.record").has_value());
    ASSERT_TRUE(running.run("file.open", {{"path", LACT_ASSETS_DIR "/weights/rules/ascent.safetensors"}}));
    settle(running);
    EXPECT_FALSE(running.program->document().interaction.has_value());
    const auto entries = running.program->log().after(0);
    EXPECT_TRUE(std::ranges::any_of(entries, [](const LogEntry& entry) {
        return entry.what.find("other weights were opened") != std::string::npos;
    }));
}

TEST(ScriptWindow, SavingSaysThatASessionOpensAsItsScriptBegins) {
    const TemporaryFolder folder;
    const Running running = start_null();
    perform(running);
    const auto said = [&](const char* name) {
        const auto before = running.program->log().after(0).size();
        const auto path = (folder.path() / name).string();
        EXPECT_TRUE(running.run("file.save_session", {{"path", path}}).has_value());
        const auto entries = running.program->log().after(0);
        return std::any_of(entries.begin() + static_cast<std::ptrdiff_t>(before), entries.end(),
                           [](const LogEntry& entry) {
                               return entry.what.find("Begin the script here") != std::string::npos;
                           });
    };
    EXPECT_TRUE(said("after.lactsession")) << "rule, layer and camera have changed since";
    ASSERT_TRUE(running.run("script.begin_here").has_value());
    EXPECT_FALSE(said("here.lactsession"));
}

TEST(ScriptWindow, ASessionKeepsItsScript) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "session.json";
    nlohmann::json steps;
    {
        const Running running = start_null();
        perform(running);
        steps = running.program->document().script.steps;
        ASSERT_TRUE(running.run("file.save_session", {{"path", file.string()}}).has_value());
        EXPECT_EQ(errors(*running.program), 0);
    }
    const auto saved = load_session_file(file);
    ASSERT_TRUE(saved.has_value()) << saved.error().message();
    EXPECT_EQ(saved->script, steps);
    const Running running = start_null("parcel");
    ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
    settle(running);
    EXPECT_EQ(errors(*running.program), 0);
    EXPECT_EQ(running.program->snapshot()->state->rule_text, "ascent");  // It has played,
    const SessionFile again = running.program->session();                // and is saved again as it was.
    EXPECT_EQ(again.script, steps);
    EXPECT_EQ(again.parameters.at("matrix.layer"), 0);
    EXPECT_EQ(again.parameters.at("rule.text"), "baseline");
}

TEST(ScriptWindow, AnOpenedScriptIsWhatVideosPlay) {
    const TemporaryFolder folder;
    const auto file = folder.file("script.json", R"([{"set": "matrix.layer", "to": 2}, {"wait": "idle"}])");
    const Running running = start_null();
    ASSERT_TRUE(running.run("file.open", {{"path", file.string()}}).has_value());
    settle(running);
    EXPECT_EQ(running.program->document().matrix.layer, 2);
    EXPECT_EQ(running.program->session().script.size(), 2U);
    EXPECT_EQ(running.program->session().parameters.at("matrix.layer"), 0);
    ASSERT_TRUE(running.run("script.begin_here").has_value());
    EXPECT_EQ(running.program->session().parameters.at("matrix.layer"), 2);
    EXPECT_FALSE(running.run("script.remove_step", {{"step", 2}}).has_value());
    ASSERT_TRUE(running.run("script.remove_step", {{"step", 0}}).has_value());
    EXPECT_EQ(running.program->session().script.size(), 1U);
    const auto copy = folder.path() / "copy.json";
    ASSERT_TRUE(running.run("script.save", {{"path", copy.string()}}).has_value());
    EXPECT_EQ(*parse_json_file(copy), running.program->session().script);
    ASSERT_TRUE(running.run("script.clear").has_value());
    EXPECT_TRUE(running.program->session().script.empty());
    EXPECT_FALSE(running.run("script.play").has_value());
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(ScriptWindow, ChangesOfPathAndScriptAreUndone) {
    const Running running = start_null();
    Application& program = *running.program;
    const PathState& path = program.document().path;
    EXPECT_FALSE(running.run("edit.undo").has_value());
    double now = 10;
    const auto later = [&] {
        for (int i = 0; i < 3; ++i) {
            program.hold_clock(now += 0.5);
            frames(running, 1);
        }
    };
    later();
    ASSERT_TRUE(running.run("path.preset", {{"preset", "orbit"}}).has_value());
    later();
    const std::size_t keys = path.track.keys.size();
    ASSERT_TRUE(running.run("path.remove_key", {{"key", 1}}).has_value());
    later();
    ASSERT_TRUE(running.run("path.clear").has_value());
    ASSERT_TRUE(running.run("edit.undo").has_value());  // At once: no pause is needed.
    EXPECT_EQ(path.track.keys.size(), keys - 1);
    ASSERT_TRUE(running.run("edit.undo").has_value());
    EXPECT_EQ(path.track.keys.size(), keys);
    ASSERT_TRUE(running.run("edit.undo").has_value());
    EXPECT_TRUE(path.track.keys.empty());
    EXPECT_FALSE(running.run("edit.undo").has_value());
    ASSERT_TRUE(running.run("edit.redo").has_value());
    EXPECT_EQ(path.track.keys.size(), keys);
    EXPECT_EQ(errors(program), 0);
}

TEST(ScriptWindow, NoticesShowWhatWasSaidForSomeTime) {
    const TemporaryFolder folder;
    const Running running = start_null();
    frames(running, 1);
    const std::size_t before = running.program->panels().notices.size();
    ASSERT_TRUE(running.run("file.save_view", {{"path", (folder.path() / "view.png").string()}}).has_value());
    frames(running, 1);
    EXPECT_EQ(running.program->panels().notices.size(), before + 1);
    running.program->hide_times();  // In recordings nothing depends on when it was said.
    const auto image = folder.path() / "other.png";
    ASSERT_TRUE(running.run("file.save_view", {{"path", image.string()}}).has_value());
    frames(running, 1);
    EXPECT_EQ(running.program->panels().notices.size(), before + 1);
}

TEST(ScriptWindow, WaitsWhileAnImageThatItAskedForIsCaptured) {
    auto display = gfx::make_offscreen({});
    if (!display) {
        LACT_NO_VULKAN(display.error());
    }
    const TemporaryFolder folder;
    const auto image = folder.path() / "window.png";
    const Running running = test::start(std::move(*display), test::options_for("bouquet"));
    const auto script =
        nlohmann::json::array({{{"action", "file.save_window"}, {"with", {{"path", image.string()}}}},
                               {{"wait", "idle"}},
                               {{"set", "rule.steps"}, {"to", 3}}});
    ASSERT_TRUE(running.program->run_script(script, "script", ScriptRights::all).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_TRUE(std::filesystem::exists(image)) << "the rule was not changed before it was written";
    EXPECT_EQ(running.program->snapshot()->state->rule.inner_steps, 3);
    EXPECT_EQ(test::errors(*running.program), 0);
}

TEST(ScriptWindow, AVideoOfAPartHasTheFramesOfTheWhole) {
    if (const auto display = gfx::make_offscreen({}); !display) {
        LACT_NO_VULKAN(display.error());
    }
    const TemporaryFolder folder;
    SessionFile session;
    session.scene = LACT_ASSETS_DIR "/scenes/bouquet";
    session.weights = LACT_ASSETS_DIR "/weights/general.safetensors";
    session.script = nlohmann::json::parse(R"([
        {"action": "camera.glide", "with": {"yaw": 40, "seconds": 1}},
        {"at": 0.5}, {"action": "rule.ascent"}, {"at": 1}])");
    const auto video = [&](const char* name, double from, double seconds) -> Result<RecordedVideo> {
        LACT_TRY(const test::RecordingProgram started, test::start_recording_program(480, 320));
        RecordOptions record;
        record.fps = 4;
        record.from = from;
        record.seconds = seconds;
        record.output = folder.path() / name;
        return lact::app::record(*started.program, session, record, {});
    };
    const auto whole = video("whole", 0, 0);
    ASSERT_TRUE(whole.has_value()) << whole.error().message();
    EXPECT_EQ(whole->frames, 5);
    const auto part = video("part", 0.5, 0.5);
    ASSERT_TRUE(part.has_value()) << part.error().message();
    ASSERT_EQ(part->frames, 2);
    std::vector<std::filesystem::path> of_whole;
    std::vector<std::filesystem::path> of_part;
    for (const auto& [name, files] : {std::pair{"whole", &of_whole}, std::pair{"part", &of_part}}) {
        for (const auto& entry : std::filesystem::directory_iterator(folder.path() / name)) {
            files->push_back(entry.path());
        }
        std::sort(files->begin(), files->end());
    }
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(test::decode_png(of_part[i]).image.pixels, test::decode_png(of_whole[i + 2]).image.pixels)
            << i;
    }
    EXPECT_NE(test::decode_png(of_whole[1]).image.pixels, test::decode_png(of_whole[3]).image.pixels);
    const auto late = video("late", 5, 1);
    ASSERT_FALSE(late.has_value());
    EXPECT_NE(late.error().message().find("over before 5"), std::string::npos) << late.error().message();
}

}  // namespace

}  // namespace lact::app
