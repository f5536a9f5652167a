#include "app/commands/interaction_recorder.h"

#include "engine/scene/camera_track.h"

#include <memory>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

InteractionSample at(double seconds, nlohmann::json parameters) {
    InteractionSample moment;
    moment.seconds = seconds;
    moment.parameters = std::move(parameters);
    moment.inputs = {0, 1};
    moment.in_front = {"View", "Rule"};
    return moment;
}

TEST(InteractionRecorder, NothingDoneIsAWaitAlone) {
    InteractionRecorder take(at(0, {{"a", 1}}));
    for (double t = 0; t < 3; t += 0.5) {
        take.add(at(t, {{"a", 1}}));
    }
    EXPECT_FALSE(take.flew());
    EXPECT_EQ(take.steps(3), nlohmann::json::parse(R"([{"at": 3.0}])"));
}

TEST(InteractionRecorder, ChangesBecomeStepsAtTheirTimes) {
    InteractionRecorder take(at(0, {{"rule.text", "baseline"}, {"compare.on", false}}));
    take.add(at(1.5, {{"rule.text", "ascent"}, {"compare.on", false}}));
    auto moment = at(2.25, {{"rule.text", "ascent"}, {"compare.on", true}});
    moment.in_front = {"View", "Compare"};
    take.add(moment);
    moment.seconds = 3;
    moment.inputs = {4, 2};
    take.add(moment);
    EXPECT_EQ(take.steps(4), nlohmann::json::parse(R"([
        {"at": 1.5}, {"set": "rule.text", "to": "ascent"},
        {"at": 2.25}, {"set": "compare.on", "to": true}, {"action": "panel.show", "with": {"panel": "Compare"}},
        {"at": 3.0}, {"action": "inputs.set", "with": {"views": [4, 2]}},
        {"at": 4.0}])"));
}

TEST(InteractionRecorder, AFrozenImageAndMeasurementsAreCommands) {
    InteractionRecorder take(at(0, {{"compare.b", "photo"}, {"experiment.steps", 4}}));
    auto moment = at(1, {{"compare.b", "captured"}, {"experiment.steps", 4}});
    moment.kept = std::make_shared<int>(1);
    take.add(moment);
    moment.seconds = 2;
    moment.kept = std::make_shared<int>(1);  // Again: another image.
    take.add(moment);
    moment.seconds = 3;
    moment.parameters["experiment.steps"] = 8;
    moment.experiment = "linear";
    take.add(moment);
    moment.seconds = 4;
    moment.experiment.clear();
    moment.measurement = 1;
    take.add(moment);
    moment.seconds = 5;
    moment.kept.reset();
    take.add(moment);
    EXPECT_EQ(take.steps(6), nlohmann::json::parse(R"([
        {"at": 1.0}, {"action": "compare.keep"}, {"set": "compare.b", "to": "captured"},
        {"at": 2.0}, {"action": "compare.keep"},
        {"at": 2.9}, {"set": "experiment.steps", "to": 8},
        {"at": 3.0}, {"action": "experiment.run", "with": {"experiment": "linear"}},
        {"at": 4.0}, {"action": "sequence.measure"},
        {"at": 6.0}])"));
}

TEST(InteractionRecorder, ADraggedNumberIsOneStepThatTakesItsTime) {
    InteractionRecorder take(at(0, {{"divider", 0.5}}));
    double seconds = 2;
    for (int i = 1; i <= 20; ++i) {
        seconds += 0.05;
        take.add(at(seconds, {{"divider", 0.5 + 0.02 * i}}));
    }
    take.add(at(5, {{"divider", 0.9}}));
    take.add(at(5.05, {{"divider", 0.1}}));  // A click elsewhere: a jump.
    const nlohmann::json steps = take.steps(6);
    ASSERT_EQ(steps.size(), 5U) << steps.dump();
    EXPECT_NEAR(steps[0]["at"].get<double>(), 1.95, 0.06);
    EXPECT_NEAR(steps[1]["to"].get<double>(), 0.9, 1e-9);
    EXPECT_NEAR(steps[1]["over"].get<double>(), 1.05, 0.06);
    EXPECT_NEAR(steps[2]["at"].get<double>(), 5, 0.06);
    EXPECT_EQ(steps[3]["to"], 0.1);
    EXPECT_FALSE(steps[3].contains("over"));
}

