#include "app/panels/fast_weights_panel.h"

#include "app/core/parameters.h"
#include "app/window/cell_values.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {
namespace {

constexpr std::array<const char*, 3> matrix_names = {"W0", "W1", "W2"};
constexpr std::array<const char*, 3> matrix_ids = {"w0", "w1", "w2"};
constexpr std::array<const char*, 3> time_names = {"initial", "updated", "change"};
constexpr std::array<const char*, 3> matrix_tips = {
    "W0: the gate, f(x) = (silu(x W0) * (x W2)) W1. Rows are input channels, columns hidden channels.",
    "W1: the last, linear layer. Rows are hidden channels, columns output channels. As linear attention it "
    "is the state.",
    "W2: the values that the gate lets through. Rows are input channels, columns hidden channels."};
constexpr std::array<const char*, 3> time_tips = {
    "What every scene starts from: trained, the same for all scenes.",
    "After the update: what the layer has learned from the input photos.",
    "Updated minus initial: what the photos changed."};
constexpr float closest_cells = 4;  ///< Fewest cells across at the deepest zoom.

/// Like window::begin_rows(), with narrow names: three radio buttons must fit beside them.
bool begin_choice() {
    if (!ImGui::BeginTable("choice", 2, ImGuiTableFlags_SizingStretchProp)) {
        return false;
    }
    ImGui::TableSetupColumn("name", ImGuiTableColumnFlags_WidthStretch, 0.2F);
    ImGui::TableSetupColumn("value", ImGuiTableColumnFlags_WidthStretch, 0.8F);
    return true;
}

}  // namespace

void FastWeightsPanel::draw(window::PanelContext& context) {
    const auto& weights = services_.published->weights;
    if (!weights) {
        ImGui::TextColored(context.colours.muted, "No weights are open.");
        return;
    }
    draw_choice(context, *weights);
    const auto& matrix = services_.published->matrix;
    if (!matrix) {
        ImGui::TextColored(context.colours.muted, "There is no state yet.");
        return;
    }
    read(matrix, context);
    draw_map(context);
}

void FastWeightsPanel::draw_choice(window::PanelContext& context, const WeightsSummary& weights) {
    const ParameterTable& parameters = *services_.parameters;
    const MatrixKey& key = services_.view->matrix;
    if (begin_choice()) {
        int layer = key.layer;
        window::row_label(context, "Layer", "Which TTT layer: every block of the network has one.");
        if (ImGui::SliderInt("##layer", &layer, 0, weights.config.layers - 1)) {
            (void)parameters.set("matrix.layer", layer);
        }
        int head = key.head;
        window::row_label(context, "Head", "Each head has fast weights of its own.");
        ImGui::BeginDisabled(weights.config.ttt_heads() < 2);
        if (ImGui::SliderInt("##head", &head, 0, weights.config.ttt_heads() - 1)) {
            (void)parameters.set("matrix.head", head);
        }
        ImGui::EndDisabled();
        window::row_label(context, "Matrix");
        for (std::size_t i = 0; i < matrix_names.size(); ++i) {
            if (ImGui::RadioButton(matrix_names[i], static_cast<std::size_t>(key.which) == i)) {
                (void)parameters.set("matrix.which", matrix_ids[i]);
            }
            window::tip(context, matrix_tips[i]);
            ImGui::SameLine(0, 10 * context.scale);
        }
        ImGui::NewLine();
        window::row_label(context, "Shown");
        for (std::size_t i = 0; i < time_names.size(); ++i) {
            if (ImGui::RadioButton(time_names[i], static_cast<std::size_t>(key.when) == i)) {
                (void)parameters.set("matrix.when", time_names[i]);
            }
            window::tip(context, time_tips[i]);
            ImGui::SameLine(0, 10 * context.scale);
        }
        ImGui::NewLine();
        window::end_rows();
    }
}

