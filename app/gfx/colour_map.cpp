#include "app/gfx/colour_map.h"

#include <string>

#include <fmt/format.h>

namespace lact::gfx {

ImVec4 colour_at(ColourMap map, float t) {
    const Colour colour = mapped_colour(map, static_cast<double>(t));
    return {colour[0], colour[1], colour[2], 1.0F};
}

namespace {

/// Heights in lines of text: the bar, and the bar with its numbers.
constexpr float bar_lines = 0.6F;
constexpr float all_lines = 1.75F;

/// The numbers below a bar: both ends, and the middle where there is room. Where there is none for both ends,
/// fewer digits, or one number with a sign for both.
void bar_labels(ImVec2 at, float width, float low, float high) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 ink = ImGui::GetColorU32(ImGuiCol_Text);
    const auto text = [](float value, int digits) {
        return fmt::format("{:.{}g}", value == 0 ? 0.0F : value, digits);  // Minus zero is zero.
    };
    const auto width_of = [](const std::string& label) { return ImGui::CalcTextSize(label.c_str()).x; };
    const auto put = [&](const std::string& label, float align) {
        list.AddText({at.x + (width - width_of(label)) * align, at.y}, ink, label.c_str());
    };
    const float gap = ImGui::GetFontSize();
    const auto fits = [&](int digits) {
        return width_of(text(low, digits)) + width_of(text(high, digits)) + gap / 2 < width;
    };
    if (!fits(3) && !fits(2) && low == -high) {
        put("±" + text(high, 3), 0.5F);
        return;
    }
    const int digits = fits(3) ? 3 : fits(2) ? 2 : 1;
    const std::string middle = text((low + high) / 2, digits);
    put(text(low, digits), 0.0F);
    if (width_of(text(low, digits)) + width_of(middle) + width_of(text(high, digits)) + 2 * gap < width) {
        put(middle, 0.5F);
    }
    put(text(high, digits), 1.0F);
}

}  // namespace

void labelled_bar(float low, float high, float width,
                  const std::function<void(ImVec2 min, ImVec2 max)>& paint) {
    const float line = ImGui::GetTextLineHeight();
    const ImVec2 at = ImGui::GetCursorScreenPos();
    if (width <= 0) {
        width = ImGui::GetContentRegionAvail().x;
    }
    paint(at, {at.x + width, at.y + bar_lines * line});
    bar_labels({at.x, at.y + (bar_lines + 0.15F) * line}, width, low, high);
    ImGui::Dummy({width, all_lines * line});
}

void colour_bar(ColourMap map, float low, float high, float width) {
    labelled_bar(low, high, width, [map](ImVec2 min, ImVec2 max) {
        ImDrawList& list = *ImGui::GetWindowDrawList();
        constexpr int points = static_cast<int>(colour_points);
        const float step = (max.x - min.x) / (points - 1);
        for (int i = 0; i + 1 < points; ++i) {
            const ImU32 left = ImGui::GetColorU32(colour_at(map, static_cast<float>(i) / (points - 1)));
            const ImU32 right = ImGui::GetColorU32(colour_at(map, static_cast<float>(i + 1) / (points - 1)));
            const float x = min.x + step * static_cast<float>(i);
            list.AddRectFilledMultiColor({x, min.y}, {x + step, max.y}, left, right, right, left);
        }
    });
}

float colour_bar_height() {
    return all_lines * ImGui::GetTextLineHeight() + ImGui::GetStyle().ItemSpacing.y;
}

}  // namespace lact::gfx
