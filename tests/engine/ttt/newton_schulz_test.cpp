// Products of bf16 and fp16 matrices in fp32 round where native ones do.
#include "engine/ttt/newton_schulz.h"

#include <array>
#include <utility>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact {
namespace {

/// One released step in fp64, rounded to the type wherever the type would round.
at::Tensor step_in_fp64(const at::Tensor& g, at::ScalarType type) {
    const auto r = [type](const at::Tensor& x) { return x.to(at::kFloat).to(type).to(at::kDouble); };
    const auto [a, b, c] = nvs_coefficients;
    // bf16 is cast before the norm, fp16 after it; the norm itself is rounded in bf16.
    at::Tensor x;
    if (type == at::kBFloat16) {
        const at::Tensor narrow = r(g);
        const at::Tensor norm = r(r(narrow.norm(2, {1, 2}, true)) + 1e-7);
        x = r(narrow / norm);
    } else {
        x = r(g / (g.norm(2, {1, 2}, true) + 1e-7));
    }
    const at::Tensor gram = r(at::bmm(x, x.transpose(1, 2)));
    const at::Tensor polynomial = r(r(b * gram) + r(at::bmm(r(c * gram), gram)));
    return r(r(a * x) + r(at::bmm(polynomial, x)));
}

at::Tensor random_matrices(int rows, int columns) {
    at::manual_seed(7);
    return at::randn({3, rows, columns}) * 0.02;
}

/// The largest difference in units of the type at 1, and the share of equal entries.
std::pair<double, double> compare(const at::Tensor& x, const at::Tensor& y, double unit) {
    const at::Tensor difference = (x.to(at::kDouble) - y.to(at::kDouble)).abs();
    return {difference.max().item<double>() / unit, (difference == 0).to(at::kDouble).mean().item<double>()};
}

TEST(NarrowProducts, RoundWhereTheTypeRounds) {
    const std::array<std::pair<NsPrecision, at::ScalarType>, 2> types = {
        {{NsPrecision::bf16, at::kBFloat16}, {NsPrecision::fp16, at::kHalf}}};
    for (const auto& [precision, type] : types) {
        const double unit = type == at::kBFloat16 ? 0x1p-8 : 0x1p-11;
        const at::Tensor g = random_matrices(48, 64);
        const std::array<NsCoefficients, 1> one_step = {nvs_coefficients};
        const at::Tensor expected = step_in_fp64(g.to(at::kDouble), type);
        for (const NarrowProducts products : {NarrowProducts::native, NarrowProducts::in_fp32}) {
            const at::Tensor x = newton_schulz(g, one_step, precision, products);
            EXPECT_EQ(x.scalar_type(), at::kFloat);
            EXPECT_TRUE(at::equal(x, x.to(type).to(at::kFloat))) << "values that the type does not have";
            const auto [largest, equal] = compare(x, expected, unit);
            // A sum that lies between two values of the type may round either way.
            EXPECT_LE(largest, 2) << at::toString(type);
            EXPECT_GE(equal, 0.97) << at::toString(type);
        }
        // Products without the rounding points are something else, so that the test above can fail.
        const auto [unused, equal] =
            compare(newton_schulz(g, one_step, NsPrecision::fp32).to(type), expected, unit);
        EXPECT_LT(equal, 0.9) << at::toString(type);
    }
}

TEST(NarrowProducts, FiveStepsAgreeWithNativeOnes) {
    const std::vector<NsCoefficients> steps(5, nvs_coefficients);
    for (const bool tall : {false, true}) {
        const at::Tensor g = tall ? random_matrices(64, 32) : random_matrices(32, 64);
        const at::Tensor native = newton_schulz(g, steps, NsPrecision::bf16, NarrowProducts::native);
        const at::Tensor in_fp32 = newton_schulz(g, steps, NsPrecision::bf16, NarrowProducts::in_fp32);
        const at::Tensor exact = newton_schulz(g, steps, NsPrecision::fp32);
        const auto distance = [&](const at::Tensor& x, const at::Tensor& y) {
            return ((x - y).norm() / exact.norm()).item<double>();
        };
        // Half of what bf16 costs: the order of sums changes less than the rounding points do.
        EXPECT_LT(distance(native, in_fp32), 0.5 * distance(exact, native));
        EXPECT_NEAR(distance(exact, in_fp32), distance(exact, native), 0.2 * distance(exact, native));
    }
}

TEST(NarrowProducts, OtherTypesAreNotTouched) {
    const at::Tensor g = random_matrices(16, 24).to(at::kDouble);
    const std::array<NsCoefficients, 1> one_step = {nvs_coefficients};
    EXPECT_TRUE(at::equal(newton_schulz(g, one_step, NsPrecision::bf16, NarrowProducts::in_fp32),
                          newton_schulz(g, one_step, NsPrecision::bf16, NarrowProducts::native)));
    EXPECT_EQ(faster_products(at::kFloat, at::kCPU), NarrowProducts::native);
    EXPECT_EQ(faster_products(at::kBFloat16, at::kCUDA), NarrowProducts::native);
}

}  // namespace
}  // namespace lact
