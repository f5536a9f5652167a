// What the window and the commands get of the sequence layer and of ViTTT's modules: plain numbers.
#include "engine/session/sequence_example.h"

#include "engine/session/sequence_speed.h"
#include "engine/session/vittt_example.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

namespace lact {
namespace {

TEST(SequenceExample, EveryRowAgreesWithItsSecondForm) {
    for (int row = 0; row < table2_rows; ++row) {
        for (const bool update_first : {false, true}) {
            SequenceExampleOptions options;
            options.row = row;
            options.tokens = 200;  // six chunks of 32 and one of 8
            options.update_first = update_first;
            const auto one = sequence_example(options);
            ASSERT_TRUE(one.has_value()) << one.error().message();
            EXPECT_LE(one->largest_difference, 1e-4) << row;
            ASSERT_TRUE(one->difference_fp64.has_value());
            EXPECT_LE(*one->difference_fp64, 1e-9) << row;
            EXPECT_TRUE(one->equal);
            EXPECT_EQ(one->no_parallel_because.empty(), row >= 2);
            ASSERT_EQ(one->chunks.size(), 7U);
            EXPECT_EQ(one->chunks.back().count, 8);
            EXPECT_EQ(one->chunks.back().read, update_first);
            EXPECT_EQ(one->recurrent.rows, 200);
            EXPECT_EQ(one->difference.columns, options.d);
            // The rows from the second on have Muon, except the last.
            EXPECT_EQ(one->coefficients.rows, row == 6 ? 7 : 0);
            EXPECT_EQ(one->no_coefficients_because.empty(), row == 6);
            // Without momentum A is the identity and C counts every chunk once.
            const bool momentum = row <= 4;
            EXPECT_EQ(one->momentum.values[7] > 0, momentum);
            options.muon = false;
            const auto plain = sequence_example(options);
            ASSERT_TRUE(plain.has_value()) << plain.error().message();
            EXPECT_EQ(plain->no_coefficients_because.empty(), row >= 2);
            if (row >= 2) {
                EXPECT_EQ(plain->coefficients.values[0], update_first ? 1 : 0);
                EXPECT_EQ(plain->coefficients.values[7] > 1.1F, momentum && update_first);
            }
        }
    }
}

// Where the state moves its own features, fp32 results of many short chunks drift apart by rounding alone.
TEST(SequenceExample, ManyShortChunksAreJudgedInFp64) {
    for (const int chunk : {4, 8, 16}) {
        for (int row = 0; row < table2_rows; ++row) {
            SequenceExampleOptions options;
            options.row = row;
            options.chunk = chunk;
            const auto one = sequence_example(options);
            ASSERT_TRUE(one.has_value()) << one.error().message();
            EXPECT_TRUE(one->equal) << row << ", " << chunk << ": " << one->difference_fp64.value_or(0);
            if (row == 0 && chunk == 4) {
                EXPECT_GT(one->largest_difference, 1e-3) << "in fp32 it could not be told";
            }
        }
    }
    SequenceExampleOptions one_chunk;
    one_chunk.row = 0;
    one_chunk.chunk = one_chunk.tokens;
    EXPECT_FALSE(sequence_example(one_chunk)->difference_fp64.has_value()) << "nothing reads its update";
}

TEST(SequenceExample, ImpossibleOptionsAreRefusedByName) {
    const auto refused = [](const char* where, const auto& spoil) {
        SequenceExampleOptions options;
        spoil(options);
        const auto one = sequence_example(options);
        ASSERT_FALSE(one.has_value()) << where;
        EXPECT_NE(one.error().message().find(where), std::string::npos) << one.error().message();
    };
    refused("variant", [](SequenceExampleOptions& o) { o.row = 7; });
    refused("tokens", [](SequenceExampleOptions& o) { o.tokens = 0; });
    refused("chunk", [](SequenceExampleOptions& o) { o.chunk = 0; });
    refused("heads", [](SequenceExampleOptions& o) { o.heads = 0; });
    refused("head", [](SequenceExampleOptions& o) { o.head = 2; });
    refused("width", [](SequenceExampleOptions& o) { o.d = 0; });
    refused("momentum", [](SequenceExampleOptions& o) { o.momentum = 1; });
}

TEST(SequenceSpeed, TimesBothFormsWhereThereAreTwo) {
    SequenceWorkload work;
    work.heads = 2;
    work.d = 8;
    work.chunk = 16;
    work.lengths = {40, 64};
    work.rows = {0, 2, 6};
    work.repeats = 2;
    work.seconds = 600;
    const auto speeds = measure_sequence_speed(work);
    ASSERT_TRUE(speeds.has_value()) << speeds.error().message();
    ASSERT_EQ(speeds->size(), 6U);
    for (const SequenceSpeed& one : *speeds) {
        EXPECT_GT(one.recurrent_rate(), 0);
        EXPECT_EQ(one.parallel_ms.has_value(), one.row >= 2);
        EXPECT_EQ(one.pairs, 2);
        EXPECT_EQ(one.difference.has_value(), one.row >= 2 && one.length == 40);
        if (one.difference) {
            EXPECT_LE(*one.difference, one.row == 6 ? 1e-5 : 0.1);  // Newton-Schulz in bf16
        }
    }
    work.lengths = {0};
    EXPECT_FALSE(measure_sequence_speed(work).has_value());
    work.lengths = {16};
    work.rows = {9};
    EXPECT_FALSE(measure_sequence_speed(work).has_value());
    work.rows = {2};
    work.compute.device = "toaster";
    EXPECT_FALSE(measure_sequence_speed(work).has_value());
}

TEST(SequenceSpeed, TimesTheBackwardPassOfBothForms) {
    SequenceWorkload work;
    work.heads = 2;
    work.d = 8;
    work.chunk = 16;
    work.lengths = {40};
    work.rows = {0, 2, 6};
    work.repeats = 1;
    work.ns = NsPrecision::fp32;
    work.backward = true;
    const auto speeds = measure_sequence_speed(work);
    ASSERT_TRUE(speeds.has_value()) << speeds.error().message();
    ASSERT_EQ(speeds->size(), 3U);
    for (const SequenceSpeed& one : *speeds) {
        EXPECT_EQ(one.gradient_difference.has_value(), one.row >= 2);
        if (one.gradient_difference) {
            // Two ways to the same gradients; Newton-Schulz amplifies rounding.
            EXPECT_LE(*one.gradient_difference, one.row == 6 ? 1e-5 : 1e-3) << one.row;
        }
    }
    work.lengths = {16};  // One chunk, which nothing writes.
    const auto unwritten = measure_sequence_speed(work);
    ASSERT_TRUE(unwritten.has_value()) << unwritten.error().message();
    EXPECT_FALSE(unwritten->back().gradient_difference.has_value());
    work.lengths = {40};
    work.backward = false;
    EXPECT_FALSE(measure_sequence_speed(work)->back().gradient_difference.has_value());
}

TEST(VitttExample, AGeneratedImageThroughBothModules) {
    for (const bool rotary : {false, true}) {
        VitttExampleOptions options;
        options.rotary = rotary;
        const auto one = VitttExample::of(generated_image(), options);
        ASSERT_TRUE(one.has_value()) << one.error().message();
        EXPECT_EQ(one->columns(), 24);
        EXPECT_EQ(one->rows(), 24);
        EXPECT_EQ(one->image().width, 192);
        EXPECT_LE(one->glu_difference(), 1e-4);
        EXPECT_LE(one->conv_difference(), 1e-4);
        const auto map = one->attention(3, 20);
        ASSERT_TRUE(map.has_value());
        ASSERT_EQ(map->glu.size(), 576U);
        EXPECT_NEAR(std::reduce(map->glu.begin(), map->glu.end()) + map->glu_initial, 1, 1e-6);
        EXPECT_NEAR(std::reduce(map->conv.begin(), map->conv.end()) + map->conv_initial, 1, 1e-6);
        EXPECT_FALSE(one->attention(24, 0).has_value());
        EXPECT_FALSE(one->attention(0, -1).has_value());
    }
}

TEST(VitttExample, AnImageOfOneColourDiffersByNothing) {
    const Image8 black{96, 96, 3, std::vector<std::uint8_t>(std::size_t{96} * 96 * 3)};
    const auto one = VitttExample::of(black, {});
    ASSERT_TRUE(one.has_value()) << one.error().message();
    EXPECT_EQ(one->glu_difference(), 0);
    EXPECT_EQ(one->conv_difference(), 0);
}

TEST(VitttExample, AnyShapeOfImageIsCutToPositions) {
    Image8 wide{100, 30, 3, std::vector<std::uint8_t>(9000)};
    std::iota(wide.pixels.begin(), wide.pixels.end(), std::uint8_t{0});
    const auto one = VitttExample::of(wide, {});
    ASSERT_TRUE(one.has_value()) << one.error().message();
    EXPECT_EQ(one->columns(), 24);
    EXPECT_EQ(one->rows(), 7);
    EXPECT_FALSE(VitttExample::of({}, {}).has_value());
    VitttExampleOptions many;
    many.positions_across = 1000;
    EXPECT_FALSE(VitttExample::of(wide, many).has_value());
}

}  // namespace
}  // namespace lact