TEST(InteractionRecorder, ADragThereAndBackIsTwoSteps) {
    InteractionRecorder take(at(0, {{"divider", 0.5}}));
    double seconds = 1;
    double value = 0.5;
    const auto drag = [&](double to) {
        for (int i = 0; i < 10; ++i) {
            seconds += 0.05;
            value += (to - value) / (10 - i);
            take.add(at(seconds, {{"divider", value + 0.001 * (i % 2)}}));  // A hand is not steady.
        }
    };
    drag(0.1);
    drag(0.7);
    const nlohmann::json steps = take.steps(4);
    ASSERT_EQ(steps.size(), 5U) << steps.dump();
    EXPECT_NEAR(steps[1]["to"].get<double>(), 0.1, 2e-3);
    EXPECT_NEAR(steps[1]["over"].get<double>(), 0.5, 0.06);
    EXPECT_NEAR(steps[2]["at"].get<double>(), 1.5, 0.06);
    EXPECT_NEAR(steps[3]["to"].get<double>(), 0.7, 2e-3);
    EXPECT_NEAR(steps[3]["over"].get<double>(), 0.5, 0.06);
}

TEST(InteractionRecorder, RulesInQuickSuccessionAllCount) {
    InteractionRecorder take(at(0, {{"rule.text", "baseline"}}));
    take.add(at(1, {{"rule.text", "ascent"}}));
    take.add(at(1.8, {{"rule.text", "baseline"}}));
    EXPECT_EQ(take.steps(2).size(), 5U) << take.steps(2).dump();
}

TEST(InteractionRecorder, TypedTextCountsOnceItIsWhole) {
    InteractionRecorder take(at(0, {{"compare.b", "photo"}}));
    for (const char* text : {"r", "ru", "rule=as", "rule=ascent"}) {
        take.add(at(1, {{"compare.b", text}}));
    }
    EXPECT_EQ(take.steps(2), nlohmann::json::parse(
                                 R"([{"at": 1.0}, {"set": "compare.b", "to": "rule=ascent"}, {"at": 2.0}])"));
}

TEST(InteractionRecorder, APointerThatRestsOnAPatchPinsIt) {
    const nlohmann::json nothing = {{"selection.patch", ""}};
    InteractionRecorder take(at(0, nothing));
    const auto hover = [&](double seconds, const char* patch) {
        auto moment = at(seconds, nothing);
        moment.hovered_patch = patch;
        take.add(moment);
    };
    hover(1, "1,1");
    hover(1.1, "2,1");  // On its way.
    hover(1.2, "3,1");
    hover(1.5, "3,1");
    hover(1.7, "3,1");
    hover(2.5, "");
    EXPECT_EQ(take.steps(3), nlohmann::json::parse(R"([{"at": 1.2}, {"set": "selection.patch", "to": "3,1"},
        {"at": 2.5}, {"set": "selection.patch", "to": ""}, {"at": 3.0}])"));
}

TEST(InteractionRecorder, TheFlightStandsStillUntilTheCameraMoves) {
    InteractionSample moment = at(0, {});
    InteractionRecorder take(moment);
    moment.seconds = 3;  // No frame between: nothing was drawn.
    moment.pose.c2w(0, 3) = 1;
    take.add(moment);
    moment.seconds = 4;
    take.add(moment);
    EXPECT_TRUE(take.flew());
    EXPECT_EQ(take.steps(4)[0], nlohmann::json::parse(R"({"action": "path.play"})"));
    const auto track = track_of_flight(take.flight());
    ASSERT_TRUE(track.has_value());
    const auto path = TrackEvaluator::make(*track);
    ASSERT_TRUE(path.has_value());
    EXPECT_NEAR(path->at(2.5).c2w(0, 3), 0, 0.02);
    EXPECT_NEAR(path->at(3.5).c2w(0, 3), 1, 0.02);
    EXPECT_NEAR(path->duration(), 4, 1e-9);
}

}  // namespace

}  // namespace lact::app
