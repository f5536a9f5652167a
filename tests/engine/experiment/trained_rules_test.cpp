// Weights trained with each rule, on weights of three training steps: the form of the report and whose
// figures stand where. What the rules reach is measured on the shipped weights.
#include "engine/core/files.h"
#include "engine/model/checkpoint.h"
#include "engine/train/held_out.h"
#include "engine/train/rule_sweep.h"
#include "tests/engine/experiment/bundled_input.h"

#include <cmath>
#include <filesystem>
#include <stop_token>
#include <string>
#include <variant>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

/// A folder of weights of the baseline and Variant 6, and their table.
void train_rules(const test::TemporaryFolder& folder) {
    const auto config = parse_train_config(R"({
        "name": "tiny", "family": "vehicles",
        "model": {"layers": 1, "d": 32, "attention_head": 16, "ttt_head": 16, "patch": 8},
        "stages": [{"size": 16, "batch": 2, "inputs": 1, "targets": 1, "steps": 3, "learning_rate": 1e-2}],
        "precision": "fp32", "cache": {"views": 4, "reuse": 2, "scenes": 4}, "threads": 1, "loader_threads": 1,
        "evaluation_scenes": 1})",
                                           "tiny.json");
    ASSERT_TRUE(config) << config.error().message();
    const auto sweep = rule_sweep(*config, "variant6", {1});
    ASSERT_TRUE(sweep) << sweep.error().message();
    TrainRequest request;
    request.output = folder.path() / "runs";
    request.device = "cpu";
    const auto rows = run_sweep(*sweep, request, {});
    ASSERT_TRUE(rows) << rows.error().message();
    std::filesystem::create_directories(folder.path() / "rules");
    for (const std::string name : {"baseline", "variant6"}) {
        std::filesystem::copy_file(folder.path() / "runs" / (name + "-1") / "weights.safetensors",
                                   folder.path() / "rules" / (name + ".safetensors"));
    }
    (void)folder.file("rules/rules.json",
                      R"({"runs": {"baseline": [{"score": {"psnr": 10}}, {"score": {"psnr": 12}},
                                                {"score": {"psnr": 0}, "failure": "no memory"}]}})");
}

