#include "engine/experiment/token_images.h"

#include "engine/scene/colour_map.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lact {
namespace {

constexpr int sheet_gap = 2;  ///< Pixels between photos.
constexpr int largest_sheet_width = 1280;
constexpr float sheet_grey = 0.6F;

std::size_t pixel_at(const ImageF& image, int x, int y) {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
            static_cast<std::size_t>(x)) *
           3;
}

bool not_white(const ImageF& image, int x, int y) {
    const std::size_t at = pixel_at(image, x, y);
    constexpr float white = 1 - 8 / 255.0F;  // a rendered background is white up to the model's error
    return std::min({image.rgb[at], image.rgb[at + 1], image.rgb[at + 2]}) < white;
}

}  // namespace

TokenSheet::TokenSheet(std::span<const PreparedView> photos, int patch, std::size_t rows)
    : photos_(photos.size()),
      columns_(photos.front().camera.width / patch),
      rows_(photos.front().camera.height / patch) {
    const int across = static_cast<int>(photos_);
    scale_ = std::clamp((largest_sheet_width - sheet_gap * (across - 1)) / (across * columns_), 1, patch);
    const int wide = columns_ * scale_;
    const int high = rows_ * scale_;
    image_.width = across * (wide + sheet_gap) - sheet_gap;
    image_.height = (static_cast<int>(rows) + 1) * (high + sheet_gap) - sheet_gap;
    image_.rgb.assign(static_cast<std::size_t>(image_.width) * static_cast<std::size_t>(image_.height) * 3,
                      sheet_grey);
    for (int i = 0; i < across; ++i) {
        const ImageF& photo = *photos[static_cast<std::size_t>(i)].image;
        for (int y = 0; y < high; ++y) {
            for (int x = 0; x < wide; ++x) {
                const std::size_t from = pixel_at(photo, x * patch / scale_, y * patch / scale_);
                const std::size_t to = pixel_at(image_, i * (wide + sheet_gap) + x, y);
                std::copy_n(photo.rgb.begin() + static_cast<std::ptrdiff_t>(from), 3,
                            image_.rgb.begin() + static_cast<std::ptrdiff_t>(to));
            }
        }
    }
}

void TokenSheet::fill(std::size_t row, std::size_t photo, int column, int patch_row,
                      const std::array<float, 3>& rgb) {
    const int left = static_cast<int>(photo) * (columns_ * scale_ + sheet_gap) + column * scale_;
    const int top = static_cast<int>(row) * (rows_ * scale_ + sheet_gap) + patch_row * scale_;
    for (int y = top; y < top + scale_; ++y) {
        for (int x = left; x < left + scale_; ++x) {
            std::ranges::copy(rgb, image_.rgb.begin() + static_cast<std::ptrdiff_t>(pixel_at(image_, x, y)));
        }
    }
}

void TokenSheet::add_row(const std::vector<double>& values) {
    double largest = 0;
    for (const double value : values) {
        largest = std::max(largest, std::abs(value));
    }
    largest = largest > 0 ? largest : 1;
    std::size_t token = 0;
    for (std::size_t photo = 0; photo < photos_; ++photo) {
        for (int row = 0; row < rows_; ++row) {
            for (int column = 0; column < columns_; ++column) {
                const double t = 0.5 + 0.5 * values.at(token++) / largest;
                fill(next_row_, photo, column, row, mapped_colour(ColourMap::diverging, t));
            }
        }
    }
    ++next_row_;
}

std::array<int, 2> central_patch(const ImageF& image, int patch) {
    const int columns = image.width / patch;
    const int rows = image.height / patch;
    double x_sum = 0;
    double y_sum = 0;
    double count = 0;
    std::vector<bool> covered(static_cast<std::size_t>(columns * rows));
    for (int y = 0; y < rows * patch; ++y) {
        for (int x = 0; x < columns * patch; ++x) {
            if (not_white(image, x, y)) {
                x_sum += x + 0.5;
                y_sum += y + 0.5;
                ++count;
                covered[static_cast<std::size_t>((y / patch) * columns + x / patch)] = true;
            }
        }
    }
    if (count == 0) {
        return {columns / 2, rows / 2};
    }
    std::array<int, 2> best{};
    double nearest = std::numeric_limits<double>::infinity();
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
            const double distance =
                std::hypot((column + 0.5) * patch - x_sum / count, (row + 0.5) * patch - y_sum / count);
            if (covered[static_cast<std::size_t>(row * columns + column)] && distance < nearest) {
                nearest = distance;
                best = {column, row};
            }
        }
    }
    return best;
}

}  // namespace lact
