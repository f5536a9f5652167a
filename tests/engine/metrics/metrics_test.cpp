#include "engine/metrics/metrics.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

namespace lact {

namespace {

ImageF noise(int width, int height, unsigned seed) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<float> uniform(0, 1);
    ImageF image{width, height, std::vector<float>(static_cast<std::size_t>(width * height * 3))};
    for (float& value : image.rgb) {
        value = uniform(generator);
    }
    return image;
}

/// SSIM as its definition reads: a full two-dimensional window around every pixel at least 5 from the border.
double slow_ssim(const ImageF& a, const ImageF& b) {
    double sum = 0;
    int count = 0;
    const auto at = [](const ImageF& image, int x, int y, int c) {
        const int index = (y * image.width + x) * 3 + c;
        return static_cast<double>(image.rgb[static_cast<std::size_t>(index)]);
    };
    for (int c = 0; c < 3; ++c) {
        for (int y = 5; y < a.height - 5; ++y) {
            for (int x = 5; x < a.width - 5; ++x) {
                double weight_sum = 0;
                double ma = 0;
                double mb = 0;
                double aa = 0;
                double bb = 0;
                double ab = 0;
                for (int dy = -5; dy <= 5; ++dy) {
                    for (int dx = -5; dx <= 5; ++dx) {
                        const double w = std::exp(-(dx * dx + dy * dy) / (2 * 1.5 * 1.5));
                        const double va = at(a, x + dx, y + dy, c);
                        const double vb = at(b, x + dx, y + dy, c);
                        weight_sum += w;
                        ma += w * va;
                        mb += w * vb;
                        aa += w * va * va;
                        bb += w * vb * vb;
                        ab += w * va * vb;
                    }
                }
                ma /= weight_sum;
                mb /= weight_sum;
                const double variances = (aa + bb) / weight_sum - ma * ma - mb * mb;
                const double covariance = ab / weight_sum - ma * mb;
                sum += (2 * ma * mb + 1e-4) * (2 * covariance + 9e-4) /
                       ((ma * ma + mb * mb + 1e-4) * (variances + 9e-4));
                ++count;
            }
        }
    }
    return sum / count;
}

TEST(Psnr, OfAKnownErrorIsKnown) {
    const ImageF a{2, 1, {0, 0, 0, 0, 0, 0}};
    const ImageF b{2, 1, {0.1F, 0.1F, 0.1F, 0.1F, 0.1F, 0.1F}};
    EXPECT_NEAR(mean_squared_error(a, b), 0.01, 1e-9);
    EXPECT_NEAR(psnr(a, b), 20, 1e-6);
    EXPECT_TRUE(std::isinf(psnr(a, a)));
}

TEST(Psnr, ForegroundCountsOnlyPixelsThatAreNotWhiteInTheTarget) {
    const float nearly_white = 254.0F / 255.0F;
    const ImageF target{3, 1, {1, 1, 1, nearly_white, 1, 1, 0.5F, 1, 1}};
    const ImageF image{3, 1, {0, 0, 0, 0, 0, 0, 0.6F, 1.1F, 0.9F}};
    EXPECT_NEAR(psnr_foreground(image, target), 20, 1e-5);
    const ImageF white{1, 1, {1, 1, 1}};
    EXPECT_TRUE(std::isnan(psnr_foreground(white, white)));
}

TEST(Ssim, IsItsDefinition) {
    const ImageF a = noise(19, 14, 1);
    ImageF b = noise(19, 14, 2);
    for (std::size_t i = 0; i < b.rgb.size(); ++i) {
        b.rgb[i] = 0.7F * a.rgb[i] + 0.3F * b.rgb[i];
    }
    EXPECT_NEAR(ssim(a, b), slow_ssim(a, b), 1e-12);
    EXPECT_LT(ssim(a, b), 0.99);
}

TEST(Ssim, IsOneForEqualImagesAndSymmetric) {
    const ImageF a = noise(20, 20, 1);
    const ImageF b = noise(20, 20, 2);
    EXPECT_NEAR(ssim(a, a), 1, 1e-12);
    EXPECT_NEAR(ssim(a, b), ssim(b, a), 1e-12);
}

TEST(Metrics, AreNotANumberWhereImagesCannotBeCompared) {
    const ImageF a = noise(20, 20, 1);
    const ImageF b = noise(20, 21, 1);
    const ImageF small = noise(10, 20, 1);
    EXPECT_TRUE(std::isnan(psnr(a, b)));
    EXPECT_TRUE(std::isnan(psnr_foreground(a, b)));
    EXPECT_TRUE(std::isnan(ssim(a, b)));
    EXPECT_TRUE(std::isnan(ssim(small, small)));
    EXPECT_TRUE(std::isnan(psnr({}, {})));
}

TEST(Metrics, ANanInTheImageIsNotHidden) {
    ImageF a = noise(20, 20, 1);
    const ImageF b = noise(20, 20, 2);
    a.rgb[700] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_TRUE(std::isnan(psnr(a, b)));
    EXPECT_TRUE(std::isnan(ssim(a, b)));
}

}  // namespace