TEST(TrainedRules, MeasuresTrainedWithBesideSwitched) {
    const test::TemporaryFolder folder;
    train_rules(folder);
    const test::TemporaryFolder other;
    ExperimentSettings settings;
    settings.rule_weights = (folder.path() / "rules").string();
    const auto report = run_experiment("variants", test::small_input(other, "baseline"), settings);
    ASSERT_TRUE(report.has_value()) << report.error().message();
    EXPECT_TRUE(report->finished);
    const auto& rows = report->tables.at(0).rows;
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(std::get<std::string>(rows[0][0]), "Baseline");
    const auto number = [&rows](std::size_t row, std::size_t column) {
        return test::number_in(rows.at(row).at(column));
    };
    // The same figures by the function that `lactscope heldout` uses.
    const auto psnr_of = [&](const std::string& name, const char* rule) {
        const auto model = Model::load(folder.path() / "rules" / (name + ".safetensors"), {"cpu"});
        EXPECT_TRUE(model.has_value());
        const auto worlds =
            draw_evaluation_scenes(vehicles_family(), vehicles_family().held_out, 8, 4, 16, generate_views);
        EXPECT_TRUE(worlds.has_value());
        const auto score = measure(**model, *parse_update_rule(rule), *worlds);
        EXPECT_TRUE(score.has_value());
        return score ? score->psnr : std::nan("");
    };
    EXPECT_NEAR(number(0, 1), psnr_of("baseline", "baseline"), 1e-4);
    EXPECT_NEAR(number(1, 1), psnr_of("variant6", "variant6"), 1e-4);
    EXPECT_NEAR(number(1, 6), psnr_of("baseline", "variant6"), 1e-4);
    EXPECT_EQ(number(0, 6), number(0, 1)) << "the baseline switched to itself";
    EXPECT_NEAR(number(0, 2), std::sqrt(2.0), 1e-9) << "spread of 10 and 12";
    EXPECT_TRUE(std::isnan(number(1, 2)));
    EXPECT_NEAR(number(1, 3), number(1, 1) - number(0, 1), 1e-9);
    // One layer, two heads of 16 x 16: three matrices of the baseline, one of Variant 6.
    EXPECT_EQ(number(0, 7), 6);
    EXPECT_EQ(number(1, 7), 2);
    EXPECT_EQ(number(1, 10), 25.73);
    EXPECT_EQ(report->images.size(), 3U);
    EXPECT_EQ(report->agreement, Agreement::open) << "seeds differ by more than the margin";
    EXPECT_NE(report->finding.find("Baseline varies by 1.41 dB"), std::string::npos) << report->finding;
    (void)folder.file("rules/rules.json",
                      R"({"runs": {"baseline": [{"score": {"psnr": 10}}, {"score": {"psnr": 10.2}}],
                                   "variant6": [{"score": {"psnr": 10}}, {"score": {"psnr": 10.1}}]}})");
    const test::TemporaryFolder third;
    const auto decided = run_experiment("variants", test::small_input(third, "baseline"), settings);
    ASSERT_TRUE(decided.has_value()) << decided.error().message();
    const auto& judged = decided->tables.at(0).rows;
    const double to_baseline = test::number_in(judged.at(1).at(1)) - test::number_in(judged.at(0).at(1));
    EXPECT_EQ(decided->agreement, to_baseline >= -1 ? Agreement::agrees : Agreement::disagrees)
        << to_baseline;
    EXPECT_EQ(decided->finding.find("varies"), std::string::npos) << decided->finding;
    EXPECT_EQ(decided->condition.find("no spread"), std::string::npos) << decided->condition;
    EXPECT_EQ(decided->judges, "2 of 9 rules learning about as well");
    EXPECT_NE(decided->condition.find("No weights are here of "), std::string::npos) << decided->condition;
    // One seed of a rule says nothing of its spread, so not that it is small.
    (void)folder.file("rules/rules.json",
                      R"({"runs": {"baseline": [{"score": {"psnr": 10}}, {"score": {"psnr": 10.2}}],
                                   "variant6": [{"score": {"psnr": 10}}]}})");
    const test::TemporaryFolder fourth;
    const auto unknown = run_experiment("variants", test::small_input(fourth, "baseline"), settings);
    ASSERT_TRUE(unknown.has_value()) << unknown.error().message();
    EXPECT_EQ(unknown->agreement, Agreement::open);
    EXPECT_NE(unknown->condition.find("no spread over seeds is known of Variant 6."), std::string::npos)
        << unknown->condition;
    // The baseline alone is never below itself.
    std::filesystem::remove(folder.path() / "rules" / "variant6.safetensors");
    const test::TemporaryFolder fifth;
    const auto alone = run_experiment("variants", test::small_input(fifth, "baseline"), settings);
    ASSERT_TRUE(alone.has_value()) << alone.error().message();
    EXPECT_EQ(alone->agreement, Agreement::open);
    EXPECT_NE(alone->condition.find("no rule to compare the baseline with"), std::string::npos)
        << alone->condition;
}

TEST(TrainedRules, PiecesOfUnequalSizeCountAsTheirWorlds) {
    const test::TemporaryFolder folder;
    train_rules(folder);
    // Ten worlds are measured at a time; of thirteen, three are left for the last piece.
    auto description =
        nlohmann::json::parse(read_file(LACT_ASSETS_DIR "/families/vehicles.json").value_or(""));
    description["name"] = "thirteen";
    description["held_out"]["count"] = 13;
    const std::string family_file = folder.file("thirteen.json", description.dump()).string();
    for (const std::string name : {"baseline", "variant6"}) {
        const auto file = folder.path() / "rules" / (name + ".safetensors");
        auto weights = load_checkpoint(file);
        ASSERT_TRUE(weights.has_value()) << weights.error().message();
        auto metadata = nlohmann::json::parse(weights->info.metadata_json);
        metadata["families"] = {{{"name", family_file}, {"version", 1}}};
        weights->file.metadata["lact"] = metadata.dump();
        ASSERT_TRUE(write_checkpoint(*weights, file, StoredType::keep).has_value());
    }
    const test::TemporaryFolder other;
    ExperimentSettings settings;
    settings.rule_weights = (folder.path() / "rules").string();
    const auto report = run_experiment("variants", test::small_input(other, "baseline"), settings);
    ASSERT_TRUE(report.has_value()) << report.error().message();
    const auto family = find_family(family_file);
    ASSERT_TRUE(family.has_value()) << family.error().message();
    const auto worlds = draw_evaluation_scenes(**family, (*family)->held_out, 8, 4, 16, generate_views);
    ASSERT_TRUE(worlds.has_value());
    ASSERT_EQ(worlds->size(), 13U);
    const auto model = Model::load(folder.path() / "rules" / "baseline.safetensors", {"cpu"});
    ASSERT_TRUE(model.has_value());
    const auto score = measure(**model, *parse_update_rule("baseline"), *worlds);
    ASSERT_TRUE(score.has_value());
    const auto& row = report->tables.at(0).rows.at(0);
    EXPECT_NEAR(test::number_in(row[1]), score->psnr, 1e-4);
    EXPECT_NEAR(test::number_in(row[6]), score->psnr, 1e-4);
}

