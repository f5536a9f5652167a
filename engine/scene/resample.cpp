#include "engine/scene/resample.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace lact {
namespace {

/// Fixed-point precision of Pillow's 8-bit resampling: 8 bits of value and 2 of headroom for negative lobes.
constexpr int precision_bits = 32 - 8 - 2;

double sinc(double x) {
    if (x == 0.0) {
        return 1.0;
    }
    x *= std::numbers::pi;
    return std::sin(x) / x;
}

double lanczos(double x) {
    return x >= -lanczos_support && x < lanczos_support ? sinc(x) * sinc(x / 3.0) : 0.0;
}

/// Per output position: its input range and fixed-point weights.
struct Taps {
    struct Run {
        int first = 0;
        int count = 0;
    };
    std::vector<Run> runs;
    std::vector<int> weights;  ///< `stride` of them per output.
    int stride = 0;
    [[nodiscard]] const int* of(int output) const {
        return weights.data() + static_cast<std::size_t>(output) * static_cast<std::size_t>(stride);
    }
};

/// Rounds towards zero like a C cast; Pillow rounds the ends of the ranges this way.
int truncated(double value) {
    return static_cast<int>(value);
}

/// Taps of the outputs [begin, begin + count) of a line of `in` values resized to `out`.
Taps lanczos_taps(int in, int out, int begin, int count) {
    const double scale = static_cast<double>(in) / out;
    const double filter_scale = std::max(scale, 1.0);
    const double support = lanczos_support * filter_scale;
    Taps taps;
    // Never more than the line has, at any reduction.
    taps.stride = std::min(static_cast<int>(std::ceil(support)) * 2 + 1, in);
    taps.runs.resize(static_cast<std::size_t>(count));
    taps.weights.resize(static_cast<std::size_t>(count) * static_cast<std::size_t>(taps.stride));
    std::vector<double> weights(static_cast<std::size_t>(taps.stride));
    for (int i = 0; i < count; ++i) {
        const double center = (begin + i + 0.5) * scale;
        const int first = std::max(0, truncated(center - support + 0.5));
        const int last = std::min(in, truncated(center + support + 0.5));
        double sum = 0;
        for (int k = 0; k < last - first; ++k) {
            const auto at = static_cast<std::size_t>(k);
            weights[at] = lanczos((k + first - center + 0.5) * (1.0 / filter_scale));
            sum += weights[at];
        }
        taps.runs[static_cast<std::size_t>(i)] = {first, last - first};
        for (int k = 0; k < last - first; ++k) {
            const auto at = static_cast<std::size_t>(k);
            const double weight = (sum != 0 ? weights[at] / sum : weights[at]) * (1 << precision_bits);
            taps.weights[static_cast<std::size_t>(i) * static_cast<std::size_t>(taps.stride) + at] =
                static_cast<int>(weight < 0 ? weight - 0.5 : weight + 0.5);
        }
    }
    return taps;
}

std::uint8_t clip8(int fixed) {
    return static_cast<std::uint8_t>(std::clamp(fixed >> precision_bits, 0, 255));
}

/// Index of the first channel of a pixel.
std::size_t offset(const Image8& image, int x, int y) {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
            static_cast<std::size_t>(x)) *
           static_cast<std::size_t>(image.channels);
}

Image8 blank(int width, int height, int channels) {
    Image8 image{width, height, channels, {}};
    image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) *
                        static_cast<std::size_t>(channels));
    return image;
}

/// Weighted sum of `run.count` pixels that lie `step` values apart, into one pixel.
template <int channels>
void gather(const std::uint8_t* source, std::size_t step, Taps::Run run, const int* weights,
            std::uint8_t* target) {
    int sums[channels];
    std::fill_n(sums, channels, 1 << (precision_bits - 1));
    for (int k = 0; k < run.count; ++k, source += step) {
        for (int c = 0; c < channels; ++c) {
            sums[c] += source[c] * weights[k];
        }
    }
    for (int c = 0; c < channels; ++c) {
        target[c] = clip8(sums[c]);
    }
}

