#include "engine/linear/memory_measures.h"

#include "tests/engine/linear/layer_example.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

using Vector = std::vector<double>;
using Rows = std::vector<Vector>;

Rows rows_of(const at::Tensor& x) {
    const at::Tensor values = x.to(at::kCPU, at::kDouble).contiguous();
    Rows rows;
    for (int64_t i = 0; i < values.size(0); ++i) {
        const double* first = values.const_data_ptr<double>() + i * values.size(1);
        rows.emplace_back(first, first + values.size(1));
    }
    return rows;
}

double dot(const Vector& a, const Vector& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        sum += a[i] * b[i];
    }
    return sum;
}

double cosine(const Vector& a, const Vector& b) {
    return dot(a, b) / std::sqrt(dot(a, a) * dot(b, b));
}

/// x W for a matrix of rows.
Vector times(const Vector& x, const Rows& w) {
    Vector y(w.front().size(), 0.0);
    for (std::size_t i = 0; i < x.size(); ++i) {
        for (std::size_t j = 0; j < y.size(); ++j) {
            y[j] += x[i] * w[i][j];
        }
    }
    return y;
}

/// f(k) = (silu(k W0) * (k W2)) W1 of one head, in plain loops.
Rows answers_of(const LayerInputs& inputs, int64_t head) {
    const Rows w0 = rows_of(inputs.initial.w0[head]);
    const Rows w1 = rows_of(inputs.initial.w1[head]);
    const Rows w2 = rows_of(inputs.initial.w2[head]);
    Rows answers;
    for (const Vector& k : rows_of(inputs.tokens.k[head])) {
        Vector phi = times(k, w0);
        const Vector linear = times(k, w2);
        for (std::size_t i = 0; i < phi.size(); ++i) {
            phi[i] *= linear[i] / (1 + std::exp(-phi[i]));
        }
        answers.push_back(times(phi, w1));
    }
    return answers;
}

double entry(const at::Tensor& x, int64_t i) {
    return x[i].item<double>();
}

TEST(MemoryMeasures, AreThoseOfPlainLoops) {
    const LayerInputs inputs = test::example_inputs();
    const int64_t tokens = inputs.tokens.k.size(1);
    const MemoryMeasures dot_loss = memory_measures({}, inputs.initial, inputs.tokens, tokens);
    UpdateRule mse;
    mse.loss = InnerLoss::mse;
    const MemoryMeasures mse_loss = memory_measures(mse, inputs.initial, inputs.tokens, tokens);
    for (int64_t head = 0; head < 2; ++head) {
        const Rows f = answers_of(inputs, head);
        const Rows v = rows_of(inputs.tokens.v[head]);
        const auto count = static_cast<double>(f.size());
        double loss = 0;
        double squared = 0;
        double cosines = 0;
        double hits = 0;
        double norm = 0;
        for (std::size_t i = 0; i < f.size(); ++i) {
            loss -= dot(f[i], v[i]) / count;
            squared += (dot(f[i], f[i]) - 2 * dot(f[i], v[i]) + dot(v[i], v[i])) / 2 / count;
            cosines += cosine(f[i], v[i]) / count;
            norm += std::sqrt(dot(f[i], f[i])) / count;
            std::size_t nearest = 0;
            for (std::size_t j = 0; j < v.size(); ++j) {
                nearest = cosine(f[i], v[j]) > cosine(f[i], v[nearest]) ? j : nearest;
            }
            hits += nearest == i ? 1 / count : 0;
        }
        EXPECT_NEAR(entry(dot_loss.loss, head), loss, 1e-12);
        EXPECT_NEAR(entry(mse_loss.loss, head), squared, 1e-12);
        EXPECT_NEAR(entry(dot_loss.cosine, head), cosines, 1e-12);
        EXPECT_NEAR(entry(dot_loss.recall, head), hits, 1e-12);
        EXPECT_NEAR(entry(dot_loss.norm, head), norm, 1e-12);
    }
}

/// Keys are unit vectors of a plane and f is a matrix, so that the answers are known.
struct KnownMemory {
    FastWeights weights;
    UpdateTokens tokens;
    UpdateRule rule;
};

KnownMemory known_memory(const at::Tensor& w1, const at::Tensor& v) {
    KnownMemory memory;
    memory.rule.kernel = Kernel::identity;
    memory.weights = {at::zeros({1, 2, 2}, at::kDouble), w1.unsqueeze(0), at::zeros({1, 2, 2}, at::kDouble)};
    memory.tokens.k = at::tensor({1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0}).reshape({1, 4, 2});
    memory.tokens.v = v.reshape({1, 4, 2});
    return memory;
}

