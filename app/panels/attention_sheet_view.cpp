#include "app/panels/attention_sheet_view.h"

#include "app/core/parameters.h"
#include "app/panels/photo_grid.h"
#include "app/panels/signed_colour.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

namespace lact::app {
namespace {

/// How the photos of one cell are arranged, so that cells are nearly square.
int photos_per_line(std::size_t photos) {
    return std::max(1, static_cast<int>(std::ceil(std::sqrt(static_cast<double>(photos)))));
}

/// All photos of one map within a rectangle, each with its own scale of the map's largest value.
void paint_map(const AttentionMap& map, const window::Rect& rect, std::size_t photos, PatchGrid grid,
               float strength) {
    double largest = 1e-12;
    for (const double value : map.tokens) {
        largest = std::max(largest, std::abs(value));
    }
    const int across = photos_per_line(photos);
    const int down = (static_cast<int>(photos) + across - 1) / across;
    const float gap = 1;
    const float width = (rect.max.x - rect.min.x) / static_cast<float>(across);
    const float height = (rect.max.y - rect.min.y) / static_cast<float>(down);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < photos; ++i) {
        const auto column = static_cast<float>(static_cast<int>(i) % across);
        const auto row = static_cast<float>(static_cast<int>(i) / across);
        const ImVec2 corner{rect.min.x + column * width, rect.min.y + row * height};
        const window::Rect one{corner, {corner.x + width - gap, corner.y + height - gap}};
        list.AddRectFilled(one.min, one.max, ImGui::GetColorU32(ImGuiCol_FrameBg));
        paint_signed(list, one, std::span(map.tokens).subspan(i * grid.cells(), grid.cells()), grid.columns,
                     largest, strength);
    }
}

/// Which photo gives most, for the tooltip.
std::string summary(const AttentionMap& map, const std::vector<std::size_t>& inputs) {
    std::size_t most = 0;
    for (std::size_t i = 1; i < map.views.size(); ++i) {
        most = std::abs(map.views[i]) > std::abs(map.views[most]) ? i : most;
    }
    return fmt::format("S0 {:+.2f}, photo {} {:+.2f}", map.s0, inputs[most], map.views[most]);
}

}  // namespace

void AttentionSheetView::draw(window::PanelContext& context, const PanelServices& services,
                              const Query& query) {
    const Published& now = *services.published;
    const ModelConfig& config = now.weights->config;
    const auto answer =
        services.questions->ask("linear.sheet", AskAttentionSheet{query, services.view->side});
    const bool fresh = services.questions->fresh("linear.sheet");
    if (answer && answer->get<AttentionSheet>() != nullptr) {
        shown_ = answer;
    }
    const AttentionSheet* maps = sheet();
    const auto heads = static_cast<std::size_t>(config.ttt_heads());
    const PatchGrid grid = patch_grid(now);
    const std::size_t photos = now.scene->inputs.size();
    if (maps == nullptr || maps->size() != heads * static_cast<std::size_t>(config.layers) ||
        maps->front().tokens.size() != photos * grid.cells()) {
        ImGui::TextColored(context.colours.muted, "%s",
                           answer && !answer->problem.empty() ? answer->problem.c_str() : "all layers ...");
        return;
    }
    const float name = ImGui::CalcTextSize("00 ").x;
    const float gap = 3 * context.scale;
    const float cell = (ImGui::GetContentRegionAvail().x - name) / static_cast<float>(heads) - gap;
    const float side = std::min(cell, 120 * context.scale);
    ImGui::TextColored(context.colours.muted, "layers down, heads across; each in its own range");
    for (int layer = 0; layer < config.layers; ++layer) {
        ImGui::AlignTextToFramePadding();
        ImGui::TextColored(context.colours.muted, "%d", layer);
        for (int head = 0; head < config.ttt_heads(); ++head) {
            ImGui::SameLine(name + static_cast<float>(head) * (side + gap));
            const auto index = static_cast<std::size_t>(layer) * heads + static_cast<std::size_t>(head);
            const AttentionMap& map = (*maps)[index];
            ImGui::PushID(static_cast<int>(index));
            const ImVec2 corner = ImGui::GetCursorScreenPos();
            if (ImGui::InvisibleButton("cell", {side, side})) {
                (void)services.parameters->set("matrix.layer", layer);
                (void)services.parameters->set("matrix.head", head);
            }
            const window::Rect rect{corner, {corner.x + side, corner.y + side}};
            paint_map(map, rect, photos, grid, fresh ? 1.0F : 0.5F);
            const bool chosen = services.view->place() == Place{layer, head};
            if (chosen || ImGui::IsItemHovered()) {
                ImGui::GetWindowDrawList()->AddRect(
                    rect.min, rect.max,
                    ImGui::GetColorU32(chosen ? context.colours.accent : context.colours.muted), 0,
                    2 * context.scale);
            }
            window::tip(context, fmt::format("layer {}, head {}: {}. Click: choose it.", layer, head,
                                             summary(map, now.scene->inputs)));
            ImGui::PopID();
        }
    }
}

}  // namespace lact::app
