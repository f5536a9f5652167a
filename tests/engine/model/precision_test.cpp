// What a bf16 network rounds, as network.h and ARCHITECTURE.md say it.
#include "engine/model/random_weights.h"
#include "engine/model/two_stage.h"

#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

bool holds_bf16(const at::Tensor& x) {
    return at::equal(x, x.to(at::kBFloat16).to(x.scalar_type()));
}

TEST(Bf16Network, RoundsProductsAndWhatLiesBetweenThem) {
    ModelConfig config;
    config.layers = 2;
    config.d = 64;
    config.ttt_head = 32;
    const Network network(random_checkpoint(config, 11), at::kCPU, at::kBFloat16);
    at::manual_seed(3);
    const at::Tensor posed = at::randn({1, 2, 12, 32, 32});
    const UpdateRule rule;
    std::vector<BlockRecord> records;
    PassOptions options;
    options.records = &records;
    const auto state = set_up(network, rule, posed, {}, options);
    ASSERT_TRUE(state.has_value());
    const BlockRecord& record = records.front();
    for (const at::Tensor* of_products : {&record.update.k, &record.update.v, &record.q, &record.o}) {
        EXPECT_EQ(of_products->scalar_type(), at::kBFloat16);
    }
    for (const at::Tensor* wide : {&record.tokens, &record.lr, &record.update.lr1, &state->front().w1}) {
        EXPECT_EQ(wide->scalar_type(), at::kFloat);
        EXPECT_FALSE(holds_bf16(*wide));
    }
    // Rounded before they are added to what is wide.
    EXPECT_TRUE(holds_bf16(record.attention));
    EXPECT_TRUE(holds_bf16(record.ttt));
    EXPECT_TRUE(holds_bf16(record.mlp));
    const FastWeights gradient = inner_gradient(rule, network.initial_fast_weights(0), record.update);
    for (const at::Tensor* one : {&gradient.w0, &gradient.w1, &gradient.w2}) {
        EXPECT_EQ(one->scalar_type(), at::kFloat);
        EXPECT_TRUE(holds_bf16(*one));
    }
}

}  // namespace
}  // namespace lact