namespace {

const ImageF image_a{2, 1, {0.5F, 0.25F, 0.0F, 1.0F, 1.0F, 1.0F}};
const ImageF image_b{2, 1, {0.25F, 0.5F, 0.0F, 0.25F, 0.25F, 0.25F}};

TEST(CompareImages, FiguresAreThoseOfTheImages) {
    const PairFigures figures = compare_images(image_a, image_b);
    EXPECT_EQ(figures.psnr, psnr(image_a, image_b));
    EXPECT_TRUE(std::isnan(figures.ssim));  // too small for its window
    EXPECT_DOUBLE_EQ(figures.mean_difference, 2.25 / 6);
    EXPECT_DOUBLE_EQ(figures.mean_error, 2.75 / 6);
    EXPECT_DOUBLE_EQ(figures.largest_error, 0.75);
    const ImageF other{1, 1, {0, 0, 0}};
    EXPECT_TRUE(std::isnan(compare_images(image_a, other).psnr));
    EXPECT_TRUE(std::isnan(compare_images(image_a, other).mean_error));
}

TEST(CompareImages, NaNIsTheLargestErrorWhereverItIs) {
    for (const std::size_t at : {0U, 3U, 5U}) {
        ImageF broken = image_a;
        broken.rgb[at] = std::numeric_limits<float>::quiet_NaN();
        EXPECT_TRUE(std::isnan(compare_images(broken, image_b).largest_error)) << at;
        EXPECT_TRUE(std::isnan(compare_images(image_b, broken).largest_error)) << at;
        EXPECT_TRUE(std::isnan(compare_images(broken, image_b).psnr)) << at;
    }
    EXPECT_EQ(larger_or_nan(1, 2), 2);
    EXPECT_EQ(larger_or_nan(2, 1), 2);
    EXPECT_EQ(smaller_or_nan(1, 2), 1);
    EXPECT_EQ(smaller_or_nan(2, 1), 1);
    const double nan = std::numeric_limits<double>::quiet_NaN();
    for (const auto worse : {larger_or_nan, smaller_or_nan}) {
        EXPECT_TRUE(std::isnan(worse(nan, 1)));
        EXPECT_TRUE(std::isnan(worse(1, nan)));
    }
}

TEST(CompareImages, SsimCanBeLeftOut) {
    const ImageF image{16, 16, std::vector<float>(768, 0.5F)};
    EXPECT_DOUBLE_EQ(compare_images(image, image).ssim, 1);
    EXPECT_TRUE(std::isnan(compare_images(image, image, false).ssim));
    EXPECT_TRUE(std::isinf(compare_images(image, image, false).psnr));
}

TEST(CompareImages, ErrorsDoNotCancelAndDifferencesDo) {
    EXPECT_EQ(signed_difference(image_a, image_b), (std::vector<float>{0.0F, 0.75F}));
    EXPECT_EQ(signed_difference(image_b, image_a), (std::vector<float>{0.0F, -0.75F}));
    const auto error = absolute_error(image_a, image_b);
    ASSERT_EQ(error.size(), 2U);
    EXPECT_FLOAT_EQ(error[0], 0.5F / 3);
    EXPECT_FLOAT_EQ(error[1], 0.75F);
    EXPECT_TRUE(signed_difference(image_a, {1, 1, {0, 0, 0}}).empty());
}

}  // namespace

}  // namespace lact