TEST(MemoryMeasures, EquallyNearValuesShareAHit) {
    // f(k) = k. Keys 0 and 2 are equal, and so are their values; tokens 1 and 3 have each other's value.
    const at::Tensor v = at::tensor({2.0, 0.0, 0.0, 5.0, 4.0, 0.0, 1.0, -1.0}, at::kDouble);
    const KnownMemory memory = known_memory(at::eye(2, at::kDouble), v);
    const MemoryMeasures measures = memory_measures(memory.rule, memory.weights, memory.tokens, 4);
    EXPECT_NEAR(entry(measures.recall, 0), (0.5 + 1 + 0.5 + 0) / 4, 1e-12);
    EXPECT_NEAR(entry(measures.cosine, 0), (1 + 1 + 1 - std::sqrt(0.5)) / 4, 1e-12);
}

TEST(MemoryMeasures, AMemoryThatAnswersNothingRecallsByChance) {
    const at::Tensor v = at::tensor({2.0, 0.0, 0.0, 5.0, 4.0, 1.0, 1.0, -1.0}, at::kDouble);
    const KnownMemory memory = known_memory(at::zeros({2, 2}, at::kDouble), v);
    const MemoryMeasures measures = memory_measures(memory.rule, memory.weights, memory.tokens, 4);
    EXPECT_EQ(entry(measures.recall, 0), 0.25);
    EXPECT_EQ(entry(measures.cosine, 0), 0);
    EXPECT_EQ(entry(measures.norm, 0), 0);
}

TEST(MemoryMeasures, FewerProbesTestEvenlySpreadTokensAgainstAllValues) {
    EXPECT_TRUE(at::equal(spread_indices(10, 4), at::tensor({0L, 2L, 5L, 7L})));
    EXPECT_TRUE(at::equal(spread_indices(3, 4), at::tensor({0L, 1L, 2L})));
    const at::Tensor v = at::tensor({2.0, 0.0, 0.0, 5.0, 0.0, 1.0, 1.0, 1.0}, at::kDouble);
    const KnownMemory memory = known_memory(at::eye(2, at::kDouble), v);
    // Probes are the tokens 0 and 2: token 0 finds its value alone, token 2 finds that of token 0.
    EXPECT_NEAR(entry(memory_measures(memory.rule, memory.weights, memory.tokens, 2).recall, 0), 0.5, 1e-12);
}

TEST(NearestCosine, IsThatOfPlainLoops) {
    const LayerInputs inputs = test::example_inputs();
    const at::Tensor to_keys = nearest_cosine(inputs.q, inputs.tokens.k, 100);
    const at::Tensor to_others = nearest_other_cosine(inputs.tokens.k, 100);
    const at::Tensor of_some = nearest_other_cosine(inputs.tokens.k, 5);
    const at::Tensor to_other_block = nearest_other_cosine(inputs.tokens.k, 100, 8);
    for (int64_t head = 0; head < 2; ++head) {
        const Rows q = rows_of(inputs.q[head]);
        const Rows k = rows_of(inputs.tokens.k[head]);
        double of_queries = 0;
        for (const Vector& one : q) {
            double nearest = -1;
            for (const Vector& key : k) {
                nearest = std::max(nearest, cosine(one, key));
            }
            of_queries += nearest / static_cast<double>(q.size());
        }
        const auto nearest_other = [&](std::size_t i, std::size_t block) {
            double nearest = -1;
            for (std::size_t j = 0; j < k.size(); ++j) {
                nearest = i / block == j / block ? nearest : std::max(nearest, cosine(k[i], k[j]));
            }
            return nearest;
        };
        double of_keys = 0;
        double of_blocks = 0;
        for (std::size_t i = 0; i < k.size(); ++i) {
            of_keys += nearest_other(i, 1) / static_cast<double>(k.size());
            of_blocks += nearest_other(i, 8) / static_cast<double>(k.size());
        }
        EXPECT_NEAR(entry(to_other_block, head), of_blocks, 1e-12);
        EXPECT_NEAR(entry(to_keys, head), of_queries, 1e-12);
        EXPECT_NEAR(entry(to_others, head), of_keys, 1e-12);
        double of_five = 0;
        for (const std::size_t i : {0U, 4U, 9U, 14U, 19U}) {  // of 24 keys
            of_five += nearest_other(i, 1) / 5;
        }
        EXPECT_NEAR(entry(of_some, head), of_five, 1e-12);
    }
}

TEST(NearestCosine, OfEqualVectorsIsOne) {
    const at::Tensor x = at::tensor({1.0, 2.0, 1.0, 2.0, -3.0, 0.5}, at::kDouble).reshape({1, 3, 2});
    const at::Tensor nearest = nearest_other_cosine(x, 3);
    const double third = (-3 + 1) / std::sqrt(5 * 9.25);
    EXPECT_NEAR(entry(nearest, 0), (1 + 1 + third) / 3, 1e-12);
    EXPECT_TRUE(std::isnan(entry(nearest_other_cosine(x, 3, 3), 0))) << "one block has no other";
}

}  // namespace
}  // namespace lact
