#include "app/figures/heat_image.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace lact::app {

namespace {

/// NaN is magenta: a colour of neither map.
Colour colour_of(double value, ColourMap map, double limit) {
    if (std::isnan(value)) {
        return {1, 0, 1};
    }
    return mapped_colour(map, map == ColourMap::diverging ? 0.5 + 0.5 * value / limit : value / limit);
}

std::uint8_t byte(float value) {
    return static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0F, 1.0F)));
}

void set(Image8& image, int x, int y, const Colour& colour) {
    const std::size_t first =
        (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) *
        3;
    for (std::size_t c = 0; c < 3; ++c) {
        image.pixels[first + c] = byte(colour.at(c));
    }
}

Image8 blank(int width, int height) {
    Image8 image{width, height, 3, {}};
    image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3, 24);
    return image;
}

double value_at(std::span<const double> values, int columns, int row, int column) {
    return values[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
                  static_cast<std::size_t>(column)];
}

}  // namespace

double largest_magnitude(std::span<const double> values) {
    double largest = 0;
    for (const double value : values) {
        largest = std::max(largest, std::abs(value));
    }
    return largest > 0 ? largest : 1;
}

Image8 heat_image(std::span<const double> values, int columns, int cell, ColourMap map, double limit) {
    const int rows = static_cast<int>(values.size()) / columns;
    Image8 image = blank(columns * cell, rows * cell);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            set(image, x, y, colour_of(value_at(values, columns, y / cell, x / cell), map, limit));
        }
    }
    return image;
}

Image8 heat_over_photo(const Image8& photo, std::span<const double> values, int rows, int columns,
                       ColourMap map, double limit) {
    Image8 image = blank(photo.width, photo.height);
    for (int y = 0; y < photo.height; ++y) {
        for (int x = 0; x < photo.width; ++x) {
            const double value =
                value_at(values, columns, y * rows / photo.height, x * columns / photo.width);
            const std::size_t at = (static_cast<std::size_t>(y) * static_cast<std::size_t>(photo.width) +
                                    static_cast<std::size_t>(x)) *
                                   3;
            const float grey =
                (static_cast<float>(photo.pixels[at]) + static_cast<float>(photo.pixels[at + 1]) +
                 static_cast<float>(photo.pixels[at + 2])) /
                (3 * 255.0F) * 0.6F;
            Colour mixed = colour_of(value, map, limit);
            if (std::isnan(value)) {
                set(image, x, y, mixed);
                continue;
            }
            const auto cover = static_cast<float>(std::clamp(std::abs(value) / limit, 0.0, 1.0)) * 0.9F;
            for (float& channel : mixed) {
                channel = channel * cover + grey * (1 - cover);
            }
            set(image, x, y, mixed);
        }
    }
    return image;
}

void mark_patch(Image8& image, int column, int row, int rows, int columns) {
    const int width = image.width / columns;
    const int height = image.height / rows;
    const Colour yellow{1, 0.9F, 0};
    for (int x = column * width; x < (column + 1) * width; ++x) {
        set(image, x, row * height, yellow);
        set(image, x, (row + 1) * height - 1, yellow);
    }
    for (int y = row * height; y < (row + 1) * height; ++y) {
        set(image, column * width, y, yellow);
        set(image, (column + 1) * width - 1, y, yellow);
    }
}

Image8 log_bars(const std::vector<std::vector<double>>& series, int width, int strip_height) {
    constexpr double decades = 6;
    double largest = 0;
    for (const auto& one : series) {
        largest = std::max(largest, one.empty() ? 0 : largest_magnitude(one));
    }
    Image8 image = blank(width, strip_height * static_cast<int>(series.size()));
    for (std::size_t s = 0; s < series.size(); ++s) {
        const Colour colour =
            points_of(ColourMap::sequential).at(std::min<std::size_t>(3 + 2 * s, colour_points - 1));
        for (int x = 0; x < width && !series[s].empty(); ++x) {
            const double value =
                series[s][static_cast<std::size_t>(x) * series[s].size() / static_cast<std::size_t>(width)];
            const double share = value > 0 ? 1 + std::log10(value / largest) / decades : 0;
            const int height = static_cast<int>(std::clamp(share, 0.0, 1.0) * (strip_height - 4));
            const int bottom = strip_height * (static_cast<int>(s) + 1);
            for (int y = bottom - height; y < bottom; ++y) {
                set(image, x, y, colour);
            }
        }
    }
    return image;
}

}  // namespace lact::app
