// What the panels that look inside show, driven by the program's own actions and parameters.
#include "app/cli/assets.h"
#include "engine/session/evaluate.h"
#include "tests/app/program/running.h"
#include "tests/app/run_program.h"
#include "tests/support/temporary_folder.h"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace lact::app {
namespace {

using lact::test::TemporaryFolder;
using test::errors;
using test::Running;
using test::start_null;

void show(const Running& running, const char* panel) {
    ASSERT_TRUE(running.run("panel.show", {{"panel", panel}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
}

void set(const Running& running, const char* id, const nlohmann::json& value) {
    const auto done = running.program->parameters().set(id, value);
    ASSERT_TRUE(done.has_value()) << id << ": " << done.error().message();
    ASSERT_TRUE(running.program->settle().has_value()) << id;
}

TEST(RulePanel, EverySwitchBuildsItsState) {
    const Running running = start_null();
    show(running, "Rule");
    const std::vector<std::pair<const char*, nlohmann::json>> switches = {
        {"rule.loss", "mse"},    {"rule.direction", "ascent"}, {"rule.steps", 3},
        {"rule.update", "last"}, {"rule.read", "key"},         {"rule.ns_steps", 3},
        {"rule.ns", "fp32"},     {"rule.muon", "off"},         {"rule.norm", "off"},
        {"rule.rate", "off"},    {"rule.kernel", "identity"}};
    for (const auto& [id, value] : switches) {
        ASSERT_TRUE(running.run("rule.trained").has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        const UpdateRule before = running.program->published().state->rule;
        EXPECT_FALSE(running.program->published().state->rule_switched) << id;
        set(running, id, value);
        const StateSummary& state = *running.program->published().state;
        EXPECT_NE(state.rule, before) << id;
        EXPECT_EQ(*running.program->parameters().get(id), value) << id;
        EXPECT_EQ(state.rule_switched, std::string(id) != "rule.ns") << id;
        set(running, "rule.text", format(before));
        EXPECT_EQ(running.program->published().state->rule, before) << id;
    }
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(RulePanel, SaysWhatTheRuleDoes) {
    const Running running = start_null();
    show(running, "Rule");
    const RulePanel::Readout trained = running.program->rule_panel().readout();
    ASSERT_TRUE(trained.psnr && trained.loss_before && trained.loss_after);
    EXPECT_LT(*trained.loss_after, *trained.loss_before);  // descent
    EXPECT_EQ(trained.psnr, trained.psnr_trained);
    set(running, "rule.direction", "ascent");
    const RulePanel::Readout ascent = running.program->rule_panel().readout();
    ASSERT_TRUE(ascent.psnr && ascent.psnr_trained && ascent.loss_after);
    EXPECT_EQ(*ascent.psnr_trained, *trained.psnr);
    EXPECT_LT(*ascent.psnr, *trained.psnr - 3);
    EXPECT_GT(*ascent.loss_after, *ascent.loss_before);
}

TEST(RulePanel, RefusesWhatHasNoMeaningAndKeepsTheRule) {
    const Running running = start_null();
    const auto before = running.program->published().state->rule;
    const auto refused = running.program->parameters().set("rule.text", "kernel=identity,update=all");
    ASSERT_FALSE(refused.has_value());
    EXPECT_FALSE(refused.error().what.empty());
    EXPECT_FALSE(running.program->parameters().set("rule.text", "nonsense").has_value());
    EXPECT_FALSE(running.program->parameters().set("rule.steps", 65).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(running.program->published().state->rule, before);
}

TEST(LinearAttentionPanel, ShowsTheDifferenceThatInspectChecks) {
    const Running running = start_null();
    ASSERT_TRUE(
        running.run("camera.go_to_view", {{"view", running.program->published().scene->held_out()[0]}})
            .has_value());
    set(running, "matrix.layer", 2);
    set(running, "matrix.head", 1);
    show(running, "Linear attention");
    const TwinCheckRow* shown = running.program->linear_attention_panel().difference();
    ASSERT_NE(shown, nullptr);
    EXPECT_EQ(shown->layer, 2);
    EXPECT_EQ(shown->head, 1);
    const auto run =
        test::run_lactscope("inspect --check --json --rule baseline --device cpu --scene " LACT_ASSETS_DIR
                            "/scenes/bouquet --weights " LACT_ASSETS_DIR "/weights/nano64.safetensors");
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const auto rows = nlohmann::json::parse(run.out).at("rows");
    const auto row = std::find_if(rows.begin(), rows.end(), [](const auto& one) {
        return one.at("layer") == 2 && one.at("head") == 1;
    });
    ASSERT_NE(row, rows.end());
    EXPECT_EQ(shown->status, row->at("status").get<std::string>());
    EXPECT_DOUBLE_EQ(shown->tolerance, row->at("tolerance").get<double>());
    EXPECT_LE(shown->rel, shown->tolerance);
    // Both are rounding of fp32, which depends on the number of threads: the same size, not the same bits.
    EXPECT_LT(std::abs(std::log10(shown->rel / row->at("rel").get<double>())), 1.0);
    // The command asks with the input views' queries, too.
    EXPECT_NEAR(shown->moved, row->at("phi_moved").get<double>(), 0.1 * shown->moved);
}

TEST(LinearAttentionPanel, SharesOfAPatchSumToOne) {
    const Running running = start_null();
    set(running, "selection.patch", "3,4");
    show(running, "Linear attention");
    for (const char* side : {"value", "key"}) {
        set(running, "linear.side", side);
        const AttentionMap* map = running.program->linear_attention_panel().attention().map();
        ASSERT_NE(map, nullptr) << side;
        EXPECT_EQ(to_string(map->side), side);
        EXPECT_NE(map->label.find(side), std::string::npos) << map->label;
        EXPECT_EQ(map->views.size(), running.program->published().scene->inputs.size());
        EXPECT_NEAR(std::accumulate(map->views.begin(), map->views.end(), map->s0), 1.0, 1e-4);
        EXPECT_FALSE(map->weights.empty());
    }
    // Without a pinned patch all patches of the view ask.
    set(running, "selection.patch", "");
    const AttentionMap* all = running.program->linear_attention_panel().attention().map();
    ASSERT_NE(all, nullptr);
    EXPECT_TRUE(all->weights.empty());
    EXPECT_FALSE(running.program->parameters().set("selection.patch", "3;4").has_value());
}

TEST(LinearAttentionPanel, StaysWithItsSelectionOverRulesAndLayers) {
    const Running running = start_null();
    show(running, "Linear attention");
    set(running, "selection.patch", "2,5");
    set(running, "rule.text", "mse");
    set(running, "matrix.layer", 4);
    EXPECT_EQ(*running.program->parameters().get("selection.patch"), "2,5");
    const AttentionMap* map = running.program->linear_attention_panel().attention().map();
    ASSERT_NE(map, nullptr);
    EXPECT_NE(map->label.find("layer 4"), std::string::npos) << map->label;
    for (const char* matrices : {"state", "change", "keys", "muon"}) {
        set(running, "linear.matrices", matrices);
    }
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(FastWeightsPanel, EveryLookIsAnswered) {
    const Running running = start_null();
    show(running, "Fast weights");
    for (const char* look : {"spectrum", "layers", "rates", "timeline", "map"}) {
        set(running, "weights.look", look);
        for (const auto& [name, answer] : running.program->published().answers) {
            EXPECT_TRUE(answer->problem.empty()) << look << ", " << name << ": " << answer->problem;
        }
        const auto asked = [&](const char* name) {
            return running.program->published().answers.contains(name);
        };
        EXPECT_EQ(asked("weights.spectra"), std::string(look) == "spectrum");
        EXPECT_EQ(asked("weights.norms"), std::string(look) == "layers");
        EXPECT_EQ(asked("weights.rates"), std::string(look) == "rates");
        EXPECT_EQ(asked("weights.timeline.picture"), std::string(look) == "timeline");
    }
}

TEST(FastWeightsPanel, AllPhotosOfTheTimelineAreTheState) {
    const Running running = start_null();
    show(running, "Fast weights");
    set(running, "rule.ns", "fp32");  // bf16 would turn other roundings into other last digits
    set(running, "weights.look", "timeline");
    set(running, "weights.views", 8);
    const auto& answers = running.program->published().answers;
    const Matrix* last = answers.at("weights.timeline.matrix")->get<Matrix>();
    ASSERT_NE(last, nullptr);
    const Matrix& now = *running.program->published().matrix;
    ASSERT_EQ(last->values.size(), now.values.size());
    for (std::size_t i = 0; i < now.values.size(); ++i) {
        ASSERT_NEAR(last->values[i], now.values[i], 1e-4);
    }
    const std::vector<float> whole = last->values;
    const Frame* picture = answers.at("weights.timeline.picture")->get<Frame>();
    ASSERT_NE(picture, nullptr);
    EXPECT_EQ(picture->image.rgb, running.program->published().frame->image.rgb);
    set(running, "weights.views", 2);
    EXPECT_NE(running.program->published().answers.at("weights.timeline.matrix")->get<Matrix>()->values,
              whole);
    EXPECT_FALSE(running.program->parameters().set("weights.views", 9).has_value());
}

TEST(GeneratedScene, HasItsTruthAtEveryPose) {
    const TemporaryFolder cache;
    ::setenv("XDG_CACHE_HOME", cache.path().c_str(), 1);
    const Running running = start_null();
    EXPECT_FALSE(running.program->viewport_panel().psnr_against_truth().has_value());
    const auto made = running.run("scene.generate", {{"seed", 100000057}});
    ASSERT_TRUE(made.has_value()) << made.error().message();
    ASSERT_TRUE(running.program->settle().has_value());
    const SceneSummary& scene = *running.program->published().scene;
    EXPECT_EQ(scene.name, "object_100000057");
    ASSERT_TRUE(scene.origin.has_value());
    EXPECT_EQ(scene.origin->seed, 100000057U);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(running.run("camera.turn").has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        const auto psnr = running.program->viewport_panel().psnr_against_truth();
        ASSERT_TRUE(psnr.has_value()) << i;
        EXPECT_GT(*psnr, 10);
    }
    EXPECT_FALSE(running.run("scene.generate", {{"seed", "many"}}).has_value());
    EXPECT_EQ(errors(*running.program), 0);
    ::unsetenv("XDG_CACHE_HOME");
}

TEST(TrainingPanel, OpensTheFolderOfARun) {
    const TemporaryFolder folder;
    (void)folder.file("run.json", R"({"state": "finished", "name": "mini", "steps_done": 5, "steps": 5})");
    (void)folder.file("curve.csv", "step,train_psnr,heldout,psnr,nearest_view\n1,18,,,\n2,19,object,20,17\n");
    const Running running = start_null();
    ASSERT_TRUE(running.run("file.open", {{"path", folder.path().string()}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 0);
    // A run's folder is no scene: what was open stays.
    EXPECT_EQ(running.program->published().scene->name, "bouquet");
}

}  // namespace
}  // namespace lact::app