void FastWeightsPanel::read(const std::shared_ptr<const Matrix>& matrix, window::PanelContext& context) {
    if (matrix == shown_) {
        return;
    }
    if (!context.canvas.upload(texture_, matrix->values, matrix->rows, matrix->columns)) {
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

void FastWeightsPanel::draw_map(window::PanelContext& context) {
    if (!shown_) {
        return;
    }
    ViewState& view = *services_.view;
    ImGui::TextColored(context.colours.muted, "%d x %d   largest %.3g   Frobenius norm %.4g", shown_->rows,
                       shown_->columns, static_cast<double>(largest_), frobenius_);
    const float range = view.locked_range.value_or(largest_);
    bool locked = view.locked_range.has_value();
    if (ImGui::Checkbox(
            fmt::format("{} lock range", locked ? window::icon::lock : window::icon::unlock).c_str(),
            &locked)) {
        view.locked_range = locked ? std::optional(range) : std::nullopt;
    }
    window::tip(context,
                "Keep this colour range for every matrix, so that layers and rules can be compared.");
    ImGui::SameLine();
    if (window::button(context, "whole matrix", "Zoom out until all of the matrix shows.")) {
        part_ = {};
    }
    window::colour_bar(window::ColourMap::diverging, -range, range);
    const ImVec2 space = ImGui::GetContentRegionAvail();
    const float visible_columns = part_.width > 0 ? part_.width : static_cast<float>(shown_->columns);
    const float visible_rows = part_.height > 0 ? part_.height : static_cast<float>(shown_->rows);
    const float cell = std::min(space.x / visible_columns, space.y / visible_rows);
    if (cell <= 0) {
        return;
    }
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 size{cell * visible_columns, cell * visible_rows};
    ImGui::InvisibleButton("map", size);
    const window::Rect rect{corner, {corner.x + size.x, corner.y + size.y}};
    window::HeatMapStyle style;
    style.low = -range;
    style.high = range;
    ImDrawList& list = *ImGui::GetWindowDrawList();
    context.canvas.draw_heat_map(list, texture_, rect, style, part_);
    window::draw_cell_values(list, shown_->values, shown_->rows, shown_->columns, rect, style, part_);
    if (ImGui::IsItemHovered() || ImGui::IsItemActive()) {
        zoom_and_pan(rect);
        describe_cell(context, rect);
    }
}

void FastWeightsPanel::zoom_and_pan(const window::Rect& rect) {
    const ImGuiIO& io = ImGui::GetIO();
    const auto columns = static_cast<float>(shown_->columns);
    const auto rows = static_cast<float>(shown_->rows);
    window::Part part = part_.width > 0 ? part_ : window::Part{0, 0, columns, rows};
    const float cell = (rect.max.x - rect.min.x) / part.width;
    if (io.MouseWheel != 0) {
        const float least = std::min(1.0F, closest_cells / std::min(columns, rows));
        const float wanted = std::clamp(part.width / columns * std::pow(0.8F, io.MouseWheel), least, 1.0F);
        const float under_x = part.x + (io.MousePos.x - rect.min.x) / cell;
        const float under_y = part.y + (io.MousePos.y - rect.min.y) / cell;
        const float factor = wanted * columns / part.width;
        part = {under_x - (under_x - part.x) * factor, under_y - (under_y - part.y) * factor,
                wanted * columns, wanted * rows};
    }
    if (ImGui::IsItemActive()) {
        part.x -= io.MouseDelta.x / cell;
        part.y -= io.MouseDelta.y / cell;
    }
    part.x = std::clamp(part.x, 0.0F, columns - part.width);
    part.y = std::clamp(part.y, 0.0F, rows - part.height);
    part_ = part;
}

void FastWeightsPanel::describe_cell(window::PanelContext& context, const window::Rect& rect) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const float cell = (rect.max.x - rect.min.x) / part_.width;
    const int column = static_cast<int>(part_.x + (mouse.x - rect.min.x) / cell);
    const int row = static_cast<int>(part_.y + (mouse.y - rect.min.y) / cell);
    if (row < 0 || row >= shown_->rows || column < 0 || column >= shown_->columns) {
        return;
    }
    const auto& key = shown_->key;
    ImGui::BeginTooltip();
    ImGui::Text("layer %d, head %d, %s %s", key.layer, key.head,
                matrix_names[static_cast<std::size_t>(key.which)],
                time_names[static_cast<std::size_t>(key.when)]);
    ImGui::PushFont(context.fonts.mono, 0);
    ImGui::Text("row %d, column %d: %.6g", row, column,
                static_cast<double>(
                    shown_->values[static_cast<std::size_t>(row) * static_cast<std::size_t>(shown_->columns) +
                                   static_cast<std::size_t>(column)]));
    ImGui::PopFont();
    ImGui::TextColored(context.colours.muted, "wheel: zoom, drag: move");
    ImGui::EndTooltip();
}

}  // namespace lact::app
