#include "app/panels/vector_strip.h"

#include "app/window/colour_map.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {

void draw_vector_strip(window::PanelContext& context, const char* id, const std::string& name,
                       std::span<const double> values, const std::string& words) {
    double largest = 1e-12;
    double squares = 0;
    for (const double value : values) {
        largest = std::max(largest, std::abs(value));
        squares += value * value;
    }
    ImGui::TextColored(context.colours.muted, "%s   %zu channels, norm %.3g, largest %.3g", name.c_str(),
                       values.size(), std::sqrt(squares), largest);
    window::tip(context, words);
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    const float height = 14 * context.scale;
    ImGui::PushID(id);
    ImGui::InvisibleButton("strip", {std::max(1.0F, width), height});
    ImGui::PopID();
    if (values.empty()) {
        return;
    }
    const float cell = width / static_cast<float>(values.size());
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto at = static_cast<float>(0.5 + 0.5 * values[i] / largest);
        const float left = corner.x + static_cast<float>(i) * cell;
        list.AddRectFilled(
            {left, corner.y}, {left + cell, corner.y + height},
            ImGui::ColorConvertFloat4ToU32(window::colour_at(window::ColourMap::diverging, at)));
    }
    if (ImGui::IsItemHovered()) {
        const auto channel =
            std::min(values.size() - 1,
                     static_cast<std::size_t>(std::max(0.0F, (ImGui::GetIO().MousePos.x - corner.x) / cell)));
        ImGui::SetTooltip("%s, channel %zu: %.6g", name.c_str(), channel, values[channel]);
    }
}

}  // namespace lact::app
