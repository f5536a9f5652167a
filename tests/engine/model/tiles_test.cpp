// Set-up in tiles of tokens computes what set-up of all tokens at once does.
#include "engine/model/checkpoint.h"
#include "engine/model/random_weights.h"
#include "engine/model/two_stage.h"
#include "engine/session/memory.h"

#include <array>
#include <string>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

constexpr std::int64_t tiled_views = 5;
constexpr std::int64_t tiled_side = 32;
constexpr std::int64_t tokens_of_view = 16;

ModelConfig tiled_config() {
    ModelConfig config;
    config.layers = 3;
    config.d = 64;
    config.ttt_head = 32;
    return config;
}

class Tiles : public testing::Test {
  protected:
    Tiles() : network_(random_checkpoint(tiled_config(), 11), at::kCPU, at::kDouble) { at::manual_seed(3); }

    SceneState state(const UpdateRule& rule, std::int64_t tile, const at::Tensor& weight = {}) {
        PassOptions options;
        options.tile = tile;
        options.token_weight = weight;
        return set_up(network_, rule, posed_, {}, options).value();
    }

    /// The largest difference of the fast weights of all layers, relative to the largest weight.
    static double difference(const SceneState& a, const SceneState& b) {
        double largest = 0;
        double scale = 0;
        for (std::size_t layer = 0; layer < a.size(); ++layer) {
            for (const auto member : {&FastWeights::w0, &FastWeights::w1, &FastWeights::w2}) {
                const at::Tensor x = a[layer].*member;
                largest = std::max(largest, (x - b.at(layer).*member).abs().max().item<double>());
                scale = std::max(scale, x.abs().max().item<double>());
            }
        }
        return largest / scale;
    }

    Network network_;
    at::Tensor posed_ = at::randn({1, tiled_views, 12, tiled_side, tiled_side}, at::kDouble);
};

TEST_F(Tiles, AgreeWithAllTokensAtOnceUnderEveryKindOfRule) {
    for (const std::string text :
         {"baseline", "ascent", "mse,steps=3", "variant1", "variant6", "norm=off,rate=off"}) {
        const UpdateRule rule = parse_update_rule(text).value();
        const SceneState whole = state(rule, tiled_views * tokens_of_view);
        // Whole views: 1, 2 (the last tile is smaller) and, below one view, still 1.
        for (const std::int64_t tile : {tokens_of_view, 2 * tokens_of_view + 3, std::int64_t{1}}) {
            EXPECT_LT(difference(whole, state(rule, tile)), 1e-10) << text << ", tiles of " << tile;
        }
        // The difference sees a change of one view.
        posed_[0][4].neg_();
        EXPECT_GT(difference(whole, state(rule, tokens_of_view)), 1e-6) << text;
        posed_[0][4].neg_();
    }
}

TEST_F(Tiles, WeightsOfTokensGoWithTheirTile) {
    at::Tensor weight = at::ones({1, tiled_views * tokens_of_view, 1}, at::kDouble);
    weight.slice(1, tokens_of_view, 2 * tokens_of_view).zero_();
    const SceneState whole = state({}, tiled_views * tokens_of_view, weight);
    EXPECT_LT(difference(whole, state({}, tokens_of_view, weight)), 1e-10);
    EXPECT_GT(difference(whole, state({}, tokens_of_view)), 1e-6);
}

TEST_F(Tiles, RecordsAreOfAllTokens) {
    std::vector<BlockRecord> records;
    PassOptions options;
    options.tile = tokens_of_view;
    options.records = &records;
    ASSERT_TRUE(set_up(network_, {}, posed_, {}, options).has_value());
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[0].tokens.size(1), tiled_views * tokens_of_view);
}

TEST(SetUpMemory, GrowsByTheTokensAloneBeyondATile) {
    const ModelConfig config = released_config("l24_d768_ttt2x").value();
    const Size size{256, 256};
    const auto bytes = [&](std::size_t count) { return set_up_bytes(config, count, size); };
    const std::size_t step = bytes(17) - bytes(16);
    EXPECT_EQ(bytes(128) - bytes(16), 112 * step);
    // A view's residual stream and posed pixels: 1024 tokens of 768 channels and 12 values for each pixel.
    EXPECT_EQ(step, 4U * (1024 * 768 + 12 * 256 * 256));
    EXPECT_LT(bytes(128), std::size_t{4} << 30);
    EXPECT_GT(bytes(16) - bytes(15), 5 * step);
}

}  // namespace
}  // namespace lact
