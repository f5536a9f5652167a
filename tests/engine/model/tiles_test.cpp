// Set-up in tiles of tokens computes what set-up of all tokens at once does.
#include "engine/linear/layer_inputs.h"
#include "engine/linear/layer_method.h"
#include "engine/model/checkpoint.h"
#include "engine/model/random_weights.h"
#include "engine/model/two_stage.h"
#include "engine/session/memory.h"
#include "tests/support/counting_memory.h"

#include <algorithm>
#include <array>
#include <functional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

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

/// The largest difference of two records of a layer.
double record_difference(const LayerInputs& a, const LayerInputs& b) {
    double largest = 0;
    const auto compare = [&largest](const at::Tensor& x, const at::Tensor& y) {
        ASSERT_EQ(x.sizes(), y.sizes());
        largest = std::max(largest, (x - y).abs().max().item<double>());
    };
    compare(a.tokens.k, b.tokens.k);
    compare(a.tokens.v, b.tokens.v);
    compare(a.tokens.lr0, b.tokens.lr0);
    compare(a.tokens.lr1, b.tokens.lr1);
    compare(a.tokens.lr2, b.tokens.lr2);
    compare(a.q, b.q);
    compare(a.o, b.o);
    return largest;
}

TEST_F(Tiles, ALayerIsRecordedAsItIsWithAllTokensAtOnce) {
    const UpdateRule rule;
    const std::int64_t all = tiled_views * tokens_of_view;
    const SceneState fast = state(rule, all);
    for (const int layer : {0, 2}) {
        const auto whole = record_layer(network_, rule, fast, posed_, layer, {}, all);
        ASSERT_TRUE(whole.has_value());
        EXPECT_EQ(whole->tokens.k.size(1), all);
        // What set-up of all tokens at once records.
        std::vector<BlockRecord> records;
        PassOptions options;
        options.records = &records;
        ASSERT_TRUE(set_up(network_, rule, posed_, {}, options).has_value());
        const BlockRecord& expected = records.at(static_cast<std::size_t>(layer));
        EXPECT_LT((whole->tokens.k - expected.update.k).abs().max().item<double>(), 1e-12);
        EXPECT_LT((whole->tokens.lr1 - expected.update.lr1).abs().max().item<double>(), 1e-12);
        for (const std::int64_t tile : {tokens_of_view, 2 * tokens_of_view + 3}) {
            const auto tiled = record_layer(network_, rule, fast, posed_, layer, {}, tile);
            ASSERT_TRUE(tiled.has_value());
            EXPECT_LT(record_difference(*whole, *tiled), 1e-12) << layer << ", tiles of " << tile;
        }
    }
}

TEST_F(Tiles, AllLayersAreRecordedInOnePassAsOneByOne) {
    const UpdateRule rule;
    const SceneState fast = state(rule, tiled_views * tokens_of_view);
    std::vector<LayerInputs> layers;
    const auto keep = [&layers](int, const LayerInputs& inputs) { layers.push_back(inputs); };
    ASSERT_TRUE(record_layers(network_, rule, fast, posed_, {}, keep, 2 * tokens_of_view).has_value());
    ASSERT_EQ(layers.size(), 3U);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const auto one = record_layer(network_, rule, fast, posed_, static_cast<int>(i));
        ASSERT_TRUE(one.has_value());
        EXPECT_LT(record_difference(*one, layers[i]), 1e-12) << i;
    }
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(record_layers(network_, rule, fast, posed_, {{}, {}, stop.get_token()}, keep).has_value());
}

TEST_F(Tiles, LayersAreWalkedAsWithAllTokensAtOnce) {
    const UpdateRule rule;
    const at::Tensor pose = at::randn({1, 1, 9, tiled_side, tiled_side}, at::kDouble);
    const auto walked = [&](std::int64_t tile) {
        std::vector<LayerInputs> layers;
        const auto keep = [&layers](int, const LayerInputs& inputs) { layers.push_back(inputs); };
        EXPECT_TRUE(walk_layers(network_, rule, posed_, pose, {}, keep, tile).has_value());
        return layers;
    };
    const auto whole = walked(tiled_views * tokens_of_view);
    const auto tiled = walked(2 * tokens_of_view);
    ASSERT_EQ(whole.size(), 3U);
    ASSERT_EQ(tiled.size(), 3U);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        EXPECT_EQ(tiled[i].q.size(1), (tiled_views + 1) * tokens_of_view);
        EXPECT_LT(record_difference(whole[i], tiled[i]), 1e-10) << i;
    }
}