TEST(TrainedRules, AScoreThatIsMissingLeavesTheOtherSpreads) {
    const test::TemporaryFolder folder;
    train_rules(folder);
    (void)folder.file("rules/rules.json",
                      R"({"runs": {"baseline": [{"score": {"psnr": 10}}, {"score": {"psnr": 10.2}}],
                                   "variant6": [{"score": {"psnr": null}}, {"score": {"psnr": 10}},
                                                {"score": {"psnr": 11}}]}})");
    const test::TemporaryFolder other;
    ExperimentSettings settings;
    settings.rule_weights = (folder.path() / "rules").string();
    const auto run = start_experiment("variants", test::small_input(other, "baseline"), settings);
    ASSERT_TRUE(run.has_value()) << run.error().message();
    const std::string& condition = (*run)->report().condition;
    EXPECT_NE(condition.find("no spread over seeds is known of Variant 6."), std::string::npos) << condition;
}

TEST(TrainedRules, TheBundledWeightsOfEveryRuleHaveASpread) {
    const test::TemporaryFolder folder;
    ExperimentSettings settings;
    settings.rule_weights = LACT_ASSETS_DIR "/weights/rules";
    const auto run = start_experiment("variants", test::small_input(folder, "baseline"), settings);
    ASSERT_TRUE(run.has_value()) << run.error().message();
    EXPECT_EQ((*run)->report().condition.find("no spread"), std::string::npos) << (*run)->report().condition;
}

TEST(TrainedRules, APieceThatIsStoppedIsDoneAgain) {
    const test::TemporaryFolder folder;
    train_rules(folder);
    const test::TemporaryFolder other;
    ExperimentSettings settings;
    settings.rule_weights = (folder.path() / "rules").string();
    const auto whole = run_experiment("variants", test::small_input(other, "baseline"), settings);
    ASSERT_TRUE(whole.has_value()) << whole.error().message();
    const test::TemporaryFolder another;
    const auto run = start_experiment("variants", test::small_input(another, "baseline"), settings);
    ASSERT_TRUE(run.has_value());
    std::stop_source stopped;
    stopped.request_stop();
    for (bool more = true; more;) {
        // Every piece is stopped once, at its beginning, before it is done.
        if (const auto refused = (*run)->advance({{}, {}, stopped.get_token()}); !refused) {
            ASSERT_TRUE(refused.error().cancelled) << refused.error().message();
        }
        const auto done = (*run)->advance({});
        ASSERT_TRUE(done.has_value()) << done.error().message();
        more = *done;
    }
    const auto& rows = (*run)->report().tables.at(0).rows;
    ASSERT_EQ(rows.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(test::number_in(rows[i][1]), test::number_in(whole->tables.at(0).rows[i][1]));
        EXPECT_EQ(test::number_in(rows[i][6]), test::number_in(whole->tables.at(0).rows[i][6]));
    }
}

TEST(TrainedRules, WeightsOfAnotherRuleAreRefused) {
    const test::TemporaryFolder folder;
    train_rules(folder);
    std::filesystem::rename(folder.path() / "rules" / "variant6.safetensors",
                            folder.path() / "rules" / "ascent.safetensors");
    const test::TemporaryFolder other;
    ExperimentSettings settings;
    settings.rule_weights = (folder.path() / "rules").string();
    const auto report = run_experiment("variants", test::small_input(other, "baseline"), settings);
    ASSERT_FALSE(report.has_value());
    EXPECT_NE(report.error().message().find("variant6, not ascent"), std::string::npos);
}

TEST(TrainedRules, WithoutWeightsItSaysWhereTheyComeFrom) {
    const test::TemporaryFolder folder;
    for (const std::string& weights : {std::string(), folder.path().string()}) {
        ExperimentSettings settings;
        settings.rule_weights = weights;
        const test::TemporaryFolder other;
        const auto report = run_experiment("variants", test::small_input(other, "baseline"), settings);
        ASSERT_FALSE(report.has_value());
        EXPECT_NE(report.error().message().find("train --rules"), std::string::npos);
    }
}

}  // namespace
}  // namespace lact
