#include "app/figures/contact_sheet.h"

#include "app/figures/enlarge.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include <stb/stb_easy_font.h>

// The header defines static functions; some stay unused.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic pop

namespace lact::app {
namespace {

constexpr int gap = 8;
constexpr int text_scale = 2;
constexpr int text_height = 12 * text_scale;
constexpr std::array<std::uint8_t, 3> background = {24, 26, 31};
constexpr std::array<std::uint8_t, 3> ink = {222, 226, 233};

void fill(Image8& image, int left, int top, int right, int bottom,
          const std::array<std::uint8_t, 3>& colour) {
    for (int y = std::max(top, 0); y < std::min(bottom, image.height); ++y) {
        for (int x = std::max(left, 0); x < std::min(right, image.width); ++x) {
            std::copy(colour.begin(), colour.end(),
                      image.pixels.begin() + (static_cast<std::ptrdiff_t>(y) * image.width + x) * 3);
        }
    }
}

void paste(Image8& sheet, const Image8& image, int left, int top) {
    for (int y = 0; y < image.height; ++y) {
        const auto* row = image.pixels.data() + static_cast<std::ptrdiff_t>(y) * image.width * 3;
        std::copy(row, row + static_cast<std::ptrdiff_t>(image.width) * 3,
                  sheet.pixels.begin() + (static_cast<std::ptrdiff_t>(top + y) * sheet.width + left) * 3);
    }
}

/// stb_easy_font returns axis-aligned quads of four vertices: x, y, z (floats) and colour (4 bytes).
void write_text(Image8& image, int left, int top, std::string text) {
    constexpr std::size_t vertex_bytes = 16;
    std::vector<char> buffer(text.size() * 300 + 64);
    const int quads =
        stb_easy_font_print(0, 0, text.data(), nullptr, buffer.data(), static_cast<int>(buffer.size()));
    for (int i = 0; i < quads; ++i) {
        std::array<float, 2> first{};
        std::array<float, 2> opposite{};
        const char* quad = buffer.data() + static_cast<std::size_t>(i) * 4 * vertex_bytes;
        std::memcpy(first.data(), quad, sizeof first);
        std::memcpy(opposite.data(), quad + 2 * vertex_bytes, sizeof opposite);
        const auto pixel = [](float value) { return static_cast<int>(value) * text_scale; };
        fill(image, left + pixel(first[0]), top + pixel(first[1]), left + pixel(opposite[0]),
             top + pixel(opposite[1]), ink);
    }
}

int text_width(std::string text) {
    return stb_easy_font_width(text.data()) * text_scale;
}

}  // namespace

Image8 contact_sheet(std::string_view title, const std::vector<SheetRow>& rows) {
    int width = text_width(std::string(title));
    int height = gap + text_height;
    for (const SheetRow& row : rows) {
        int row_width = -gap;
        for (const Image8& image : row.images) {
            row_width += image.width + gap;
        }
        width = std::max({width, row_width, text_width(row.label)});
        height += text_height + (row.images.empty() ? 0 : row.images.front().height) + gap;
    }
    Image8 sheet{width + 2 * gap, height + gap, 3, {}};
    sheet.pixels.resize(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height) * 3);
    fill(sheet, 0, 0, sheet.width, sheet.height, background);
    write_text(sheet, gap, gap, std::string(title));
    int y = gap + text_height;
    for (const SheetRow& row : rows) {
        write_text(sheet, gap, y, row.label);
        y += text_height;
        int x = gap;
        for (const Image8& image : row.images) {
            paste(sheet, image, x, y);
            x += image.width + gap;
        }
        y += (row.images.empty() ? 0 : row.images.front().height) + gap;
    }
    return sheet;
}

}  // namespace lact::app

namespace lact::app {

Result<Image8> evaluation_sheet(std::string_view title, std::span<const EvaluationImage> images) {
    constexpr int requested_width = 128;
    constexpr std::size_t columns = 8;
    std::vector<SheetRow> rows;
    for (std::size_t i = 0; i < images.size(); ++i) {
        if (i % columns == 0) {
            rows.push_back({"ground truth", {}});
            rows.push_back({"rendered", {}});
        }
        const int scale = std::max(1, requested_width / images[i].ground_truth.width);
        LACT_TRY(Image8 ground_truth, enlarge(images[i].ground_truth, scale, EnlargeFilter::nearest));
        LACT_TRY(Image8 rendering, enlarge(images[i].rendering, scale, EnlargeFilter::nearest));
        rows[rows.size() - 2].images.push_back(std::move(ground_truth));
        rows.back().images.push_back(std::move(rendering));
    }
    return contact_sheet(title, rows);
}

}  // namespace lact::app
