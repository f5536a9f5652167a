#include "app/ui/matrix_view.h"

#include <algorithm>
#include <cmath>
#include <string>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr float closest_cells = 4;     ///< Minimum number of visible cells along the shorter side.
constexpr float least_range = 1e-12F;  ///< Of the colours, which divide by it.

}  // namespace

void MatrixView::show(const std::shared_ptr<const Matrix>& matrix, PanelContext& context) {
    if (matrix == shown_) {
        return;
    }
    if (!matrix || matrix->values.empty() ||
        !context.canvas.upload(texture_, matrix->values, matrix->rows, matrix->columns)) {
        shown_ = !matrix || matrix->values.empty() ? nullptr : shown_;
        hovered_.reset();
        return;
    }
    const bool other_shape = !shown_ || shown_->rows != matrix->rows || shown_->columns != matrix->columns;
    shown_ = matrix;
    largest_ = 0;
    frobenius_ = 0;
    for (const float value : matrix->values) {
        largest_ = std::max(largest_, std::abs(value));
        frobenius_ += static_cast<double>(value) * value;
    }
    frobenius_ = std::sqrt(frobenius_);
    if (other_shape) {
        part_ = {};
    }
}

void MatrixView::draw(PanelContext& context, const char* id, ImVec2 space, const Style& style, bool stretch) {
    moved_ = false;
    hovered_.reset();
    if (!shown_) {
        return;
    }
    const float columns = part_.width > 0 ? part_.width : static_cast<float>(shown_->columns);
    const float rows = part_.height > 0 ? part_.height : static_cast<float>(shown_->rows);
    ImVec2 cell{space.x / columns, space.y / rows};
    if (!stretch) {
        cell.x = cell.y = std::min(cell.x, cell.y);
    }
    if (cell.x <= 0 || cell.y <= 0) {
        return;
    }
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 size{cell.x * columns, cell.y * rows};
    ImGui::InvisibleButton(id, size);
    const gfx::Rect rect{corner, {corner.x + size.x, corner.y + size.y}};
    gfx::HeatMapStyle heat;
    heat.high = std::max(style.range, least_range);
    heat.low = -heat.high;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    context.canvas.draw_heat_map(list, texture_, rect, heat, part_);
    draw_cell_values(list, shown_->values, shown_->rows, shown_->columns, rect, heat, part_);
    if (style.mark) {
        draw_mark(context, *style.mark, cell, rect);
    }
    if (ImGui::IsItemHovered() || ImGui::IsItemActive()) {
        zoom_and_pan(cell, rect);
        hovered_ = cell_under(cell, rect);
        if (hovered_) {
            describe_cell(context, *hovered_, style);
        }
    }
}

std::optional<CellAt> MatrixView::cell_under(ImVec2 cell, const gfx::Rect& rect) const {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const CellAt at{static_cast<int>(part_.y + (mouse.y - rect.min.y) / cell.y),
                    static_cast<int>(part_.x + (mouse.x - rect.min.x) / cell.x)};
    const bool inside = at.row >= 0 && at.row < shown_->rows && at.column >= 0 && at.column < shown_->columns;
    return inside ? std::optional(at) : std::nullopt;
}

void MatrixView::draw_mark(PanelContext& context, CellAt at, ImVec2 cell, const gfx::Rect& rect) const {
    const ImVec2 corner{rect.min.x + (static_cast<float>(at.column) - part_.x) * cell.x,
                        rect.min.y + (static_cast<float>(at.row) - part_.y) * cell.y};
    const float margin = 2 * context.scale;  // Keeps the frame visible around cells smaller than a pixel.
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.PushClipRect(rect.min, rect.max, true);
    list.AddRect({corner.x - margin, corner.y - margin},
                 {corner.x + cell.x + margin, corner.y + cell.y + margin},
                 ImGui::GetColorU32(context.colours.accent), 0, 2 * context.scale);
    list.PopClipRect();
}

