#include "app/panels/matrix_view.h"

#include "app/window/cell_values.h"

#include <algorithm>
#include <cmath>

namespace lact::app {
namespace {

constexpr float closest_cells = 4;  ///< Fewest cells across at the deepest zoom.

}  // namespace

void MatrixView::show(const std::shared_ptr<const Matrix>& matrix, window::PanelContext& context) {
    if (matrix == shown_) {
        return;
    }
    if (!matrix || matrix->values.empty() ||
        !context.canvas.upload(texture_, matrix->values, matrix->rows, matrix->columns)) {
        shown_ = matrix && matrix->values.empty() ? nullptr : shown_;
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
    largest_ = std::max(largest_, 1e-12F);
    if (other_shape) {
        part_ = {};
    }
}

void MatrixView::draw(window::PanelContext& context, const char* id, ImVec2 space, const Style& style,
                      bool stretch) {
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
    const window::Rect rect{corner, {corner.x + size.x, corner.y + size.y}};
    window::HeatMapStyle heat;
    heat.low = -style.range;
    heat.high = style.range;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    context.canvas.draw_heat_map(list, texture_, rect, heat, part_);
    window::draw_cell_values(list, shown_->values, shown_->rows, shown_->columns, rect, heat, part_);
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

std::optional<CellAt> MatrixView::cell_under(ImVec2 cell, const window::Rect& rect) const {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const CellAt at{static_cast<int>(part_.y + (mouse.y - rect.min.y) / cell.y),
                    static_cast<int>(part_.x + (mouse.x - rect.min.x) / cell.x)};
    const bool inside = at.row >= 0 && at.row < shown_->rows && at.column >= 0 && at.column < shown_->columns;
    return inside ? std::optional(at) : std::nullopt;
}

void MatrixView::draw_mark(window::PanelContext& context, CellAt at, ImVec2 cell,
                           const window::Rect& rect) const {
    const ImVec2 corner{rect.min.x + (static_cast<float>(at.column) - part_.x) * cell.x,
                        rect.min.y + (static_cast<float>(at.row) - part_.y) * cell.y};
    const float margin = 2 * context.scale;  // Cells can be smaller than a pixel: the frame stays visible.
    ImDrawList& list = *ImGui::GetWindowDrawList();
    list.PushClipRect(rect.min, rect.max, true);
    list.AddRect({corner.x - margin, corner.y - margin},
                 {corner.x + cell.x + margin, corner.y + cell.y + margin},
                 ImGui::GetColorU32(context.colours.accent), 0, 2 * context.scale);
    list.PopClipRect();
}

void MatrixView::zoom_and_pan(ImVec2 cell, const window::Rect& rect) {
    const ImGuiIO& io = ImGui::GetIO();
    const auto columns = static_cast<float>(shown_->columns);
    const auto rows = static_cast<float>(shown_->rows);
    window::Part part = part_.width > 0 ? part_ : window::Part{0, 0, columns, rows};
    if (io.MouseWheel != 0) {
        const float least = std::min(1.0F, closest_cells / std::min(columns, rows));
        const float wanted = std::clamp(part.width / columns * std::pow(0.8F, io.MouseWheel), least, 1.0F);
        const float under_x = part.x + (io.MousePos.x - rect.min.x) / cell.x;
        const float under_y = part.y + (io.MousePos.y - rect.min.y) / cell.y;
        const float factor = wanted * columns / part.width;
        part = {under_x - (under_x - part.x) * factor, under_y - (under_y - part.y) * factor,
                wanted * columns, wanted * rows};
        moved_ = true;
    }
    if (ImGui::IsItemActive() && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) {
        part.x -= io.MouseDelta.x / cell.x;
        part.y -= io.MouseDelta.y / cell.y;
        moved_ = true;
    }
    part.x = std::clamp(part.x, 0.0F, columns - part.width);
    part.y = std::clamp(part.y, 0.0F, rows - part.height);
    part_ = part;
}

void MatrixView::describe_cell(window::PanelContext& context, CellAt at, const Style& style) const {
    const auto index = static_cast<std::size_t>(at.row) * static_cast<std::size_t>(shown_->columns) +
                       static_cast<std::size_t>(at.column);
    const double value = shown_->values[index];
    ImGui::BeginTooltip();
    ImGui::TextUnformatted(style.name.c_str());
    ImGui::PushFont(context.fonts.mono, 0);
    ImGui::Text("%s %d, %s %d: %.6g", style.rows.c_str(), at.row, style.columns.c_str(), at.column, value);
    if (style.other != nullptr && style.other->values.size() == shown_->values.size()) {
        const double there = style.other->values[index];
        ImGui::Text("%s there: %.6g   difference %.1e", style.other_name.c_str(), there, value - there);
    }
    ImGui::PopFont();
    if (!style.formula.empty()) {
        ImGui::PushFont(context.fonts.math, 0);
        ImGui::TextUnformatted(style.formula.c_str());
        ImGui::PopFont();
    }
    ImGui::TextColored(context.colours.muted, "wheel: zoom, drag: move");
    ImGui::EndTooltip();
}

}  // namespace lact::app
