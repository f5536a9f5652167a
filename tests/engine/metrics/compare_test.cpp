#include "engine/metrics/compare.h"

#include "engine/metrics/metrics.h"

#include <cmath>

#include <gtest/gtest.h>

namespace lact {
namespace {

const ImageF a{2, 1, {0.5F, 0.25F, 0.0F, 1.0F, 1.0F, 1.0F}};
const ImageF b{2, 1, {0.25F, 0.5F, 0.0F, 0.25F, 0.25F, 0.25F}};

TEST(ComparePictures, FiguresAreThoseOfThePictures) {
    const PairFigures figures = compare_pictures(a, b);
    EXPECT_EQ(figures.psnr, psnr(a, b));
    EXPECT_TRUE(std::isnan(figures.ssim));  // too small for its window
    EXPECT_DOUBLE_EQ(figures.mean_difference, 2.25 / 6);
    EXPECT_DOUBLE_EQ(figures.mean_error, 2.75 / 6);
    EXPECT_DOUBLE_EQ(figures.largest_error, 0.75);
    const ImageF other{1, 1, {0, 0, 0}};
    EXPECT_TRUE(std::isnan(compare_pictures(a, other).psnr));
    EXPECT_TRUE(std::isnan(compare_pictures(a, other).mean_error));
}

TEST(ComparePictures, SsimCanBeLeftOut) {
    const ImageF picture{16, 16, std::vector<float>(768, 0.5F)};
    EXPECT_DOUBLE_EQ(compare_pictures(picture, picture).ssim, 1);
    EXPECT_TRUE(std::isnan(compare_pictures(picture, picture, false).ssim));
    EXPECT_TRUE(std::isinf(compare_pictures(picture, picture, false).psnr));
}

TEST(ComparePictures, ErrorsDoNotCancelAndDifferencesDo) {
    EXPECT_EQ(signed_difference(a, b), (std::vector<float>{0.0F, 0.75F}));
    EXPECT_EQ(signed_difference(b, a), (std::vector<float>{0.0F, -0.75F}));
    const auto error = absolute_error(a, b);
    ASSERT_EQ(error.size(), 2U);
    EXPECT_FLOAT_EQ(error[0], 0.5F / 3);
    EXPECT_FLOAT_EQ(error[1], 0.75F);
    EXPECT_TRUE(signed_difference(a, {1, 1, {0, 0, 0}}).empty());
}

}  // namespace
}  // namespace lact
