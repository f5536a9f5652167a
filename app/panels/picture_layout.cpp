#include "app/panels/picture_layout.h"

#include <algorithm>
#include <cmath>

namespace lact::app {

window::Rect fit_picture(ImVec2 min, ImVec2 space, int width, int height) {
    float scale = std::min(space.x / static_cast<float>(width), space.y / static_cast<float>(height));
    if (scale > 2) {
        scale = std::floor(scale);
    }
    const ImVec2 size{static_cast<float>(width) * scale, static_cast<float>(height) * scale};
    const ImVec2 corner{std::floor(min.x + (space.x - size.x) / 2),
                        std::floor(min.y + (space.y - size.y) / 2)};
    return {corner, {corner.x + size.x, corner.y + size.y}};
}

void fill_around(ImDrawList& list, const window::Rect& all, const window::Rect& picture, ImU32 colour) {
    list.AddRectFilled(all.min, {picture.min.x, all.max.y}, colour);
    list.AddRectFilled({picture.max.x, all.min.y}, all.max, colour);
    list.AddRectFilled({picture.min.x, all.min.y}, {picture.max.x, picture.min.y}, colour);
    list.AddRectFilled({picture.min.x, picture.max.y}, {picture.max.x, all.max.y}, colour);
}

ImVec2 text_on_picture(ImDrawList& list, ImVec2 at, ImU32 colour, const std::string& text, float wrap) {
    const ImU32 shade = IM_COL32(0, 0, 0, 170);
    const ImVec2 size = ImGui::CalcTextSize(text.c_str(), nullptr, false, wrap > 0 ? wrap : -1);
    const float pad = ImGui::GetStyle().FramePadding.y;
    list.AddRectFilled({at.x - pad, at.y - pad}, {at.x + size.x + pad, at.y + size.y + pad}, shade, pad);
    list.AddText(ImGui::GetFont(), ImGui::GetFontSize(), at, colour, text.c_str(), nullptr,
                 wrap > 0 ? wrap : 0);
    return size;
}

}  // namespace lact::app
