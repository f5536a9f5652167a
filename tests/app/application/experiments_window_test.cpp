// The Experiments panel, driven by the program's own commands and parameters.
#include "app/commands/experiment_controller.h"
#include "engine/core/files.h"
#include "tests/app/application/running.h"
#include "tests/support/environment.h"
#include "tests/support/rule_weights.h"
#include "tests/support/temporary_folder.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::errors;
using test::run;
using test::Running;
using test::set;
using test::start_null;

/// Runs an experiment at its smallest and waits for the end, without a limit of time.
void run_small(const Running& running, std::string_view id) {
    const auto begun = running.run("experiment.run", {{"experiment", id},
                                                      {"views", 1},
                                                      {"steps", 2},
                                                      {"layer", 0},
                                                      {"head", 0},
                                                      {"projection", "pca"},
                                                      {"training_steps", 1}});
    ASSERT_TRUE(begun.has_value()) << id << ": " << begun.error().message();
    ASSERT_TRUE(running.program->settle(600).has_value()) << id;
}

TEST(ExperimentsPanel, ShowsTheReportOfARun) {
    const Running running = start_null();
    run(running, "panel.show", {{"panel", "Experiments"}});
    ExperimentsPanel& panel = running.program->panels().experiments;
    EXPECT_EQ(panel.outcome(), nullptr);
    EXPECT_TRUE(panel.data().empty());
    EXPECT_FALSE(running.run("experiment.cancel").has_value());
    EXPECT_FALSE(running.run("experiment.export").has_value());
    run_small(running, "mirror");
    ASSERT_NE(panel.outcome(), nullptr);
    ASSERT_TRUE(panel.outcome()->report);
    EXPECT_TRUE(panel.outcome()->report->finished);
    EXPECT_EQ(panel.outcome()->request.settings.views, 1U);
    EXPECT_FALSE(panel.data().empty());
    // The report stays with its state when the state changes.
    set(running, "rule.steps", 2);
    EXPECT_LT(panel.outcome()->generation, running.program->snapshot()->state->generation);
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(ExperimentsPanel, ExportsWhatItShows) {
    const TemporaryFolder folder;
    const Running running = start_null();
    run_small(running, "mirror");
    run(running, "experiment.export", {{"folder", (folder.path() / "out").string()}});
    const auto written = lact::read_file(folder.path() / "out" / "report.json");
    ASSERT_TRUE(written.has_value());
    const auto json = nlohmann::json::parse(*written);
    const ExperimentReport& shown = *running.program->panels().experiments.outcome()->report;
    EXPECT_EQ(json.at("finding"), shown.finding);
    EXPECT_EQ(json.at("tables").size(), shown.tables.size());
    run(running, "panel.export", {{"panel", "Experiments"}, {"path", (folder.path() / "p.csv").string()}});
    EXPECT_FALSE(running.run("experiment.export", {{"experiment", "nothing"}}).has_value());
}

TEST(ExperimentsPanel, ItsNumbersAreOfTheRunAndNotOfWhatIsOpenNow) {
    const TemporaryFolder folder;
    const Running running = start_null();
    run_small(running, "mirror");
    set(running, "rule.steps", 2);
    run(running, "panel.export", {{"panel", "Experiments"}, {"path", (folder.path() / "p.csv").string()}});
    int files = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
        const std::string text = *lact::read_file(file.path());
        EXPECT_NE(text.find("# rule: baseline (as trained)\n"), std::string::npos) << text;
        EXPECT_NE(text.find("# experiment: mirror\n"), std::string::npos) << text;
        EXPECT_EQ(text.find("steps=2"), std::string::npos) << text;
        EXPECT_EQ(text.find("# weights: {"), std::string::npos) << "those that are open: " << text;
        ++files;
    }
    EXPECT_GT(files, 0);
}

TEST(ExperimentsPanel, OneThatWaitsToBeginIsActive) {
    Snapshot snapshot;
    EXPECT_EQ(active_experiment(snapshot), nullptr);
    snapshot.requested_experiment = "mirror";
    ASSERT_NE(active_experiment(snapshot), nullptr);
    EXPECT_EQ(*active_experiment(snapshot), "mirror");
    ExperimentOutcome running;
    running.running = true;
    snapshot.experiments["linear"] = std::make_shared<const ExperimentOutcome>(running);
    EXPECT_EQ(*active_experiment(snapshot), "linear") << "it is cancelled first";
}

