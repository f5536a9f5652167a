// What is made of measured times.
#include "engine/session/engine_speed.h"

#include <gtest/gtest.h>

namespace lact {
namespace {

TEST(WorkTimes, MedianAndRateAreOfTheSortedTimes) {
    const WorkTimes four{{4, 1, 3, 2}, 5e6};
    EXPECT_EQ(four.median(), 2.5);
    EXPECT_EQ(four.p95(), 4);
    EXPECT_EQ(four.gflops(), 2);
    const WorkTimes three{{9, 1, 2}, 1};
    EXPECT_EQ(three.median(), 2);
    const WorkTimes one{{7}, 1};
    EXPECT_EQ(one.median(), 7);
    EXPECT_EQ(one.p95(), 7);
}

TEST(WorkTimes, OfFortyTimesTheThirtyEighthIsThe95thPercentile) {
    WorkTimes times;
    for (int i = 0; i < 40; ++i) {
        times.milliseconds.push_back(i * 7 % 40 + 1);  // Every number from 1 to 40, in no order.
    }
    EXPECT_EQ(times.p95(), 38);
    EXPECT_EQ(times.median(), 20.5);
    times.milliseconds = {5, 19, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18};
    EXPECT_EQ(times.p95(), 19) << "with less than 20 the largest";
}

}  // namespace
}  // namespace lact
