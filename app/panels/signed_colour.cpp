#include "app/panels/signed_colour.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {

void paint_signed(ImDrawList& list, const window::Rect& rect, std::span<const double> values, int columns,
                  double largest, float strength) {
    if (columns <= 0 || values.empty() || largest <= 0) {
        return;
    }
    const auto rows = static_cast<float>(values.size()) / static_cast<float>(columns);
    const float width = (rect.max.x - rect.min.x) / static_cast<float>(columns);
    const float height = (rect.max.y - rect.min.y) / rows;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const auto size = static_cast<float>(std::min(1.0, std::abs(values[i]) / largest));
        ImVec4 colour = window::colour_at(window::ColourMap::diverging, values[i] < 0 ? 0.12F : 0.88F);
        // The eye sees small shares better if opacity rises faster than the share.
        colour.w = 0.9F * strength * std::sqrt(size);
        const auto x = static_cast<float>(i % static_cast<std::size_t>(columns));
        const auto y = static_cast<float>(i / static_cast<std::size_t>(columns));
        list.AddRectFilled({rect.min.x + x * width, rect.min.y + y * height},
                           {rect.min.x + (x + 1) * width, rect.min.y + (y + 1) * height},
                           ImGui::ColorConvertFloat4ToU32(colour));
    }
}

ImU32 colour_of_view(std::size_t place) {
    static constexpr std::array<ImU32, 8> okabe_ito = {
        IM_COL32(230, 159, 0, 255),   IM_COL32(86, 180, 233, 255), IM_COL32(0, 158, 115, 255),
        IM_COL32(240, 228, 66, 255),  IM_COL32(0, 114, 178, 255),  IM_COL32(213, 94, 0, 255),
        IM_COL32(204, 121, 167, 255), IM_COL32(200, 200, 200, 255)};
    return place == 0 ? IM_COL32(140, 146, 156, 255) : okabe_ito.at((place - 1) % okabe_ito.size());
}

void draw_signed_bars(window::PanelContext& context, const char* id, std::span<const SignedBar> bars) {
    double low = 0;
    double high = 1e-6;
    for (const SignedBar& bar : bars) {
        low = std::min(low, bar.value);
        high = std::max(high, bar.value);
    }
    const float line = ImGui::GetTextLineHeight();
    const float name_width = ImGui::CalcTextSize("0000").x;
    const float value_width = ImGui::CalcTextSize("+0.000 ").x;
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    const float room = std::max(8.0F, width - name_width - value_width);
    const auto scale = static_cast<double>(room) / (high - low);
    const float zero = corner.x + name_width + static_cast<float>(-low * scale);
    ImGui::PushID(id);
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const SignedBar& bar = bars[i];
        const float top = corner.y + static_cast<float>(i) * line;
        list.AddText({corner.x, top}, ImGui::GetColorU32(context.colours.muted), bar.name.c_str());
        const float end = zero + static_cast<float>(bar.value * scale);
        list.AddRectFilled({std::min(zero, end), top + 0.15F * line},
                           {std::max(zero, end), top + 0.85F * line}, colour_of_view(bar.place));
        list.AddText({corner.x + width - value_width, top}, ImGui::GetColorU32(ImGuiCol_Text),
                     fmt::format("{:+.3f}", bar.value).c_str());
    }
    const float bottom = corner.y + static_cast<float>(bars.size()) * line;
    list.AddLine({zero, corner.y}, {zero, bottom}, ImGui::GetColorU32(context.colours.muted));
    ImGui::Dummy({width, bottom - corner.y});
    ImGui::PopID();
}

}  // namespace lact::app
