#include "app/figures/compare_image.h"

#include "app/figures/contact_sheet.h"
#include "app/figures/enlarge.h"
#include "app/figures/heat_image.h"
#include "engine/metrics/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr int side_gap = 8;
constexpr std::array<std::uint8_t, 3> compare_background = {24, 26, 31};
constexpr std::array<std::uint8_t, 3> divider_colour = {255, 214, 0};

void paste_columns(Image8& into, const Image8& from, int first, int last, int shift) {
    for (int y = 0; y < from.height; ++y) {
        const auto row = static_cast<std::ptrdiff_t>(y) * from.width;
        const auto target = static_cast<std::ptrdiff_t>(y) * into.width;
        std::copy(from.pixels.begin() + (row + first) * 3, from.pixels.begin() + (row + last) * 3,
                  into.pixels.begin() + (target + first + shift) * 3);
    }
}

Image8 filled(int width, int height, const std::array<std::uint8_t, 3>& colour) {
    Image8 image{width, height, 3, {}};
    image.pixels.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    for (int i = 0; i < width * height; ++i) {
        image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
    }
    return image;
}

Image8 side_by_side(const Image8& a, const Image8& b) {
    Image8 image = filled(a.width + side_gap + b.width, a.height, compare_background);
    paste_columns(image, a, 0, a.width, 0);
    paste_columns(image, b, 0, b.width, a.width + side_gap);
    return image;
}

Image8 wiped(const Image8& a, const Image8& b, double divider) {
    const int at = std::clamp(static_cast<int>(std::lround(divider * a.width)), 0, a.width);
    Image8 image = b;
    paste_columns(image, a, 0, at, 0);
    if (at > 0 && at < a.width) {
        paste_columns(image, filled(a.width, a.height, divider_colour), at - 1, at + 1, 0);
    }
    return image;
}

Image8 as_heat(const std::vector<float>& values, int columns, int scale, ColourMap map, double limit) {
    const std::vector<double> wide(values.begin(), values.end());
    return heat_image(wide, columns, scale, map, limit);
}

}  // namespace

Image8 compare_image(const ImageF& a, const ImageF& b, const CompareStyle& style) {
    if (a.width != b.width || a.height != b.height || a.rgb.empty() || a.rgb.size() != b.rgb.size()) {
        return {};
    }
    const double limit = 1 / style.amplify;
    if (style.mode == CompareMode::difference) {
        return as_heat(signed_difference(a, b), a.width, style.scale, ColourMap::diverging, limit);
    }
    if (style.mode == CompareMode::error) {
        return as_heat(absolute_error(a, b), a.width, style.scale, ColourMap::sequential, limit);
    }
    const auto left = enlarge(to_image8(a), style.scale, EnlargeFilter::nearest);
    const auto right = enlarge(to_image8(b), style.scale, EnlargeFilter::nearest);
    if (!left || !right) {
        return {};
    }
    return style.mode == CompareMode::wipe ? wiped(*left, *right, style.divider)
                                           : side_by_side(*left, *right);
}

ColourKey colour_key(CompareMode mode, double amplify, int width, int height) {
    const bool is_signed = mode == CompareMode::difference;
    const double limit = 1 / amplify;
    std::vector<double> values;
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const double t = width > 1 ? static_cast<double>(x) / (width - 1) : 0;
            values.push_back(is_signed ? (2 * t - 1) * limit : t * limit);
        }
    }
    return {heat_image(values, width, 1, is_signed ? ColourMap::diverging : ColourMap::sequential, limit),
            is_signed
                ? fmt::format("A - B: blue -{0:.3g} (B brighter), white 0, red +{0:.3g} (A brighter)", limit)
                : fmt::format("|A - B|: dark 0, yellow {:.3g} and more", limit)};
}

}  // namespace lact::app
