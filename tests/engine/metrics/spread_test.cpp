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

TEST(Spread, OneValueHasNoDeviationToWrite) {
    EXPECT_EQ(mean_text(spread_of(std::vector{20.0, 20.2}), 2), "20.10 ± 0.14");
    EXPECT_EQ(mean_text(spread_of(std::vector{20.0}), 2), "20.00");
    EXPECT_EQ(mean_text(spread_of({}), 2), "");
}

TEST(Spread, DiffersFromZeroBeyondTwiceItsError) {
    EXPECT_TRUE(spread_of(std::vector{1.0, 1.2}).differs_from_zero());
    EXPECT_TRUE(spread_of(std::vector{-1.0, -1.2}).differs_from_zero());
    EXPECT_FALSE(spread_of(std::vector{0.1, 1.2}).differs_from_zero());
    EXPECT_FALSE(spread_of(std::vector{0.0, 0.0}).differs_from_zero());
    EXPECT_FALSE(spread_of(std::vector{1.0}).differs_from_zero()) << "nothing is known of the error";
}

}  // namespace
}  // namespace lact
