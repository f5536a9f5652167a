#include "app/figures/raster.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

// The header defines static functions; some stay unused.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_easy_font.h>
#pragma GCC diagnostic pop

namespace lact::app {

namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> spelled = {{{"φ", "phi"},
                                                                                    {"Φ", "Phi"},
                                                                                    {"Δ", "d"},
                                                                                    {"Σ", "sum "},
                                                                                    {"σ", "sigma"},
                                                                                    {"η", "eta"},
                                                                                    {"·", "."},
                                                                                    {"×", "x"},
                                                                                    {"−", "-"},
                                                                                    {"–", "-"},
                                                                                    {"→", "->"},
                                                                                    {"≤", "<="},
                                                                                    {"≥", ">="},
                                                                                    {"²", "2"},
                                                                                    {"…", "..."},
                                                                                    {"⊤", "T"}}};

std::string ascii_of(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto found =
            std::ranges::find_if(spelled, [&](const auto& one) { return text.starts_with(one.first); });
        const auto first = static_cast<unsigned char>(text.front());
        if (found != spelled.end()) {
            result += found->second;
            text.remove_prefix(found->first.size());
            continue;
        }
        const bool continues = (first & 0xC0U) == 0x80U;  // a later byte of a character
        if (!continues) {
            result += first < 0x80U ? text.front() : '?';
        }
        text.remove_prefix(1);
    }
    return result;
}

void blend(Image8& image, int x, int y, const Ink& colour, double opacity) {
    auto* pixel = image.pixels.data() + (static_cast<std::ptrdiff_t>(y) * image.width + x) * 3;
    for (std::size_t c = 0; c < colour.size(); ++c) {
        const double mixed = pixel[c] + (colour[c] - static_cast<double>(pixel[c])) * opacity;
        pixel[c] = static_cast<std::uint8_t>(std::lround(mixed));
    }
}

}  // namespace

void fill(Image8& image, int left, int top, int right, int bottom, const Ink& colour) {
    for (int y = std::max(top, 0); y < std::min(bottom, image.height); ++y) {
        for (int x = std::max(left, 0); x < std::min(right, image.width); ++x) {
            std::copy(colour.begin(), colour.end(),
                      image.pixels.begin() + (static_cast<std::ptrdiff_t>(y) * image.width + x) * 3);
        }
    }
}

void draw_segment(Image8& image, std::array<double, 2> from, std::array<double, 2> to, double width,
                  const Ink& colour, double opacity) {
    const double reach = width / 2 + 1;
    const auto limit = [](double value, int size) {
        return static_cast<int>(std::clamp(value, 0.0, static_cast<double>(size)));
    };
    const int x_end = limit(std::max(from[0], to[0]) + reach + 1, image.width);
    const int y_end = limit(std::max(from[1], to[1]) + reach + 1, image.height);
    const double dx = to[0] - from[0];
    const double dy = to[1] - from[1];
    const double length2 = dx * dx + dy * dy;
    for (int y = limit(std::min(from[1], to[1]) - reach, image.height); y < y_end; ++y) {
        for (int x = limit(std::min(from[0], to[0]) - reach, image.width); x < x_end; ++x) {
            const double px = x + 0.5 - from[0];
            const double py = y + 0.5 - from[1];
            const double along = length2 > 0 ? std::clamp((px * dx + py * dy) / length2, 0.0, 1.0) : 0.0;
            const double distance = std::hypot(px - along * dx, py - along * dy);
            const double covered = std::clamp(width / 2 + 0.5 - distance, 0.0, 1.0);
            if (covered > 0) {
                blend(image, x, y, colour, covered * opacity);
            }
        }
    }
}

/// stb_easy_font returns axis-aligned quads of four vertices: x, y, z (floats) and colour (4 bytes).
void draw_text(Image8& image, int left, int top, const std::string& text, const Ink& colour, int scale) {
    constexpr std::size_t vertex_bytes = 16;
    std::string ascii = ascii_of(text);
    std::vector<char> buffer(ascii.size() * 300 + 64);
    const int quads =
        stb_easy_font_print(0, 0, ascii.data(), nullptr, buffer.data(), static_cast<int>(buffer.size()));
    for (int i = 0; i < quads; ++i) {
        std::array<float, 2> first{};
        std::array<float, 2> opposite{};
        const char* quad = buffer.data() + static_cast<std::size_t>(i) * 4 * vertex_bytes;
        std::memcpy(first.data(), quad, sizeof first);
        std::memcpy(opposite.data(), quad + 2 * vertex_bytes, sizeof opposite);
        const auto pixel = [scale](float value) { return static_cast<int>(value) * scale; };
        fill(image, left + pixel(first[0]), top + pixel(first[1]), left + pixel(opposite[0]),
             top + pixel(opposite[1]), colour);
    }
}

int text_width(const std::string& text, int scale) {
    std::string ascii = ascii_of(text);
    return stb_easy_font_width(ascii.data()) * scale;
}

}  // namespace lact::app
