#include "app/window/cell_values.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

namespace lact::window {
namespace {

constexpr ImU32 dark_ink = IM_COL32(20, 20, 20, 255);
constexpr ImU32 light_ink = IM_COL32(245, 245, 245, 255);

ImU32 ink_on(const ImVec4& colour) {
    const float luma = 0.299F * colour.x + 0.587F * colour.y + 0.114F * colour.z;
    return luma > 0.5F ? dark_ink : light_ink;
}

/// Cells from first to last (excluded) of a visible range, within the matrix.
struct Span {
    int first;
    int last;
};
Span cells_between(float from, float to, int count) {
    return {std::clamp(static_cast<int>(std::floor(from)), 0, count),
            std::clamp(static_cast<int>(std::ceil(to)), 0, count)};
}

}  // namespace

bool draw_cell_values(ImDrawList& list, std::span<const float> values, int rows, int columns,
                      const Rect& rect, const HeatMapStyle& style, const Part& part) {
    if (values.size() != static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) {
        return false;
    }
    const float wide = part.width > 0 ? part.width : static_cast<float>(columns) - part.x;
    const float high = part.height > 0 ? part.height : static_cast<float>(rows) - part.y;
    const ImVec2 cell{(rect.max.x - rect.min.x) / wide, (rect.max.y - rect.min.y) / high};
    const ImVec2 longest = ImGui::CalcTextSize("-8.88e-08");
    if (cell.x < longest.x * 1.1F || cell.y < longest.y * 1.2F) {
        return false;
    }
    const ImVec2 clip_min = list.GetClipRectMin();
    const ImVec2 clip_max = list.GetClipRectMax();
    const float left = std::max(part.x, part.x + (clip_min.x - rect.min.x) / cell.x);
    const float right = std::min(part.x + wide, part.x + (clip_max.x - rect.min.x) / cell.x);
    const float top = std::max(part.y, part.y + (clip_min.y - rect.min.y) / cell.y);
    const float bottom = std::min(part.y + high, part.y + (clip_max.y - rect.min.y) / cell.y);
    const Span across = cells_between(left, right, columns);
    const Span down = cells_between(top, bottom, rows);
    list.PushClipRect(rect.min, rect.max, true);
    for (int r = down.first; r < down.last; ++r) {
        for (int c = across.first; c < across.last; ++c) {
            const float value = values[static_cast<std::size_t>(r) * static_cast<std::size_t>(columns) +
                                       static_cast<std::size_t>(c)];
            const std::string words = fmt::format("{:.3g}", value);
            const ImVec2 size = ImGui::CalcTextSize(words.c_str());
            const float t = (value - style.low) / (style.high - style.low);
            const ImU32 ink = std::isfinite(value) ? ink_on(colour_at(style.map, t)) : light_ink;
            const ImVec2 middle{rect.min.x + (static_cast<float>(c) + 0.5F - part.x) * cell.x,
                                rect.min.y + (static_cast<float>(r) + 0.5F - part.y) * cell.y};
            list.AddText({std::floor(middle.x - size.x / 2), std::floor(middle.y - size.y / 2)}, ink,
                         words.c_str());
        }
    }
    list.PopClipRect();
    return true;
}

}  // namespace lact::window