TEST(ExperimentsPanel, SettingsAreParametersOfTheSession) {
    const Running running = start_null();
    set(running, "experiment.id", "linear");
    set(running, "experiment.layer", 1);
    set(running, "experiment.steps", 32);
    set(running, "experiment.projection", "tsne");
    const auto stored = running.program->session().parameters;
    EXPECT_EQ(stored.at("experiment.id"), "linear");
    EXPECT_EQ(stored.at("experiment.layer"), 1);
    EXPECT_EQ(stored.at("experiment.steps"), 32);
    EXPECT_EQ(stored.at("experiment.projection"), "tsne");
    EXPECT_FALSE(running.program->parameters().set("experiment.steps", 65).has_value());
    EXPECT_FALSE(running.program->parameters().set("experiment.id", "nothing").has_value());
    for (const auto& wrong : {nlohmann::json{{"experiment", "nothing"}}, nlohmann::json{{"layer", 99}},
                              nlohmann::json{{"layer", 0.5}}, nlohmann::json{{"steps", 0}},
                              nlohmann::json{{"projection", "umap"}}, nlohmann::json{{"colour", 1}}}) {
        EXPECT_FALSE(running.run("experiment.run", wrong).has_value()) << wrong;
    }
    EXPECT_TRUE(running.program->snapshot()->experiments.empty());
}

TEST(ExperimentsPanel, AScriptWaitsForTheEnd) {
    const Running running = start_null();
    const auto steps = nlohmann::json::array(
        {{{"action", "experiment.run"}, {"with", {{"experiment", "mirror"}, {"views", 1}}}},
         {{"wait", "idle"}},
         {{"set", "experiment.image"}, {"to", "case0"}}});
    ASSERT_TRUE(running.program->run_script(steps, "test").has_value());
    ASSERT_TRUE(running.program->settle(600).has_value());
    EXPECT_FALSE(running.program->controllers().player.failure().has_value());
    EXPECT_TRUE(running.program->panels().experiments.outcome()->report->finished);
    EXPECT_EQ(running.program->document().experiment.image, "case0");
}

/// The pointer goes over the window; under it never lie two items of one id.
void expect_no_id_twice(const Running& running, const std::string& what) {
    const ImVec2 size = ImGui::GetMainViewport()->Size;
    for (float y = 40; y < size.y; y += 23) {
        for (const float share : {0.73F, 0.8F, 0.87F, 0.95F}) {
            ImGui::GetIO().AddMousePosEvent(size.x * share, y);
            for (int frame = 0; frame < 2; ++frame) {
                running.program->shell().wake();
                ASSERT_TRUE(running.program->shell().frame().has_value());
            }
            EXPECT_LE(ImGui::GetCurrentContext()->HoveredIdPreviousFrameItemCount, 1)
                << what << " at " << size.x * share << ", " << y;
        }
    }
}

TEST(ExperimentsPanel, DrawsEveryReportAtTwoSizes) {
    // The bundled weights of all rules take minutes to measure.
    const TemporaryFolder assets;
    lact::test::write_rule_weights(assets.path());
    const lact::test::Environment environment("LACT_ASSETS", assets.path().c_str());
    for (const auto& [width, height] : {std::pair{1280, 800}, std::pair{1920, 1080}}) {
        gfx::DisplayOptions options;
        options.width = width;
        options.height = height;
        const Running running = test::start(gfx::make_null(options), test::options_for("bouquet"));
        run(running, "inputs.set", {{"views", {0, 8}}});
        run(running, "panel.show", {{"panel", "Experiments"}});
        for (const Experiment& one : experiments()) {
            // At the second size one with images is enough: what differs is the layout.
            if (width != 1280 && one.id != "mirror") {
                continue;
            }
            run_small(running, one.id);
            const ExperimentOutcome* outcome = running.program->panels().experiments.outcome();
            ASSERT_NE(outcome, nullptr) << one.id;
            ASSERT_TRUE(outcome->report && outcome->report->finished) << one.id << ": " << outcome->problem;
            if (!outcome->report->images.empty()) {
                set(running, "experiment.image", outcome->report->images.back().name);
            }
            expect_no_id_twice(running, std::string(one.id));
        }
        EXPECT_EQ(errors(*running.program), 0);
    }
}

}  // namespace

}  // namespace lact::app
