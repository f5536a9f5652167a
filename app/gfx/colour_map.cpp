#include "app/gfx/colour_map.h"

#include <string>

#include <fmt/format.h>

namespace lact::gfx {

ImVec4 colour_at(ColourMap map, float t) {
    const Colour colour = mapped_colour(map, static_cast<double>(t));
    return {colour[0], colour[1], colour[2], 1.0F};
}

void colour_bar(ColourMap map, float low, float high, float width) {
    const float text = ImGui::GetTextLineHeight();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (width <= 0) {
        width = ImGui::GetContentRegionAvail().x;
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float bar = text * 0.6F;
    constexpr int points = static_cast<int>(colour_points);
    const float step = width / (points - 1);
    for (int i = 0; i + 1 < points; ++i) {
        const ImU32 left = ImGui::GetColorU32(colour_at(map, static_cast<float>(i) / (points - 1)));
        const ImU32 right = ImGui::GetColorU32(colour_at(map, static_cast<float>(i + 1) / (points - 1)));
        const float x = at.x + step * static_cast<float>(i);
        list.AddRectFilledMultiColor({x, at.y}, {x + step, at.y + bar}, left, right, right, left);
    }
    bar_labels({at.x, at.y + bar + text * 0.15F}, width, low, high);
    ImGui::Dummy({width, bar + text * 1.15F});
}

float colour_bar_height() {
    return 1.75F * ImGui::GetTextLineHeight() + ImGui::GetStyle().ItemSpacing.y;
}

void bar_labels(ImVec2 at, float width, float low, float high) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 ink = ImGui::GetColorU32(ImGuiCol_Text);
    const auto width_of = [](float value) {
        return ImGui::CalcTextSize(fmt::format("{:.3g}", value).c_str()).x;
    };
    const auto label = [&](float value, float align) {
        list.AddText({at.x + (width - width_of(value)) * align, at.y}, ink,
                     fmt::format("{:.3g}", value).c_str());
    };
    const float middle = (low + high) / 2;
    label(low, 0.0F);
    // The middle one only where it fits between the others.
    if (width_of(low) + width_of(middle) + width_of(high) + 2 * ImGui::GetFontSize() < width) {
        label(middle, 0.5F);
    }
    label(high, 1.0F);
}

}  // namespace lact::gfx