// Equal results would also come of all tokens at once.
TEST_F(Tiles, TakeLessThanHalfTheMemoryOfAllTokensAtOnce) {
    constexpr std::int64_t views = 64;
    const UpdateRule rule;
    const SceneState fast = state(rule, tokens_of_view);
    const at::Tensor posed = at::randn({1, views, 12, tiled_side, tiled_side}, at::kDouble);
    const at::Tensor pose = at::randn({1, 1, 9, tiled_side, tiled_side}, at::kDouble);
    const auto forget = [](int, const LayerInputs&) {};
    using Work = std::function<bool(std::int64_t tile)>;
    const std::vector<std::pair<std::string, Work>> works = {
        {"set_up",
         [&](std::int64_t tile) {
             PassOptions options;
             options.tile = tile;
             return set_up(network_, rule, posed, {}, options).has_value();
         }},
        {"record_layer",
         [&](std::int64_t tile) {
             return record_layer(network_, rule, fast, posed, 2, {}, tile).has_value();
         }},
        {"record_layers",
         [&](std::int64_t tile) {
             return record_layers(network_, rule, fast, posed, {}, forget, tile).has_value();
         }},
        {"walk_layers", [&](std::int64_t tile) {
             return walk_layers(network_, rule, posed, pose, {}, forget, tile).has_value();
         }}};
    const auto peak = [](const Work& measured, std::int64_t tile) {
        return test::peak_of_tensors([&] { EXPECT_TRUE(measured(tile)); });
    };
    for (const auto& [name, work] : works) {
        const std::int64_t tiled = peak(work, tokens_of_view);
        EXPECT_GT(tiled, 0) << name;
        EXPECT_LT(2 * tiled, peak(work, views * tokens_of_view)) << name;
    }
}

// A layer with an update of its own takes all tokens at once, which the estimate must know.
TEST(SetUpMemory, OfOtherFormsIsWithinItsEstimateAndBeyondThatOfTiles) {
    ModelConfig config;
    config.layers = 2;
    config.d = 32;
    config.attention_head = 8;
    config.ttt_head = 16;
    config.hidden_multiple = 4;
    config.patch = 4;
    constexpr std::size_t views = 160;  // 2.5 tiles.
    constexpr Size size{64, 64};
    const Network network(random_checkpoint(config, 11), at::kCPU, at::kFloat);
    UpdateRule rule;
    rule.inner_steps = 4;
    const auto peak = [&](const LayerMethod& method) {
        return static_cast<std::size_t>(test::peak_of_tensors([&] {
            const c10::InferenceMode no_gradients;
            const at::Tensor posed =
                at::randn({1, static_cast<std::int64_t>(views), 12, size.height, size.width});
            const LayerMethods methods(2, method);
            PassOptions options;
            options.methods = &methods;
            EXPECT_TRUE(set_up(network, rule, posed, {}, options).has_value());
        }));
    };
    const std::vector<std::pair<LayerForm, LayerMethod>> forms = {
        {LayerForm::linear, linear_method()},
        {LayerForm::unchanged, unchanged_method()},
        {LayerForm::fixed_features, fixed_features_method()}};
    for (const auto& [form, method] : forms) {
        const SetUpWork work = set_up_work(LayerForms(2, form), rule, Precision::fp32);
        const std::size_t measured = peak(method);
        EXPECT_LE(measured, set_up_bytes(config, views, size, work)) << to_string(form);
        if (form == LayerForm::linear) {
            EXPECT_GT(measured, set_up_bytes(config, views, size)) << "tiles do not help";
        }
    }
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
