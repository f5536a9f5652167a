// S beside W1, and the equivalence check with a mistake planted, on the shipped weights.
#include "engine/session/equivalence_check.h"
#include "engine/session/inspection.h"
#include "tests/engine/session/small_session.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

/// The shipped weights and three views of random colours.
struct Shipped {
    std::shared_ptr<const Model> model;
    std::vector<PreparedView> views;

    Shipped() {
        const auto loaded = Model::load(LACT_ASSETS_DIR "/weights/general.safetensors",
                                        {test::test_device().str(), Precision::fp32, 0});
        EXPECT_TRUE(loaded.has_value()) << loaded.error().message();
        model = loaded ? *loaded : nullptr;
        for (int i = 0; i < 3; ++i) {
            views.push_back(test::random_view(i, {32, 32}));
        }
    }
};

TEST(StateDistance, OfTheShippedWeightsIsLargeAsTheyRunAndRoundingWhenRecomputed) {
    const Shipped shipped;
    ASSERT_NE(shipped.model, nullptr);
    for (const char* rule : {"ns=bf16", "ns=fp32"}) {
        Session session(shipped.model);
        ASSERT_TRUE(session.set_up(shipped.views, *parse_update_rule(rule)).has_value());
        auto inspection = Inspection::of(session, shipped.views);
        ASSERT_TRUE(inspection.has_value());
        const ModelConfig& config = shipped.model->config();
        for (int layer = 0; layer < config.layers; ++layer) {
            for (const int head : {0, config.ttt_heads() - 1}) {
                SCOPED_TRACE(std::string(rule) + " layer " + std::to_string(layer) + " head " +
                             std::to_string(head));
                const auto distance = inspection->state_distance({layer, head});
                ASSERT_TRUE(distance.has_value());
                EXPECT_LT(distance->exact.largest, 1e-5);
                EXPECT_LT(distance->exact.frobenius, 1e-5);
                if (std::string_view(rule).ends_with("bf16")) {
                    EXPECT_GT(distance->running.largest, 0.01);
                    EXPECT_GT(distance->running.frobenius, 0.01);
                    EXPECT_EQ(distance->running_name, "Newton-Schulz in bf16");
                } else {
                    EXPECT_LT(distance->running.largest, 1e-4);
                }
            }
        }
    }
}

TEST(PlantedErrors, AreFoundOnTheShippedWeightsUnderEveryPreset) {
    const Shipped shipped;
    ASSERT_NE(shipped.model, nullptr);
    int applicable = 0;
    for (const NamedRule& one : preset_rules(*shipped.model)) {
        const auto rows = check_planted_errors(*shipped.model, std::span(shipped.views).first(2),
                                               shipped.views[2].camera, one.rule);
        ASSERT_TRUE(rows.has_value()) << rows.error().message();
        EXPECT_EQ(rows->size(), 6U);
        for (const PlantedRow& row : *rows) {
            EXPECT_EQ(row.detected, row.applicable) << one.name << " " << row.name << " " << row.rel_fp64;
            EXPECT_EQ(row.rel_fp64 > 1e-7, row.applicable) << one.name << " " << row.name;
            EXPECT_TRUE(row.description.ends_with('.'));
            applicable += row.applicable ? 1 : 0;
        }
    }
    EXPECT_EQ(applicable, 10 + 7 + 4 + 9 + 10 + 5);
}

}  // namespace
}  // namespace lact
