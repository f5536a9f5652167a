#include "engine/train/recall.h"

#include <cmath>
#include <map>
#include <set>

#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

RecallOptions small_options(int row = 1) {
    RecallOptions options;
    options.rule = *table2_rule(row);
    options.rule.chunk = 4;
    options.rule.rule.ns_precision = NsPrecision::fp32;
    options.task = {.keys = 16, .values = 4, .length = 16};
    options.batch = 8;
    options.width = 16;
    options.heads = 2;
    options.steps = 150;
    return options;
}

TEST(Recall, TheSecondHalfAsksForWhatTheFirstWrote) {
    const RecallTask task{.keys = 20, .values = 5, .length = 32};
    const RecallBatch batch = recall_batch(task, 6, 3, 9);
    for (int64_t row = 0; row < 6; ++row) {
        std::map<int64_t, int64_t> written;
        int noise = 0;
        for (int64_t at = 0; at < 16; ++at) {
            const auto key = batch.key[row][at].item<int64_t>();
            const auto value = batch.value[row][at].item<int64_t>();
            EXPECT_EQ(batch.answer[row][at].item<int64_t>(), -1);
            EXPECT_LT(value, 5);
            if (batch.kind[row][at].item<int64_t>() == 1) {
                EXPECT_EQ(key, 20);
                ++noise;
            } else {
                EXPECT_TRUE(written.emplace(key, value).second) << "a key is written twice";
            }
        }
        EXPECT_EQ(noise, 8);
        EXPECT_EQ(written.size(), 8U);
        for (int64_t at = 16; at < 32; ++at) {
            EXPECT_EQ(batch.kind[row][at].item<int64_t>(), 2);
            EXPECT_EQ(batch.value[row][at].item<int64_t>(), 5) << "the question shows its answer";
            const auto found = written.find(batch.key[row][at].item<int64_t>());
            ASSERT_NE(found, written.end());
            EXPECT_EQ(batch.answer[row][at].item<int64_t>(), found->second);
        }
    }
}

TEST(Recall, BatchesDependOnSeedAndIndexAlone) {
    const RecallTask task;
    EXPECT_TRUE(at::equal(recall_batch(task, 4, 1, 2).key, recall_batch(task, 4, 1, 2).key));
    EXPECT_FALSE(at::equal(recall_batch(task, 4, 1, 2).key, recall_batch(task, 4, 1, 3).key));
    EXPECT_FALSE(at::equal(recall_batch(task, 4, 1, 2).key, recall_batch(task, 4, 2, 2).key));
}

TEST(Recall, LearnsTheTaskAndRepeats) {
    RecallTraining training(small_options());
    const RecallScore before = training.evaluate(16);
    EXPECT_NEAR(before.accuracy, 0.25, 0.15);
    for (int i = 0; i < 150; ++i) {
        training.step();
    }
    const RecallScore after = training.evaluate(16);
    EXPECT_LT(after.loss, before.loss - 0.3);
    EXPECT_GT(after.accuracy, before.accuracy + 0.08);
    RecallTraining again(small_options());
    RecallTraining other([] {
        RecallOptions options = small_options();
        options.seed = 2;
        return options;
    }());
    const double first = again.step();
    EXPECT_EQ(first, RecallTraining(small_options()).step());
    EXPECT_NE(first, other.step());
}

TEST(Recall, NoTokenSeesAfterItself) {
    // A later token, or one of the same chunk, changes no output: chunks read before they write.
    const RecallTraining training(small_options(0));
    const RecallTask task{.keys = 16, .values = 4, .length = 16};
    RecallBatch batch = recall_batch(task, 2, 1, 1);
    const at::NoGradGuard no_grad;
    const at::Tensor before = training.logits(batch);
    batch.value.select(1, 6).fill_(0);
    batch.key.select(1, 6).fill_(1);
    const at::Tensor after = training.logits(batch);
    EXPECT_TRUE(at::equal(before.slice(1, 0, 6), after.slice(1, 0, 6)));
    EXPECT_TRUE(at::equal(before.slice(1, 7, 8), after.slice(1, 7, 8)));
    EXPECT_FALSE(at::allclose(before.slice(1, 8), after.slice(1, 8)));
}

TEST(Recall, EveryRowOfTheTableTrains) {
    for (int row = 0; row < table2_rows; ++row) {
        RecallTraining training(small_options(row));
        EXPECT_TRUE(std::isfinite(training.step())) << row;
        EXPECT_TRUE(std::isfinite(training.step())) << row;
        EXPECT_EQ(training.steps_done(), 2);
    }
}

TEST(Recall, SeveralInnerStepsAreSeveralUpdatesOnEachChunk) {
    // Without momentum, norm and Muon the update is a sum: two steps at a fixed phi are one step at twice the
    // rate. Rates are positive, so the outputs differ from those of one step.
    const RecallTraining training(small_options(6));
    const RecallTask task{.keys = 16, .values = 4, .length = 16};
    const RecallBatch batch = recall_batch(task, 2, 1, 1);
    const at::NoGradGuard no_grad;
    const at::Tensor one = training.logits(batch);
    const at::Tensor two = training.logits(batch, 2);
    EXPECT_EQ(one.sizes(), two.sizes());
    EXPECT_TRUE(at::equal(one.slice(1, 0, 4), two.slice(1, 0, 4))) << "the first chunk reads nothing";
    EXPECT_FALSE(at::allclose(one.slice(1, 4), two.slice(1, 4)));
}

TEST(Recall, OptionsThatDoNotFitAreNamed) {
    EXPECT_TRUE(check_recall(small_options()).has_value());
    const auto refused = [](auto change) {
        RecallOptions options = small_options();
        change(options);
        return !check_recall(options).has_value();
    };
    EXPECT_TRUE(refused([](RecallOptions& o) { o.task.length = 18; }));
    EXPECT_TRUE(refused([](RecallOptions& o) { o.task.length = 128; }));
    EXPECT_TRUE(refused([](RecallOptions& o) { o.rule.chunk = 3; }));
    EXPECT_TRUE(refused([](RecallOptions& o) { o.rule.chunk = 0; }));
    EXPECT_TRUE(refused([](RecallOptions& o) { o.heads = 3; }));
    EXPECT_TRUE(refused([](RecallOptions& o) { o.steps = 0; }));
    EXPECT_TRUE(refused([](RecallOptions& o) { o.rule.rule.inner_steps = 2; }));
}

}  // namespace
}  // namespace lact
