#include "app/gfx/colour_map.h"

#include "shaders/colour_points.inc"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

namespace lact::gfx {

namespace {
#define LACT_POINT(r, g, b)    \
    ImVec4 {                   \
        r##F, g##F, b##F, 1.0F \
    }
constexpr int points = 9;
const std::array<ImVec4, points> diverging{
#define LACT_DIVERGING
#undef LACT_DIVERGING
};
const std::array<ImVec4, points> sequential{
#define LACT_SEQUENTIAL
#undef LACT_SEQUENTIAL
};
#undef LACT_POINT
}  // namespace

ImVec4 colour_at(ColourMap map, float t) {
    const auto& table = map == ColourMap::diverging ? diverging : sequential;
    const float position = std::clamp(t, 0.0F, 1.0F) * (points - 1);
    const int i = std::min(static_cast<int>(position), points - 2);
    const float f = position - static_cast<float>(i);
    const ImVec4& a = table.at(static_cast<std::size_t>(i));
    const ImVec4& b = table.at(static_cast<std::size_t>(i) + 1);
    return {a.x + (b.x - a.x) * f, a.y + (b.y - a.y) * f, a.z + (b.z - a.z) * f, 1.0F};
}

void colour_bar(ColourMap map, float low, float high, float width) {
    const float text = ImGui::GetTextLineHeight();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (width <= 0) {
        width = ImGui::GetContentRegionAvail().x;
    }
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const float bar = text * 0.6F;
    const float step = width / (points - 1);
    for (int i = 0; i + 1 < points; ++i) {
        const ImU32 left = ImGui::GetColorU32(colour_at(map, static_cast<float>(i) / (points - 1)));
        const ImU32 right = ImGui::GetColorU32(colour_at(map, static_cast<float>(i + 1) / (points - 1)));
        const float x = at.x + step * static_cast<float>(i);
        list.AddRectFilledMultiColor({x, at.y}, {x + step, at.y + bar}, left, right, right, left);
    }
    const ImU32 ink = ImGui::GetColorU32(ImGuiCol_Text);
    const auto label = [&](float value, float align) {
        const std::string words = fmt::format("{:.3g}", value);
        const float wide = ImGui::CalcTextSize(words.c_str()).x;
        list.AddText({at.x + (width - wide) * align, at.y + bar + text * 0.15F}, ink, words.c_str());
    };
    label(low, 0.0F);
    label((low + high) / 2, 0.5F);
    label(high, 1.0F);
    ImGui::Dummy({width, bar + text * 1.15F});
}

}  // namespace lact::gfx
