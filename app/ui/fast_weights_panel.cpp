#include "app/ui/fast_weights_panel.h"

#include "app/commands/parameter_table.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <array>

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

/// Like begin_rows(), with narrow names: three radio buttons must fit beside them.
bool begin_choice() {
    if (!ImGui::BeginTable("choice", 2, ImGuiTableFlags_SizingStretchProp)) {
        return false;
    }
    ImGui::TableSetupColumn("name", ImGuiTableColumnFlags_WidthStretch, 0.2F);
    ImGui::TableSetupColumn("value", ImGuiTableColumnFlags_WidthStretch, 0.8F);
    return true;
}

}  // namespace

void FastWeightsPanel::draw(PanelContext& context) {
    if (!services_.snapshot->weights) {
        ImGui::TextColored(context.colours.muted, "No weights are open.");
        return;
    }
    draw_choice(context);
    draw_modes(context);
}

/// One tab a look; the parameter chooses, so that scripts can.
void FastWeightsPanel::draw_modes(PanelContext& context) {
    const Snapshot& now = *services_.snapshot;
    if (!now.state || !now.scene) {
        ImGui::TextColored(context.colours.muted, "There is no state yet.");
        return;
    }
    struct FormulaLink {
        const char* id;
        const char* title;
        const char* tooltip;
    };
    static constexpr std::array<FormulaLink, 5> formula_links = {
        {{"map", "map", "The matrix itself."},
         {"spectrum", "spectrum", "Its singular values, before and after Muon."},
         {"layers", "layers", "How much each layer changed, and how alike the changes are."},
         {"rates", "rates", "The learned rate of every token, over the photos."},
         {"timeline", "photos", "Photo by photo: the state after the first n of them."}}};
    std::string& chosen = services_.document->weights_mode;
    Flow flow(4 * context.scale);  // All in one line of a window of 1280 pixels.
    for (const FormulaLink& mode : formula_links) {
        if (flow.radio(context, mode.title, chosen == mode.id, mode.tooltip)) {
            services_.dispatch->set("weights.look", mode.id);
        }
    }
    ImGui::Separator();
    if (chosen == "spectrum") {
        spectrum_.draw(context, services_);
    } else if (chosen == "layers") {
        layers_.draw(context, services_);
    } else if (chosen == "rates") {
        rates_.draw(context, services_);
    } else if (chosen == "timeline") {
        timeline_.draw(context, services_);
    } else {
        draw_time(context);
    }
}

void FastWeightsPanel::draw_time(PanelContext& context) {
    const MatrixKey& key = services_.document->matrix;
    if (begin_choice()) {
        row_label(context, "Shown");
        Flow flow;
        for (std::size_t i = 0; i < time_names.size(); ++i) {
            if (flow.radio(context, time_names[i], static_cast<std::size_t>(key.when) == i, time_tips[i])) {
                services_.dispatch->set("matrix.when", time_names[i]);
            }
        }
        end_rows();
    }
    const auto& matrix = services_.snapshot->matrix;
    if (!matrix) {
        ImGui::TextColored(context.colours.muted, "There is no state yet.");
        return;
    }
    map_.show(matrix, context);
    draw_map(context);
}

void FastWeightsPanel::draw_choice(PanelContext& context) {
    const MatrixKey& key = services_.document->matrix;
    if (begin_choice()) {
        draw_place_choice(context, services_);
        row_label(context, "Matrix");
        Flow flow;
        for (std::size_t i = 0; i < matrix_names.size(); ++i) {
            if (flow.radio(context, matrix_names[i], static_cast<std::size_t>(key.which) == i,
                           matrix_tips[i])) {
                services_.dispatch->set("matrix.which", matrix_ids[i]);
            }
        }
        end_rows();
    }
}

void FastWeightsPanel::draw_map(PanelContext& context) {
    const auto& shown = map_.shown();
    if (!shown) {
        return;
    }
    Document& view = *services_.document;
    ImGui::TextColored(context.colours.muted, "%d x %d   largest %.3g   Frobenius norm %.4g", shown->rows,
                       shown->columns, static_cast<double>(map_.largest()), map_.frobenius());
    const float range = view.locked_range.value_or(map_.largest());
    bool locked = view.locked_range.has_value();
    if (ImGui::Checkbox(fmt::format("{} lock range", locked ? icon::lock : icon::unlock).c_str(), &locked)) {
        view.locked_range = locked ? std::optional(range) : std::nullopt;
    }
    tip(context, "Keep this colour range for every matrix, so that layers and rules can be compared.");
    ImGui::SameLine();
    if (button(context, "whole matrix", "Zoom out until all of the matrix shows.")) {
        map_.whole();
    }
    gfx::colour_bar(gfx::ColourMap::diverging, -range, range);
    const auto& key = shown->key;
    MatrixView::Style style;
    style.range = range;
    style.name = fmt::format("layer {}, head {}, {} {}", key.layer, key.head,
                             matrix_names[static_cast<std::size_t>(key.which)],
                             time_names[static_cast<std::size_t>(key.when)]);
    map_.draw(context, "map", ImGui::GetContentRegionAvail(), style);
}

PanelData FastWeightsPanel::data() const {
    const std::string& mode = services_.document->weights_mode;
    if (mode == "spectrum") {
        return spectrum_.data();
    }
    if (mode == "layers") {
        return layers_.data();
    }
    if (mode == "rates") {
        return rates_.data();
    }
    if (mode == "timeline") {
        return timeline_.data();
    }
    if (!map_.shown()) {
        return {};
    }
    const Matrix& matrix = *map_.shown();
    const std::string name = fmt::format("layer{}.head{}.{}.{}", matrix.key.layer, matrix.key.head,
                                         matrix_ids[static_cast<std::size_t>(matrix.key.which)],
                                         time_names[static_cast<std::size_t>(matrix.key.when)]);
    return {make_matrix(name, matrix.columns, {matrix.values.begin(), matrix.values.end()})};
}

}  // namespace lact::app
