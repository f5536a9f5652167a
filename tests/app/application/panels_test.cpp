// What the panels that look inside show, driven by the program's own actions and parameters.
#include "app/commands/rule_controller.h"
#include "app/platform/assets.h"
#include "app/ui/rule_panel.h"
#include "app/ui/viewport_panel.h"
#include "engine/core/files.h"
#include "engine/session/evaluate.h"
#include "tests/app/application/items.h"
#include "tests/app/application/running.h"
#include "tests/app/application/slow_engine_display.h"
#include "tests/app/cli/run_program.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::errors;
using test::Running;
using test::set;
using test::start_null;

void show(const Running& running, const char* panel) {
    ASSERT_TRUE(running.run("panel.show", {{"panel", panel}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
}

/// Height in pixels of an item at the root of a panel, also where it is scrolled out of sight; 0: none is
/// drawn.
float height_of_item(const Running& running, const std::string& panel, const char* item) {
    const test::AddedItems items = test::items_of_a_frame(running);
    const ImGuiWindow* window = ImGui::FindWindowByName(("###" + panel).c_str());
    const auto found = window == nullptr ? items.end() : items.find(ImHashStr(item, 0, window->ID));
    return found == items.end() ? 0 : found->second.bounds.GetHeight();
}

/// Whether the item whose label contains a text is disabled; empty: none is visible.
std::optional<bool> is_disabled(const Running& running, const std::string& text) {
    const test::AddedItems items = test::items_of_a_frame(running);
    const auto found = std::ranges::find_if(
        items, [&](const auto& one) { return one.second.label.find(text) != std::string::npos; });
    return found == items.end() ? std::nullopt
                                : std::optional((found->second.flags & ImGuiItemFlags_Disabled) != 0);
}

/// The tables that a panel would save, by name; empty where it refuses.
std::map<std::string, DataTable> tables_of(const Running& running, const char* panel) {
    std::map<std::string, DataTable> tables;
    const auto data = running.program->panels().data(panel);
    for (const DataTable& table : data.value_or(PanelData{})) {
        tables.emplace(table.numbers.name, table);
    }
    return tables;
}

/// The first photos of a bundled scene, as a folder that tells nothing of how it was made.
std::filesystem::path few_photos(const TemporaryFolder& folder, std::size_t count) {
    const std::filesystem::path scene = LACT_ASSETS_DIR "/scenes/bouquet";
    std::filesystem::copy(scene / "images", folder.path() / "images");
    nlohmann::json cameras =
        nlohmann::json::parse(lact::read_file(scene / "opencv_cameras.json").value_or("[]"));
    cameras.erase(cameras.begin() + static_cast<std::ptrdiff_t>(count), cameras.end());
    (void)folder.file("opencv_cameras.json", cameras.dump());
    return folder.path();
}

TEST(ViewPanel, ASceneOfFewerPhotosOpensWhileThePhotoOfAnotherIsShown) {
    const TemporaryFolder folder;
    auto made = std::make_unique<test::SlowEngineDisplay>();
    test::SlowEngineDisplay& display = *made;
    const Running running = test::start(std::move(made), test::options_for("bouquet"));
    const std::string few = few_photos(folder, 5).string();
    bool between = false;
    // Frames are drawn between the scene and its first rendering, unless this thread does not run for 100 ms.
    for (int attempt = 0; attempt < 20 && !between; ++attempt) {
        test::run(running, "scene.open_bundled", {{"name", "bouquet"}});
        test::run(running, "camera.go_to_view", {{"view", 31}});
        display.slow = true;
        ASSERT_TRUE(running.run("scene.open", {{"path", few}}).has_value());
        for (bool rendered = false; !rendered;) {
            ASSERT_TRUE(running.program->shell().frame().has_value());
            const Snapshot& now = *running.program->snapshot();
            const bool new_scene = now.scene->views.size() == 5;
            rendered = new_scene && now.frame->generation == now.state->generation;
            between = between || (new_scene && !rendered);
        }
        display.slow = false;
    }
    EXPECT_TRUE(between) << "the rendering of the scene before was shown beside the new scene";
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(RulePanel, EverySwitchBuildsItsState) {
    const Running running = start_null();
    show(running, "Rule");
    int tried = 0;
    for (const RuleSwitch& one : rule_switches()) {
        if (one.parameter.empty()) {
            EXPECT_EQ(one.key, "momentum");
            continue;
        }
        ++tried;
        const std::string id = "rule." + std::string(one.parameter);
        ASSERT_TRUE(running.run("rule.trained").has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        const UpdateRule before = running.program->snapshot()->state->rule;
        EXPECT_FALSE(running.program->snapshot()->state->rule_switched) << id;
        const bool number = std::holds_alternative<RuleRange>(one.values);
        const int other = number                                      ? 3
                          : all_values(one).back() == one.get(before) ? all_values(one).front()
                                                                      : all_values(one).back();
        const auto value = switch_value(one, other);
        set(running, id.c_str(), value);
        const StateSummary& state = *running.program->snapshot()->state;
        EXPECT_NE(state.rule, before) << id;
        EXPECT_EQ(one.get(state.rule), other) << id;
        EXPECT_EQ(*running.program->parameters().get(id), value) << id;
        EXPECT_EQ(state.rule_switched, id != "rule.ns") << id;
        set(running, "rule.text", format(before));
        EXPECT_EQ(running.program->snapshot()->state->rule, before) << id;
    }
    EXPECT_EQ(tried, 11);
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(RulePanel, SaysWhatTheRuleDoes) {
    const Running running = start_null();
    show(running, "Rule");
    const RulePanel::Readout trained = running.program->panels().rule.readout();
    ASSERT_TRUE(trained.psnr && trained.loss_before && trained.loss_after);
    EXPECT_LT(*trained.loss_after, *trained.loss_before);  // descent
    EXPECT_EQ(trained.psnr, trained.psnr_trained);
    set(running, "rule.direction", "ascent");
    const RulePanel::Readout ascent = running.program->panels().rule.readout();
    ASSERT_TRUE(ascent.psnr && ascent.psnr_trained && ascent.loss_after);
    EXPECT_EQ(*ascent.psnr_trained, *trained.psnr);
    EXPECT_LT(*ascent.psnr, *trained.psnr - 3);
    EXPECT_GT(*ascent.loss_after, *ascent.loss_before);
    set(running, "rule.text", "mse");
    const RulePanel::Readout mse = running.program->panels().rule.readout();
    ASSERT_TRUE(mse.loss_before && mse.loss_after);
    EXPECT_GE(*mse.loss_after, 0);  // half a squared distance, not a dot product
    EXPECT_LT(*mse.loss_after, *mse.loss_before);
}

TEST(RulePanel, RefusesWhatHasNoMeaningAndKeepsTheRule) {
    const Running running = start_null();
    const auto before = running.program->snapshot()->state->rule;
    const auto refused = running.program->parameters().set("rule.text", "kernel=identity,update=all");
    ASSERT_FALSE(refused.has_value());
    EXPECT_FALSE(refused.error().what.empty());
    EXPECT_FALSE(running.program->parameters().set("rule.text", "nonsense").has_value());
    EXPECT_FALSE(running.program->parameters().set("rule.steps", 65).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(running.program->snapshot()->state->rule, before);
}

TEST(LinearAttentionPanel, ShowsTheDifferenceThatInspectChecks) {
    const Running running = start_null();
    ASSERT_TRUE(
        running.run("camera.go_to_view", {{"view", running.program->snapshot()->scene->held_out()[0]}})
            .has_value());
    set(running, "matrix.layer", 2);
    set(running, "matrix.head", 1);
    show(running, "Linear attention");
    const EquivalenceRow* shown = running.program->panels().linear_attention.difference();
    ASSERT_NE(shown, nullptr);
    EXPECT_EQ(shown->layer, 2);
    EXPECT_EQ(shown->head, 1);
    const auto run =
        test::run_lactscope("inspect --check --json --rule baseline --device cpu --scene " LACT_ASSETS_DIR
                            "/scenes/bouquet --weights " LACT_ASSETS_DIR "/weights/general.safetensors");
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const auto rows = nlohmann::json::parse(run.out).at("rows");
    const auto row = std::find_if(rows.begin(), rows.end(), [](const auto& one) {
        return one.at("layer") == 2 && one.at("head") == 1;
    });
    ASSERT_NE(row, rows.end());
    EXPECT_EQ(shown->status, row->at("status").get<std::string>());
    EXPECT_DOUBLE_EQ(shown->limit, row->at("tolerance_fp64").get<double>());
    EXPECT_LE(shown->rel_fp64, 1e-9);
    // Both are rounding of fp32, which depends on the number of threads: the same size, not the same bits.
    EXPECT_LT(std::abs(std::log10(shown->rel_fp32 / row->at("rel").get<double>())), 1.0);
    // The command asks with the input views' queries, too.
    EXPECT_NEAR(shown->moved, row->at("phi_moved").get<double>(), 0.1 * shown->moved);
}

TEST(LinearAttentionPanel, StatesTheDistanceOfSAndTheW1OnScreen) {
    const Running running = start_null();
    set(running, "matrix.layer", 2);
    show(running, "Linear attention");
    const auto& panel = running.program->panels().linear_attention;
    const auto matrices_differ = [&] {
        const auto s = panel.left().shown();
        const auto w1 = panel.right().shown();
        EXPECT_TRUE(s && w1);
        float difference = 0;
        float largest = 0;
        for (std::size_t i = 0; s && w1 && i < s->values.size(); ++i) {
            difference = std::max(difference, std::abs(w1->values[i] - s->values[i]));
            largest = std::max(largest, std::abs(w1->values[i]));
        }
        return static_cast<double>(difference / largest);
    };
    ASSERT_NE(panel.distance(), nullptr);
    EXPECT_GT(matrices_differ(), 0.01);  // Newton-Schulz in bf16
    EXPECT_NEAR(panel.distance()->running.largest, matrices_differ(), 1e-6);
    set(running, "linear.w1", "recomputed");
    EXPECT_LT(matrices_differ(), 1e-5);
    EXPECT_NEAR(panel.distance()->exact.largest, matrices_differ(), 1e-6);
    set(running, "linear.matrices", "change");
    EXPECT_EQ(panel.distance(), nullptr);
}

TEST(LinearAttentionPanel, SpeaksOfMuonOnlyWhereTheRuleHasIt) {
    const Running running = start_null();
    const LinearAttentionPanel& panel = running.program->panels().linear_attention;
    show(running, "Linear attention");
    set(running, "linear.matrices", "muon");
    EXPECT_TRUE(panel.left().shown() && panel.right().shown());
    EXPECT_TRUE(tables_of(running, "Linear attention").contains("M(G1)"));
    set(running, "rule.text", "muon=off");
    EXPECT_NE(panel.left().shown(), nullptr);
    EXPECT_EQ(panel.right().shown(), nullptr) << "it would be G again";
    const auto without = tables_of(running, "Linear attention");
    EXPECT_TRUE(without.contains("G1"));
    EXPECT_FALSE(without.contains("M(G1)"));
    set(running, "linear.matrices", "state");
    EXPECT_TRUE(panel.left().shown() && panel.right().shown());
}

TEST(LinearAttentionPanel, SharesOfAPatchSumToOne) {
    const Running running = start_null();
    set(running, "selection.patch", "3,4");
    show(running, "Linear attention");
    for (const char* side : {"value", "key"}) {
        set(running, "linear.factor", side);
        const AttentionMap* map = running.program->panels().linear_attention.attention().map();
        ASSERT_NE(map, nullptr) << side;
        EXPECT_EQ(to_string(map->options.factor), side);
        EXPECT_EQ(map->options.of, ShareOf::centred);
        EXPECT_NE(map->label.find(side), std::string::npos) << map->label;
        EXPECT_EQ(map->views.size(), running.program->snapshot()->scene->inputs.size());
        EXPECT_NEAR(std::accumulate(map->views.begin(), map->views.end(), map->s0), 1.0, 1e-4);
        EXPECT_FALSE(map->weights.empty());
    }
    const std::vector<double> centred = running.program->panels().linear_attention.attention().map()->tokens;
    set(running, "attention.shares", "output");
    const AttentionMap* whole = running.program->panels().linear_attention.attention().map();
    ASSERT_NE(whole, nullptr);
    EXPECT_EQ(whole->options.of, ShareOf::output);
    EXPECT_NE(whole->tokens, centred);
    EXPECT_NEAR(std::accumulate(whole->views.begin(), whole->views.end(), whole->s0), 1.0, 1e-4);
    const std::string text = cancellation_text(*whole);
    EXPECT_NE(text.find(fmt::format("Σ|s| {:.2f}", whole->absolute_sum)), std::string::npos) << text;
    // Without a pinned patch all patches of the view ask.
    set(running, "selection.patch", "");
    const AttentionMap* all = running.program->panels().linear_attention.attention().map();
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
    const AttentionMap* map = running.program->panels().linear_attention.attention().map();
    ASSERT_NE(map, nullptr);
    EXPECT_NE(map->label.find("layer 4"), std::string::npos) << map->label;
    for (const char* matrices : {"state", "change", "keys", "muon"}) {
        set(running, "linear.matrices", matrices);
    }
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(LinearAttentionPanel, APatchOfAPhotoHasItsVectorsAndWhereItIsRead) {
    const Running running = start_null();
    show(running, "Linear attention");
    set(running, "selection.patch", "3,4");
    const std::size_t photo = running.program->snapshot()->scene->inputs[2];
    set(running, "selection.photo_patch", std::to_string(photo) + ":5,6");
    const AttentionView& view = running.program->panels().linear_attention.attention();
    ASSERT_NE(view.token(), nullptr);
    ASSERT_NE(view.map(), nullptr);
    ASSERT_NE(view.query_features(), nullptr);
    const std::size_t token = 2 * 64 + 6 * 8 + 5;  // third input, row 6, column 5 of 8 x 8 patches
    EXPECT_EQ(view.token()->token, token);
    // The same entry of A, asked for by the row and by the column.
    EXPECT_NEAR(view.token()->reads.at(4 * 8 + 3), view.map()->tokens.at(token), 1e-5);
    EXPECT_EQ(view.query_features()->columns, static_cast<int>(view.token()->key.size()));
    // Painted over the view, too.
    EXPECT_TRUE(running.program->snapshot()->answers.contains("view.token"));
    EXPECT_EQ(*running.program->parameters().get("selection.photo_patch"), std::to_string(photo) + ":5,6");
    const auto set_patch = [&](const std::string& text) {
        return running.program->parameters().set("selection.photo_patch", text).has_value();
    };
    EXPECT_FALSE(set_patch("3,4"));
    EXPECT_FALSE(set_patch("1000:1,1"));
    EXPECT_TRUE(set_patch(""));
}

TEST(LinearAttentionPanel, APinnedPatchThatASmallerSizeHasNotIsNotShown) {
    const Running running = start_null();
    show(running, "Linear attention");
    set(running, "selection.patch", "7,7");
    const std::size_t photo = running.program->snapshot()->scene->inputs.front();
    set(running, "selection.photo_patch", std::to_string(photo) + ":7,7");
    const auto patch = [&] {
        return selected_patch(running.program->document().selection,
                              patch_grid(*running.program->snapshot()));
    };
    const auto input = [&] {
        return selected_input(running.program->document().selection,
                              patch_grid(*running.program->snapshot()));
    };
    EXPECT_EQ(patch(), (PatchAt{7, 7}));
    EXPECT_EQ(input(), (InputPatch{0, {7, 7}}));
    set(running, "model.size", "32x32");
    EXPECT_FALSE(patch().has_value());
    EXPECT_FALSE(input().has_value());
    EXPECT_EQ(running.program->panels().linear_attention.attention().token(), nullptr);
    set(running, "model.size", "64x64");
    EXPECT_EQ(patch(), (PatchAt{7, 7})) << "pins stay";
}

TEST(LinearAttentionPanel, TheContactSheetHoldsTheSingleMaps) {
    const Running running = start_null();
    show(running, "Linear attention");
    set(running, "selection.patch", "2,2");
    set(running, "matrix.layer", 1);
    set(running, "matrix.head", 1);
    const AttentionView& view = running.program->panels().linear_attention.attention();
    ASSERT_NE(view.map(), nullptr);
    const std::vector<double> one = view.map()->tokens;
    set(running, "linear.heads", "all");
    ASSERT_NE(view.sheet(), nullptr);
    const ModelConfig& config = running.program->snapshot()->weights->config;
    ASSERT_EQ(static_cast<int>(view.sheet()->size()), config.layers * config.ttt_heads());
    const std::vector<double>& same =
        view.sheet()->at(static_cast<std::size_t>(config.ttt_heads() + 1)).tokens;
    ASSERT_EQ(one.size(), same.size());
    for (std::size_t i = 0; i < one.size(); ++i) {
        ASSERT_NEAR(one[i], same[i], 1e-6);
    }
}

TEST(LinearAttentionPanel, WithoutAPhotoIsARealSetUp) {
    const Running running = start_null();
    show(running, "Linear attention");
    const auto inputs = running.program->snapshot()->scene->inputs;
    const Frame before = *running.program->snapshot()->frame;
    set(running, "linear.without", inputs[1]);
    const CausalAnswer* causal = running.program->panels().linear_attention.attention().causal();
    ASSERT_NE(causal, nullptr);
    EXPECT_EQ(causal->with.rgb, before.image.rgb);
    const std::vector<float> without = causal->without.rgb;
    const double told = causal->mean_difference;
    double mean = 0;
    for (std::size_t i = 0; i < without.size(); ++i) {
        mean += std::abs(static_cast<double>(without[i]) - before.image.rgb[i]) /
                static_cast<double>(without.size());
    }
    EXPECT_NEAR(mean, told, 1e-6);
    const std::vector<double> change = brightness_change(*causal);
    EXPECT_EQ(change.size(), without.size() / 3);
    // Unticking the photo gives that image.
    ASSERT_TRUE(running.run("inputs.toggle", {{"view", inputs[1]}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(running.program->snapshot()->frame->image.rgb, without);
}

TEST(Formulae, LeadToWhatTheyStandFor) {
    const Running running = start_null();
    std::set<std::string> shown;
    for (const RulePreset& preset : rule_presets()) {
        for (const FormulaLine& line : rule_formula(preset.rule)) {
            EXPECT_FALSE(line.tooltip.empty());
            for (const FormulaTerm& term : line.terms) {
                shown.insert(term.shows);
            }
        }
    }
    shown.erase("");
    EXPECT_GE(shown.size(), 9U);
    for (const std::string& what : shown) {
        const auto done = running.run("formula.show", {{"what", what}});
        EXPECT_TRUE(done.has_value()) << what << ": " << done.error().message();
        ASSERT_TRUE(running.program->settle().has_value());
    }
    ASSERT_TRUE(running.run("formula.show", {{"what", "gradient"}}).has_value());
    EXPECT_EQ(*running.program->parameters().get("linear.matrices"), "muon");
    EXPECT_FALSE(running.run("formula.show", {{"what", "nonsense"}}).has_value());
}

TEST(Formulae, SayWhatTheRuleDoes) {
    const auto all = [](const char* rule) {
        std::string text;
        for (const FormulaLine& line : rule_formula(*parse_update_rule(rule))) {
            text += text_of(line) + "\n";
        }
        return text;
    };
    EXPECT_NE(all("baseline").find("W ← norm(W + NS5(G))"), std::string::npos);
    EXPECT_NE(all("norm=off,muon=off").find("W ← W + G\n"), std::string::npos);
    EXPECT_NE(all("ascent").find("= −"), std::string::npos);
    EXPECT_NE(all("mse,steps=4").find("4 times"), std::string::npos);
    EXPECT_NE(all("baseline").find("S = (S0 + φ(k)⊤ "), std::string::npos);
    EXPECT_NE(all("steps=4").find("S = S0 D + ∑ φ(k)⊤ "), std::string::npos);
    EXPECT_NE(all("steps=4").find(" D_I = W1"), std::string::npos);
    EXPECT_NE(all("norm=off,steps=4").find("S = S0 + ∑ φ(k)⊤ "), std::string::npos);
    EXPECT_NE(all("kernel=identity,update=last").find("φ(x) = x\n"), std::string::npos);
}

TEST(Tour, RunsToItsEnd) {
    const Running running = start_null("spinning_top");
    const TourState& card = running.program->document().tour;
    ASSERT_GE(card.pages.size(), 6U);
    EXPECT_FALSE(card.step.has_value());
    EXPECT_FALSE(running.run("tour.next").has_value());
    ASSERT_TRUE(running.run("tour.start").has_value());
    std::set<std::string> rules;
    int comparisons = 0;
    for (std::size_t i = 0; i < card.pages.size(); ++i) {
        ASSERT_TRUE(running.program->settle().has_value());
        ASSERT_EQ(card.step, i);
        rules.insert(running.program->snapshot()->state->rule_text);
        if (const auto& compare = running.program->document().compare; compare.on) {
            ++comparisons;
            const auto pair = running.program->snapshot()->pair;
            ASSERT_NE(pair, nullptr) << running.program->snapshot()->compare_problem;
            EXPECT_TRUE(pair->a.image && pair->b.image);
        }
        if (i == 0) {
            EXPECT_FALSE(running.run("nonsense").has_value());
        }
        ASSERT_TRUE(running.run("tour.next").has_value());
    }
    EXPECT_FALSE(card.step.has_value());
    EXPECT_EQ(rules.size(), 3U);  // as trained, ascent, sixteen steps
    EXPECT_EQ(comparisons, 1);    // trained with descent, trained with ascent
    EXPECT_FALSE(running.program->document().compare.on);
    EXPECT_FALSE(running.program->snapshot()->state->rule_switched);
    EXPECT_EQ(errors(*running.program), 0);
    ASSERT_TRUE(running.run("tour.start").has_value());
    ASSERT_TRUE(running.run("tour.stop").has_value());
    EXPECT_FALSE(card.step.has_value());
}

TEST(Tour, IsOfferedOnceToAUser) {
    const TemporaryFolder folder;
    for (const bool first : {true, false}) {
        auto options = test::options_for("bouquet");
        options.settings_folder = folder.path();
        const Running running = test::start(gfx::make_null({}), std::move(options));
        EXPECT_EQ(running.program->document().tour.offered, first);
    }
}

TEST(PanelFiles, HoldWhatThePanelShows) {
    const TemporaryFolder folder;
    const Running running = start_null();
    set(running, "matrix.which", "w0");
    show(running, "Fast weights");
    const auto file = folder.path() / "w0.csv";
    ASSERT_TRUE(
        running.run("panel.export", {{"panel", "Fast weights"}, {"path", file.string()}}).has_value());
    const auto text = lact::read_file(file);
    ASSERT_TRUE(text.has_value());
    EXPECT_NE(text->find("# rule: baseline"), std::string::npos);
    const Matrix& matrix = *running.program->snapshot()->matrix;
    std::size_t lines = 0;
    std::size_t numbers = 0;
    std::istringstream stream(*text);
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with("#")) {
            continue;
        }
        if (lines == 1) {
            EXPECT_EQ(std::stof(line), matrix.values.front());
        }
        numbers += lines > 0 ? static_cast<std::size_t>(std::ranges::count(line, ',')) + 1 : 0;
        ++lines;
    }
    EXPECT_EQ(lines, static_cast<std::size_t>(matrix.rows) + 1);
    EXPECT_EQ(numbers, matrix.values.size());
    for (const char* mode : {"spectrum", "layers", "rates", "timeline"}) {
        set(running, "weights.mode", mode);
        const auto data = running.program->panels().data("Fast weights");
        ASSERT_TRUE(data.has_value() && !data->empty()) << mode;
    }
    set(running, "compare.b", "views=2");
    set(running, "compare.on", true);
    ASSERT_TRUE(running.run("path.preset", {{"preset", "orbit"}}).has_value());
    for (const char* panel : {"Scene", "View", "Rule", "Linear attention", "Compare", "Record", "Sequence"}) {
        show(running, panel);
        const auto path = folder.path() / (std::string(panel) + ".safetensors");
        const auto done = running.run("panel.export", {{"panel", panel}, {"path", path.string()}});
        EXPECT_TRUE(done.has_value()) << panel << ": " << done.error().message();
        EXPECT_TRUE(std::filesystem::exists(path)) << panel;
    }
    const auto refuse = [&](const char* panel, const char* name) {
        return !running.run("panel.export", {{"panel", panel}, {"path", (folder.path() / name).string()}});
    };
    EXPECT_TRUE(refuse("Status", "a.csv"));
    EXPECT_TRUE(refuse("Nothing", "a.csv"));
    EXPECT_TRUE(refuse("Scene", "a.txt"));
    EXPECT_TRUE(refuse("Scene", "no/such/folder/a.csv"));
}

TEST(PanelFiles, AreRefusedWhileTheScreenShowsWhatWasBefore) {
    const TemporaryFolder folder;
    const Running running = start_null();
    show(running, "Fast weights");
    const auto path = [&folder](const char* name) { return (folder.path() / name).string(); };
    // No frame is drawn between the change and these: the screen shows the state before.
    const auto all_are_refused = [&] {
        const std::vector<Result<void>> tried = {
            running.run("file.save_view", {{"path", path("view.png")}}),
            running.run("file.save_window", {{"path", path("window.png")}}),
            running.run("panel.export", {{"panel", "Fast weights"}, {"path", path("w.csv")}}),
            running.run("panel.export", {{"panel", "Fast weights"}, {"path", path("w.png")}})};
        for (const Result<void>& one : tried) {
            ASSERT_FALSE(one.has_value());
            EXPECT_NE(one.error().what.find("still being computed"), std::string::npos) << one.error().what;
        }
        ASSERT_TRUE(running.program->settle().has_value());
        EXPECT_TRUE(folder.names().empty());
    };
    ASSERT_TRUE(running.program->parameters().set("rule.steps", 2).has_value());
    all_are_refused();
    const std::size_t held_out = running.program->snapshot()->scene->held_out().front();
    ASSERT_TRUE(running.run("inputs.toggle", {{"view", held_out}}).has_value());
    all_are_refused();
    ASSERT_TRUE(running.program->parameters().set("model.size", "32x32").has_value());
    all_are_refused();
    EXPECT_TRUE(running.run("file.save_view", {{"path", path("view.png")}}).has_value());
    EXPECT_TRUE(
        running.run("panel.export", {{"panel", "Fast weights"}, {"path", path("w.csv")}}).has_value());
    EXPECT_EQ(folder.names().size(), 2U);
}

TEST(PanelFiles, HaveNoNumbersOfAnEarlierStateOrAnotherLayer) {
    const TemporaryFolder folder;
    const Running running = start_null();
    const auto exported = [&] {
        const std::string path = (folder.path() / "w.csv").string();
        return running.run("panel.export", {{"panel", "Fast weights"}, {"path", path}}).has_value();
    };
    show(running, "Fast weights");
    set(running, "weights.mode", "layers");
    EXPECT_TRUE(exported());
    show(running, "Rule");  // In front of it: it asks nothing.
    set(running, "rule.text", "mse");
    EXPECT_FALSE(exported());
    show(running, "Fast weights");
    EXPECT_TRUE(exported());
    set(running, "weights.mode", "map");
    EXPECT_TRUE(exported());
    ASSERT_TRUE(running.program->parameters().set("matrix.layer", 1).has_value());
    EXPECT_FALSE(exported()) << "no frame has brought its matrix";
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_TRUE(exported());
}

TEST(PanelFiles, NameTheMatricesThatTheyHold) {
    const TemporaryFolder folder;
    const Running running = start_null();
    const auto exported = [&] {
        const std::string path = (folder.path() / "s.safetensors").string();
        return running.run("panel.export", {{"panel", "Linear attention"}, {"path", path}}).has_value();
    };
    show(running, "Linear attention");
    EXPECT_TRUE(exported());
    show(running, "Rule");  // In front of it: it asks nothing.
    set(running, "linear.w1", "recomputed");
    EXPECT_FALSE(exported()) << "the map holds W1 as it runs";
    show(running, "Linear attention");
    EXPECT_TRUE(exported());
}

TEST(PanelFiles, AreOfTheCameraPatchAndFormThatAreChosen) {
    const TemporaryFolder folder;
    const Running running = start_null();
    const SceneSummary& scene = *running.program->snapshot()->scene;
    const std::size_t held_out = scene.held_out().front();
    const std::string photo_patch = fmt::format("{}:5,6", scene.inputs.front());
    const auto exported = [&](const char* name) {
        const std::string path = (folder.path() / name).string();
        return running.run("panel.export", {{"panel", "Linear attention"}, {"path", path}}).has_value();
    };
    show(running, "Linear attention");
    EXPECT_TRUE(exported("s.safetensors"));
    const std::string camera = tables_of(running, "Linear attention").at("difference").about.at("camera");
    show(running, "Rule");  // In front of it: it asks nothing.
    test::run(running, "camera.go_to_view", {{"view", held_out}});
    EXPECT_FALSE(exported("s.safetensors")) << "the panel holds the numbers of the camera before";
    show(running, "Linear attention");
    EXPECT_TRUE(exported("s.safetensors"));
    set(running, "selection.photo_patch", photo_patch);
    const auto is_refused_until_computed = [&](const char* id, const char* value) {
        ASSERT_TRUE(running.program->parameters().set(id, value).has_value()) << id;
        EXPECT_FALSE(exported("s.safetensors")) << id << ": no frame has asked for it";
        ASSERT_TRUE(running.program->settle().has_value());
        EXPECT_TRUE(exported("s.safetensors")) << id;
    };
    is_refused_until_computed("selection.patch", "3,4");
    is_refused_until_computed("linear.factor", "key");
    is_refused_until_computed("attention.shares", "output");
    is_refused_until_computed("linear.matrices", "keys");
    const auto tables = tables_of(running, "Linear attention");
    const auto& shares = tables.at("shares of tokens, photo a row").about;
    EXPECT_NE(shares.at("camera"), camera);
    EXPECT_EQ(tables.at("difference").about.at("camera"), shares.at("camera"));
    EXPECT_EQ(shares.at("patch"), "3,4");
    EXPECT_EQ(shares.at("factor"), "key");
    EXPECT_EQ(shares.at("shares"), "output");
    EXPECT_EQ(tables.at("phi_k").about.at("photo_patch"), photo_patch);
    ASSERT_TRUE(exported("s.csv"));
    const auto text = lact::read_file(folder.path() / "s.phi_k.csv");
    ASSERT_TRUE(text.has_value());
    EXPECT_NE(text->find("# photo_patch: " + photo_patch + "\n"), std::string::npos) << *text;
    set(running, "linear.heads", "all");
    is_refused_until_computed("selection.patch", "1,1");
}

TEST(PanelFiles, NameTheMatrixThePhotosAndThePosition) {
    const TemporaryFolder folder;
    const Running running = start_null();
    show(running, "Fast weights");
    set(running, "weights.mode", "spectrum");
    using Spectra = std::array<MatrixSpectrum, 3>;
    const auto answer = running.program->snapshot()->answers.at("weights.spectra");
    ASSERT_NE(answer->get<Spectra>(), nullptr);
    show(running, "Rule");  // In front of it: it asks nothing.
    set(running, "matrix.which", "w0");
    const DataTable change = tables_of(running, "Fast weights").at("change");
    EXPECT_EQ(change.about.at("matrix"), "w0");
    EXPECT_EQ(change.numbers.values.front(),
              static_cast<float>(answer->get<Spectra>()->front().change.front()));
    set(running, "weights.mode", "timeline");
    set(running, "weights.views", 3);
    show(running, "Fast weights");
    const std::filesystem::path path = folder.path() / "t.csv";
    test::run(running, "panel.export", {{"panel", "Fast weights"}, {"path", path.string()}});
    const auto text = lact::read_file(path);
    ASSERT_TRUE(text.has_value());
    for (const char* line : {"# matrix: w0\n", "# shown: updated\n", "# views: 3\n"}) {
        EXPECT_NE(text->find(line), std::string::npos) << line;
    }
    show(running, "Rule");
    const auto is_refused_while_hidden = [&](const char* id, const ParameterValue& value) {
        const auto before = running.program->parameters().get(id);
        ASSERT_TRUE(before.has_value()) << id;
        set(running, id, value);
        EXPECT_TRUE(tables_of(running, "Fast weights").empty()) << id;
        set(running, id, *before);
        EXPECT_FALSE(tables_of(running, "Fast weights").empty()) << id;
    };
    is_refused_while_hidden("weights.views", 2);
    is_refused_while_hidden("matrix.when", "change");
    show(running, "Sequence");
    set(running, "sequence.mode", "picture");
    set(running, "sequence.position", "3,4");
    EXPECT_EQ(tables_of(running, "Sequence").at("attention").about.at("position"), "3,4");
    ASSERT_TRUE(running.program->parameters().set("sequence.position", "5,6").has_value());
    EXPECT_TRUE(tables_of(running, "Sequence").empty()) << "no frame has asked for it";
}

TEST(PanelFiles, NumbersAreOfferedWhereThereAreSome) {
    const Running running = start_null();
    for (const Panel& panel : running.program->shell().panels()) {
        const auto data = running.program->panels().data(panel.title);
        const bool never = !data && data.error().what.find("has no numbers to save") != std::string::npos;
        EXPECT_EQ(PanelSet::has_numbers(panel.title), !never) << panel.title;
    }
    EXPECT_TRUE(PanelSet::has_numbers("View"));
    EXPECT_FALSE(PanelSet::has_numbers("Status"));
}

TEST(FastWeightsPanel, EveryLookIsAnswered) {
    const Running running = start_null();
    show(running, "Fast weights");
    for (const char* mode : {"spectrum", "layers", "rates", "timeline", "map"}) {
        set(running, "weights.mode", mode);
        for (const auto& [name, answer] : running.program->snapshot()->answers) {
            EXPECT_TRUE(answer->problem.empty()) << mode << ", " << name << ": " << answer->problem;
        }
        const auto asked = [&](const char* name) {
            return running.program->snapshot()->answers.contains(name);
        };
        EXPECT_EQ(asked("weights.spectra"), std::string(mode) == "spectrum");
        EXPECT_EQ(asked("weights.norms"), std::string(mode) == "layers");
        EXPECT_EQ(asked("weights.rates"), std::string(mode) == "rates");
        EXPECT_EQ(asked("weights.timeline.image"), std::string(mode) == "timeline");
    }
}

TEST(FastWeightsPanel, SpeaksOfMuonAndOfUpdatesOnlyWhereTheRuleHasThem) {
    const Running running = start_null();
    show(running, "Fast weights");
    set(running, "weights.mode", "spectrum");
    EXPECT_TRUE(tables_of(running, "Fast weights").contains("orthogonalized"));
    set(running, "rule.text", "muon=off");
    auto tables = tables_of(running, "Fast weights");
    EXPECT_FALSE(tables.contains("orthogonalized"));
    EXPECT_EQ(tables["effective_rank"].columns, (std::vector<std::string>{"gradient", "change"}));
    set(running, "rule.text", "update=last");
    set(running, "matrix.which", "w0");
    tables = tables_of(running, "Fast weights");
    EXPECT_EQ(tables["effective_rank"].columns, std::vector<std::string>{"change"});
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(FastWeightsPanel, AMatrixOfZerosHasNoRangeToLock) {
    const Running running = start_null();
    const MatrixView& map = running.program->panels().fast_weights.map();
    show(running, "Fast weights");
    set(running, "rule.text", "update=last");
    set(running, "matrix.which", "w0");
    EXPECT_GT(map.largest(), 0);
    EXPECT_EQ(is_disabled(running, "Lock range"), std::optional(false));
    set(running, "matrix.when", "change");
    EXPECT_EQ(map.largest(), 0);
    EXPECT_EQ(is_disabled(running, "Lock range"), std::optional(true));
}

TEST(HeatMaps, CanBeScrolledToInAShortWindow) {
    gfx::DisplayOptions size;
    size.width = 1024;
    size.height = 480;
    size.scale = 2;
    const Running running = test::start(gfx::make_null(size), test::options_for("bouquet"));
    constexpr float readable = 40;  // pixels
    show(running, "Fast weights");
    EXPECT_GT(height_of_item(running, "Fast weights", "##map"), readable);
    set(running, "weights.mode", "timeline");
    EXPECT_GT(height_of_item(running, "Fast weights", "##timeline"), readable);
    show(running, "Linear attention");
    EXPECT_GT(height_of_item(running, "Linear attention", "linear.left"), readable);
    EXPECT_GT(height_of_item(running, "Linear attention", "linear.right"), readable);
    show(running, "Sequence");
    EXPECT_GT(height_of_item(running, "Sequence", "A"), readable);
}

TEST(FastWeightsPanel, AllPhotosOfTheTimelineAreTheState) {
    const Running running = start_null();
    show(running, "Fast weights");
    set(running, "weights.mode", "timeline");
    set(running, "weights.views", 8);
    const auto& answers = running.program->snapshot()->answers;
    const Matrix* last = answers.at("weights.timeline.matrix")->get<Matrix>();
    ASSERT_NE(last, nullptr);
    const Matrix& now = *running.program->snapshot()->matrix;
    ASSERT_EQ(last->values.size(), now.values.size());
    for (std::size_t i = 0; i < now.values.size(); ++i) {
        ASSERT_NEAR(last->values[i], now.values[i], 1e-4) << "Newton-Schulz in bf16, as it runs";
    }
    const std::vector<float> whole = last->values;
    const Frame* image = answers.at("weights.timeline.image")->get<Frame>();
    ASSERT_NE(image, nullptr);
    EXPECT_EQ(image->image.rgb, running.program->snapshot()->frame->image.rgb);
    set(running, "weights.views", 2);
    EXPECT_NE(running.program->snapshot()->answers.at("weights.timeline.matrix")->get<Matrix>()->values,
              whole);
    EXPECT_FALSE(running.program->parameters().set("weights.views", 9).has_value());
    // Before any photo there is nothing to follow: not the initial matrix under "after 2 photos".
    const std::vector<float> two =
        running.program->snapshot()->answers.at("weights.timeline.matrix")->get<Matrix>()->values;
    set(running, "matrix.when", "initial");
    EXPECT_EQ(running.program->snapshot()->answers.at("weights.timeline.matrix")->get<Matrix>()->values, two);
}

TEST(GeneratedScene, HasItsTruthAtEveryPose) {
    const TemporaryFolder cache;
    const lact::test::Environment environment("XDG_CACHE_HOME", cache.path().c_str());
    const Running running = start_null();
    EXPECT_FALSE(running.program->panels().viewport.psnr_against_ground_truth().has_value());
    const auto made = running.run("scene.generate", {{"seed", 100000057}});
    ASSERT_TRUE(made.has_value()) << made.error().message();
    ASSERT_TRUE(running.program->settle().has_value());
    const SceneSummary& scene = *running.program->snapshot()->scene;
    EXPECT_EQ(scene.name, "general_100000057");
    ASSERT_TRUE(scene.origin.has_value());
    EXPECT_EQ(scene.origin->seed, 100000057U);
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(running.run("camera.turn").has_value());
        ASSERT_TRUE(running.program->settle().has_value());
        const auto psnr = running.program->panels().viewport.psnr_against_ground_truth();
        ASSERT_TRUE(psnr.has_value()) << i;
        EXPECT_GT(*psnr, 10);
    }
    EXPECT_FALSE(running.run("scene.generate", {{"seed", "many"}}).has_value());
    EXPECT_EQ(errors(*running.program), 0);
}

TEST(TrainingPanel, OpensTheFolderOfARun) {
    const TemporaryFolder folder;
    (void)folder.file("run.json", R"({"state": "finished", "name": "mini", "steps_done": 5, "steps": 5})");
    (void)folder.file("curve.csv", "step,train_psnr,heldout,psnr,nearest_view\n1,18,,,\n2,19,object,20,17\n");
    const Running running = start_null();
    const std::string run = folder.path().string();
    ASSERT_TRUE(running.run("file.open", {{"path", run}}).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 0);
    for (const char* axis : {"scenes", "hours", "step"}) {
        EXPECT_TRUE(running.program->parameters().set("training.axis", axis));
        ASSERT_TRUE(running.program->settle().has_value());
    }
    // Following opens the weights of a run, once there are some.
    EXPECT_FALSE(running.run("training.follow", {{"folder", "/nowhere"}}));
    ASSERT_TRUE(running.run("training.follow", {{"folder", run}}));
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(running.program->snapshot()->weights->name, "general");
    std::filesystem::copy_file(LACT_ASSETS_DIR "/weights/nano128.safetensors",
                               folder.path() / "weights.safetensors");
    (void)folder.file("run.json", R"({"state": "finished", "name": "mini", "checkpoint_step": 5})");
    ASSERT_TRUE(running.run("file.open", {{"path", run}}));
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(running.program->snapshot()->weights->name, "nano128");
    ASSERT_TRUE(running.run("training.close", {{"folder", run}}));
    EXPECT_FALSE(running.run("training.close", {{"folder", run}}));
    ASSERT_TRUE(running.program->settle().has_value());
    EXPECT_EQ(errors(*running.program), 0);
    // A run's folder is no scene: what was open stays.
    EXPECT_EQ(running.program->snapshot()->scene->name, "bouquet");
}

}  // namespace

}  // namespace lact::app
