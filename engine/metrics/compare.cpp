#include "engine/metrics/compare.h"

#include "engine/metrics/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace lact {
namespace {

bool comparable(const ImageF& a, const ImageF& b) {
    return a.width == b.width && a.height == b.height && a.rgb.size() == b.rgb.size() && !a.rgb.empty();
}

/// The mean over the channels of what `measure` makes of each value of A and B.
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

PairFigures compare_pictures(const ImageF& a, const ImageF& b, bool with_ssim) {
    constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
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
        largest = std::max(largest, std::abs(difference));
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