/// Rows [first_row, first_row + rows) of the image with every line resized.
template <int channels>
Image8 horizontal(const Image8& image, const Taps& taps, int first_row, int rows) {
    Image8 out = blank(static_cast<int>(taps.runs.size()), rows, channels);
    for (int y = 0; y < rows; ++y) {
        for (int x = 0; x < out.width; ++x) {
            const Taps::Run run = taps.runs[static_cast<std::size_t>(x)];
            gather<channels>(&image.pixels[offset(image, run.first, first_row + y)], channels, run,
                             taps.of(x), &out.pixels[offset(out, x, y)]);
        }
    }
    return out;
}

/// Every column resized; row 0 of `image` is row `first_row` of the image that `taps` was made for.
template <int channels>
Image8 vertical(const Image8& image, const Taps& taps, int first_row) {
    Image8 out = blank(image.width, static_cast<int>(taps.runs.size()), channels);
    const std::size_t step = static_cast<std::size_t>(image.width) * channels;
    for (int y = 0; y < out.height; ++y) {
        const Taps::Run run = taps.runs[static_cast<std::size_t>(y)];
        for (int x = 0; x < out.width; ++x) {
            gather<channels>(&image.pixels[offset(image, x, run.first - first_row)], step, run, taps.of(y),
                             &out.pixels[offset(out, x, y)]);
        }
    }
    return out;
}

Image8 crop(const Image8& image, int left, int top, Size size) {
    Image8 out = blank(size.width, size.height, image.channels);
    const std::size_t line = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(image.channels);
    for (int y = 0; y < size.height; ++y) {
        std::copy_n(&image.pixels[offset(image, left, top + y)], line, &out.pixels[offset(out, 0, y)]);
    }
    return out;
}

/// As Pillow does, skips a pass over an unchanged dimension; this is exact, since its weights would be 1 and
/// 0.
template <int channels>
Image8 resize_window(const Image8& image, Size resized, int left, int top, Size window) {
    const Taps rows = lanczos_taps(image.height, resized.height, top, window.height);
    const bool keep_height = image.height == resized.height;
    const int first_row = keep_height ? top : rows.runs.front().first;
    const int last_row = keep_height ? top + window.height : rows.runs.back().first + rows.runs.back().count;
    const int row_count = last_row - first_row;
    Image8 lines;
    if (image.width == resized.width) {
        lines = crop(image, left, first_row, {window.width, row_count});
    } else {
        lines = horizontal<channels>(image, lanczos_taps(image.width, resized.width, left, window.width),
                                     first_row, row_count);
    }
    return keep_height ? lines : vertical<channels>(lines, rows, first_row);
}

Image8 premultiplied(Image8 image) {
    for (std::size_t at = 0; at + 3 < image.pixels.size(); at += 4) {
        for (std::size_t c = 0; c < 3; ++c) {
            image.pixels[at + c] = multiply_255(image.pixels[at + c], image.pixels[at + 3]);
        }
    }
    return image;
}

Image8 unpremultiplied(Image8 image) {
    for (std::size_t at = 0; at + 3 < image.pixels.size(); at += 4) {
        const int alpha = image.pixels[at + 3];
        if (alpha == 0 || alpha == 255) {
            continue;
        }
        for (std::size_t c = 0; c < 3; ++c) {
            image.pixels[at + c] =
                static_cast<std::uint8_t>(std::min(255, 255 * image.pixels[at + c] / alpha));
        }
    }
    return image;
}

}  // namespace

Image8 resize_lanczos_window(const Image8& image, Size resized, int left, int top, Size window) {
    if (resized == Size{image.width, image.height}) {
        return crop(image, left, top, window);
    }
    if (image.channels == 3) {
        return resize_window<3>(image, resized, left, top, window);
    }
    return unpremultiplied(resize_window<4>(premultiplied(image), resized, left, top, window));
}

Image8 resize_lanczos(const Image8& image, Size size) {
    return resize_lanczos_window(image, size, 0, 0, size);
}

}  // namespace lact