void MatrixView::zoom_and_pan(ImVec2 cell, const gfx::Rect& rect) {
    const ImGuiIO& io = ImGui::GetIO();
    const auto columns = static_cast<float>(shown_->columns);
    const auto rows = static_cast<float>(shown_->rows);
    gfx::Part part = part_.width > 0 ? part_ : gfx::Part{0, 0, columns, rows};
    if (io.MouseWheel != 0) {
        const float least = std::min(1.0F, closest_cells / std::min(columns, rows));
        const float requested = std::clamp(part.width / columns * std::pow(0.8F, io.MouseWheel), least, 1.0F);
        const float under_x = part.x + (io.MousePos.x - rect.min.x) / cell.x;
        const float under_y = part.y + (io.MousePos.y - rect.min.y) / cell.y;
        const float factor = requested * columns / part.width;
        part = {under_x - (under_x - part.x) * factor, under_y - (under_y - part.y) * factor,
                requested * columns, requested * rows};
        moved_ = true;
    }
    if (const ImVec2 drag = dragged_by(); drag.x != 0 || drag.y != 0) {
        part.x -= drag.x / cell.x;
        part.y -= drag.y / cell.y;
        moved_ = true;
    }
    part.x = std::clamp(part.x, 0.0F, columns - part.width);
    part.y = std::clamp(part.y, 0.0F, rows - part.height);
    part_ = part;
}

void MatrixView::describe_cell(PanelContext& context, CellAt at, const Style& style) const {
    const auto index = static_cast<std::size_t>(at.row) * static_cast<std::size_t>(shown_->columns) +
                       static_cast<std::size_t>(at.column);
    const double value = shown_->values[index];
    ImGui::BeginTooltip();
    ImGui::TextUnformatted(style.name.c_str());
    ImGui::PushFont(context.fonts.mono, 0);
    ImGui::Text("%s %d, %s %d: %.6g", style.rows.c_str(), at.row, style.columns.c_str(), at.column, value);
    if (style.other != nullptr && style.other->values.size() == shown_->values.size()) {
        const double there = style.other->values[index];
        ImGui::Text("%s: %.6g   difference %.1e", style.other_name.c_str(), there, value - there);
    }
    ImGui::PopFont();
    if (!style.formula.empty()) {
        ImGui::PushFont(context.fonts.math, 0);
        ImGui::TextUnformatted(style.formula.c_str());
        ImGui::PopFont();
    }
    ImGui::TextColored(context.colours.muted, "wheel: zoom, drag: pan");
    ImGui::EndTooltip();
}

}  // namespace lact::app

namespace lact::app {

namespace {

constexpr ImU32 dark_ink = IM_COL32(20, 20, 20, 255);
constexpr ImU32 light_ink = IM_COL32(245, 245, 245, 255);

ImU32 ink_on(const ImVec4& colour) {
    const float luma = 0.299F * colour.x + 0.587F * colour.y + 0.114F * colour.z;
    return luma > 0.5F ? dark_ink : light_ink;
}

/// The visible cells [first, last) along one axis.
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
                      const gfx::Rect& rect, const gfx::HeatMapStyle& style, const gfx::Part& part) {
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
            const std::string text = fmt::format("{:.3g}", value);
            const ImVec2 size = ImGui::CalcTextSize(text.c_str());
            const float t = (value - style.low) / (style.high - style.low);
            const ImU32 ink = std::isfinite(value) ? ink_on(gfx::colour_at(style.map, t)) : light_ink;
            const ImVec2 middle{rect.min.x + (static_cast<float>(c) + 0.5F - part.x) * cell.x,
                                rect.min.y + (static_cast<float>(r) + 0.5F - part.y) * cell.y};
            list.AddText({std::floor(middle.x - size.x / 2), std::floor(middle.y - size.y / 2)}, ink,
                         text.c_str());
        }
    }
    list.PopClipRect();
    return true;
}

}  // namespace lact::app
