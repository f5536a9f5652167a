#include "engine/metrics/spread.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

TEST(Spread, OfSomeValues) {
    const Spread spread = spread_of(std::vector{2.0, 4.0, 4.0, 6.0});
    EXPECT_EQ(spread.count, 4U);
    EXPECT_DOUBLE_EQ(spread.mean, 4);
    EXPECT_DOUBLE_EQ(spread.deviation, std::sqrt(8.0 / 3));
    EXPECT_DOUBLE_EQ(spread.error, std::sqrt(8.0 / 3) / 2);
    EXPECT_EQ(spread.known_deviation(), spread.deviation);
}

TEST(Spread, OfOneValueAndOfNone) {
    const Spread one = spread_of(std::vector{7.0});
    EXPECT_EQ(one.mean, 7);
    EXPECT_EQ(one.deviation, 0);
    EXPECT_TRUE(std::isnan(one.known_deviation()));
    const Spread none = spread_of({});
    EXPECT_EQ(none.count, 0U);
    EXPECT_TRUE(std::isnan(none.mean));
}

}  // namespace
}  // namespace lact
