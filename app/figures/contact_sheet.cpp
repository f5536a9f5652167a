#include "app/figures/contact_sheet.h"

#include "app/figures/enlarge.h"
#include "app/figures/raster.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace lact::app {
namespace {

constexpr int gap = 8;
constexpr int text_scale = 2;
constexpr int text_height = 12 * text_scale;
constexpr Ink background = {24, 26, 31};
constexpr Ink text_ink = {222, 226, 233};

void paste(Image8& sheet, const Image8& image, int left, int top) {
    for (int y = 0; y < image.height; ++y) {
        const auto* row = image.pixels.data() + static_cast<std::ptrdiff_t>(y) * image.width * 3;
        std::copy(row, row + static_cast<std::ptrdiff_t>(image.width) * 3,
                  sheet.pixels.begin() + (static_cast<std::ptrdiff_t>(top + y) * sheet.width + left) * 3);
    }
}

}  // namespace

Image8 contact_sheet(std::string_view title, const std::vector<SheetRow>& rows) {
    int width = text_width(std::string(title), text_scale);
    int height = gap + text_height;
    for (const SheetRow& row : rows) {
        int row_width = -gap;
        for (const Image8& image : row.images) {
            row_width += image.width + gap;
        }
        width = std::max({width, row_width, text_width(row.label, text_scale)});
        height += text_height + (row.images.empty() ? 0 : row.images.front().height) + gap;
    }
    Image8 sheet{width + 2 * gap, height + gap, 3, {}};
    sheet.pixels.resize(static_cast<std::size_t>(sheet.width) * static_cast<std::size_t>(sheet.height) * 3);
    fill(sheet, 0, 0, sheet.width, sheet.height, background);
    draw_text(sheet, gap, gap, std::string(title), text_ink, text_scale);
    int y = gap + text_height;
    for (const SheetRow& row : rows) {
        draw_text(sheet, gap, y, row.label, text_ink, text_scale);
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
        const int width = std::max(1, images[i].ground_truth.width);
        const int scale = (requested_width + width - 1) / width;
        LACT_TRY(Image8 ground_truth, enlarge(images[i].ground_truth, scale, EnlargeFilter::nearest));
        LACT_TRY(Image8 rendering, enlarge(images[i].rendering, scale, EnlargeFilter::nearest));
        rows[rows.size() - 2].images.push_back(std::move(ground_truth));
        rows.back().images.push_back(std::move(rendering));
    }
    return contact_sheet(title, rows);
}

}  // namespace lact::app
