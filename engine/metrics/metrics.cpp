#include "engine/metrics/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace lact {

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

bool comparable(const ImageF& a, const ImageF& b) {
    return a.width == b.width && a.height == b.height && a.rgb.size() == b.rgb.size() && !a.rgb.empty();
}

double squared_difference(float a, float b) {
    const double difference = static_cast<double>(a) - static_cast<double>(b);
    return difference * difference;
}

double decibels(double mse) {
    return mse > 0 ? -10.0 * std::log10(mse)
                   : (mse == 0 ? std::numeric_limits<double>::infinity() : not_a_number);
}

constexpr std::size_t window = 11;
constexpr std::size_t border = window / 2;

std::array<double, window> gaussian() {
    constexpr double sigma = 1.5;
    std::array<double, window> weights{};
    double sum = 0;
    for (std::size_t i = 0; i < window; ++i) {
        const double x = static_cast<double>(i) - static_cast<double>(border);
        weights[i] = std::exp(-0.5 * x * x / (sigma * sigma));
        sum += weights[i];
    }
    for (double& weight : weights) {
        weight /= sum;
    }
    return weights;
}

/// One channel as rows of doubles.
struct Plane {
    std::size_t width = 0;
    std::size_t height = 0;
    std::vector<double> values;
};

/// Gaussian mean where the whole window lies inside the image: the result is smaller by `border` on each
/// side.
Plane smooth(const Plane& plane) {
    static const std::array<double, window> weights = gaussian();
    Plane lines{plane.width - 2 * border, plane.height, {}};
    lines.values.resize(lines.width * lines.height);
    for (std::size_t y = 0; y < lines.height; ++y) {
        for (std::size_t k = 0; k < window; ++k) {
            for (std::size_t x = 0; x < lines.width; ++x) {
                lines.values[y * lines.width + x] += weights[k] * plane.values[y * plane.width + x + k];
            }
        }
    }
    Plane out{lines.width, lines.height - 2 * border, {}};
    out.values.resize(out.width * out.height);
    for (std::size_t y = 0; y < out.height; ++y) {
        for (std::size_t k = 0; k < window; ++k) {
            for (std::size_t x = 0; x < out.width; ++x) {
                out.values[y * out.width + x] += weights[k] * lines.values[(y + k) * lines.width + x];
            }
        }
    }
    return out;
}

Plane channel(const ImageF& image, std::size_t c) {
    Plane plane{static_cast<std::size_t>(image.width), static_cast<std::size_t>(image.height), {}};
    plane.values.reserve(plane.width * plane.height);
    for (std::size_t at = c; at < image.rgb.size(); at += 3) {
        plane.values.push_back(static_cast<double>(image.rgb[at]));
    }
    return plane;
}

Plane product(const Plane& a, const Plane& b) {
    Plane out = a;
    for (std::size_t i = 0; i < out.values.size(); ++i) {
        out.values[i] *= b.values[i];
    }
    return out;
}

double ssim_of_channel(const Plane& a, const Plane& b) {
    constexpr double c1 = 0.01 * 0.01;
    constexpr double c2 = 0.03 * 0.03;
    const Plane mean_a = smooth(a);
    const Plane mean_b = smooth(b);
    const Plane mean_aa = smooth(product(a, a));
    const Plane mean_bb = smooth(product(b, b));
    const Plane mean_ab = smooth(product(a, b));
    double sum = 0;
    for (std::size_t i = 0; i < mean_a.values.size(); ++i) {
        const double ma = mean_a.values[i];
        const double mb = mean_b.values[i];
        const double variance_a = mean_aa.values[i] - ma * ma;
        const double variance_b = mean_bb.values[i] - mb * mb;
        const double covariance = mean_ab.values[i] - ma * mb;
        sum += (2 * ma * mb + c1) * (2 * covariance + c2) /
               ((ma * ma + mb * mb + c1) * (variance_a + variance_b + c2));
    }
    return sum / static_cast<double>(mean_a.values.size());
}

}  // namespace

double mean_squared_error(const ImageF& a, const ImageF& b) {
    if (!comparable(a, b)) {
        return not_a_number;
    }
    double sum = 0;
    for (std::size_t i = 0; i < a.rgb.size(); ++i) {
        sum += squared_difference(a.rgb[i], b.rgb[i]);
    }
    return sum / static_cast<double>(a.rgb.size());
}

double psnr(const ImageF& a, const ImageF& b) {
    return decibels(mean_squared_error(a, b));
}

double psnr_foreground(const ImageF& image, const ImageF& target) {
    if (!comparable(image, target)) {
        return not_a_number;
    }
    // The 8-bit value 254 as a float: still white.
    constexpr float white = 254.0F / 255.0F;
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t at = 0; at + 2 < target.rgb.size(); at += 3) {
        if (target.rgb[at] < white || target.rgb[at + 1] < white || target.rgb[at + 2] < white) {
            for (std::size_t c = 0; c < 3; ++c) {
                sum += squared_difference(image.rgb[at + c], target.rgb[at + c]);
            }
            count += 3;
        }
    }
    return count > 0 ? decibels(sum / static_cast<double>(count)) : not_a_number;
}

double ssim(const ImageF& a, const ImageF& b) {
    if (!comparable(a, b) || static_cast<std::size_t>(std::min(a.width, a.height)) < window) {
        return not_a_number;
    }
    double sum = 0;
    for (std::size_t c = 0; c < 3; ++c) {
        sum += ssim_of_channel(channel(a, c), channel(b, c));
    }
    return sum / 3;
}

namespace {

/// The mean over the channels of `measure` applied to each value of A and B.
template <class Measure>
std::vector<float> for_each_pixel(const ImageF& a, const ImageF& b, const Measure& measure) {
    std::vector<float> values;
    if (!comparable(a, b)) {
        return values;
    }
    values.reserve(a.rgb.size() / 3);
    for (std::size_t at = 0; at + 2 < a.rgb.size(); at += 3) {
        float sum = 0;
        for (std::size_t c = at; c < at + 3; ++c) {
            sum += measure(a.rgb[c], b.rgb[c]);
        }
        values.push_back(sum / 3);
    }
    return values;
}

}  // namespace

double larger_or_nan(double a, double b) {
    return std::isnan(a) || a >= b ? a : b;
}

double smaller_or_nan(double a, double b) {
    return std::isnan(a) || a <= b ? a : b;
}

PairFigures compare_images(const ImageF& a, const ImageF& b, bool with_ssim) {
    PairFigures figures{psnr(a, b), with_ssim ? ssim(a, b) : not_a_number, not_a_number, not_a_number,
                        not_a_number};
    if (!comparable(a, b)) {
        return figures;
    }
    double signed_sum = 0;
    double sum = 0;
    double largest = 0;
    for (std::size_t i = 0; i < a.rgb.size(); ++i) {
        const double difference = static_cast<double>(a.rgb[i]) - static_cast<double>(b.rgb[i]);
        signed_sum += difference;
        sum += std::abs(difference);
        largest = larger_or_nan(largest, std::abs(difference));
    }
    const auto count = static_cast<double>(a.rgb.size());
    figures.mean_difference = signed_sum / count;
    figures.mean_error = sum / count;
    figures.largest_error = largest;
    return figures;
}

std::vector<float> signed_difference(const ImageF& a, const ImageF& b) {
    return for_each_pixel(a, b, [](float x, float y) { return x - y; });
}

std::vector<float> absolute_error(const ImageF& a, const ImageF& b) {
    return for_each_pixel(a, b, [](float x, float y) { return std::abs(x - y); });
}

}  // namespace lact
