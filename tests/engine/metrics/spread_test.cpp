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

TEST(Spread, TheFactorIsTheQuantileOfStudentsDistribution) {
    // The distribution function has a closed form for 1, 2 and 4 degrees of freedom.
    const double pi = std::acos(-1.0);
    EXPECT_NEAR(0.5 + std::atan(student_factor(1)) / pi, 0.975, 1e-5);
    const double two = student_factor(2);
    EXPECT_NEAR(0.5 + two / (2 * std::sqrt(2 + two * two)), 0.975, 1e-5);
    const double four = student_factor(4);
    const double part = four / std::sqrt(4 + four * four);
    EXPECT_NEAR(0.5 + 0.75 * (part - part * part * part / 3), 0.975, 2e-5);
    EXPECT_TRUE(std::isinf(student_factor(0)));
    for (std::size_t freedom = 1; freedom < 40; ++freedom) {
        EXPECT_GE(student_factor(freedom), student_factor(freedom + 1)) << freedom;
        EXPECT_GT(student_factor(freedom), 1.96) << freedom;
    }
}

TEST(Spread, DiffersFromZeroBeyondItsInterval) {
    EXPECT_TRUE(spread_of(std::vector{1.0, 1.1}).differs_from_zero());
    EXPECT_TRUE(spread_of(std::vector{-1.0, -1.1}).differs_from_zero());
    EXPECT_FALSE(spread_of(std::vector{1.0, 1.2}).differs_from_zero()) << "11 standard errors of two values";
    EXPECT_TRUE(spread_of(std::vector{1.0, 1.1, 1.2}).differs_from_zero());
    EXPECT_FALSE(spread_of(std::vector{0.1, 1.2}).differs_from_zero());
    EXPECT_FALSE(spread_of(std::vector{0.0, 0.0}).differs_from_zero());
    EXPECT_FALSE(spread_of(std::vector{1.0}).differs_from_zero()) << "nothing is known of the error";
    EXPECT_TRUE(std::isinf(spread_of(std::vector{1.0}).interval()));
    EXPECT_NEAR(spread_of(std::vector{1.0, 1.2}).interval(), 1.2706, 1e-9);
}

TEST(Spread, ADifferenceWithinItsIntervalIsNoise) {
    const Spread first = spread_of(std::vector{20.0, 20.2});
    // Four values, two degrees of freedom: 4.303 standard errors of 0.141.
    EXPECT_TRUE(within_noise(spread_of(std::vector{20.6, 20.8}), first));
    EXPECT_FALSE(within_noise(spread_of(std::vector{20.62, 20.82}), first));
    EXPECT_FALSE(within_noise(first, spread_of(std::vector{20.62, 20.82})));
    // One value beside two is judged by their deviation: 12.706 standard errors of 0.173.
    EXPECT_TRUE(within_noise(spread_of(std::vector{22.2}), first));
    EXPECT_FALSE(within_noise(spread_of(std::vector{22.4}), first));
    EXPECT_FALSE(within_noise(spread_of(std::vector{20.0}), spread_of(std::vector{20.0}))) << "not known";
    EXPECT_FALSE(within_noise(spread_of({}), first));
}

}  // namespace
}  // namespace lact
