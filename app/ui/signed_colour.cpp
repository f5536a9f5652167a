#include "app/ui/signed_colour.h"

#include "app/gfx/colour_map.h"
#include "app/ui/widgets.h"
#include "engine/core/counted.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {

void paint_signed(ImDrawList& list, const gfx::Rect& rect, std::span<const double> values, int columns,
                  double largest, float strength) {
    if (columns <= 0 || values.empty() || largest <= 0) {
        return;
    }
    const auto rows = static_cast<float>(values.size()) / static_cast<float>(columns);
    const float width = (rect.max.x - rect.min.x) / static_cast<float>(columns);
    const float height = (rect.max.y - rect.min.y) / rows;
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            continue;  // A share of an output of 0, for example: it has none.
        }
        const auto size = static_cast<float>(std::min(1.0, std::abs(values[i]) / largest));
        ImVec4 colour = gfx::colour_at(gfx::ColourMap::diverging, values[i] < 0 ? 0.12F : 0.88F);
        // The square root makes small values visible.
        colour.w = 0.9F * strength * std::sqrt(size);
        const auto x = static_cast<float>(i % static_cast<std::size_t>(columns));
        const auto y = static_cast<float>(i / static_cast<std::size_t>(columns));
        list.AddRectFilled({rect.min.x + x * width, rect.min.y + y * height},
                           {rect.min.x + (x + 1) * width, rect.min.y + (y + 1) * height},
                           ImGui::ColorConvertFloat4ToU32(colour));
    }
}

void signed_overlay_bar(double low, double high, double zero, float width) {
    constexpr int cells = 64;
    std::array<double, cells> values{};
    for (int i = 0; i < cells; ++i) {
        values.at(static_cast<std::size_t>(i)) = low + (high - low) * (i + 0.5) / cells - zero;
    }
    gfx::labelled_bar(static_cast<float>(low), static_cast<float>(high), width, [&](ImVec2 min, ImVec2 max) {
        ImDrawList& list = *ImGui::GetWindowDrawList();
        list.AddRectFilled(min, max, IM_COL32(128, 128, 128, 255));
        paint_signed(list, {min, max}, values, cells, std::max(std::abs(low - zero), std::abs(high - zero)),
                     1);
    });
}

ImU32 colour_of_view(std::size_t place) {
    static constexpr std::array<ImU32, 8> okabe_ito = {
        IM_COL32(230, 159, 0, 255),   IM_COL32(86, 180, 233, 255), IM_COL32(0, 158, 115, 255),
        IM_COL32(240, 228, 66, 255),  IM_COL32(0, 114, 178, 255),  IM_COL32(213, 94, 0, 255),
        IM_COL32(204, 121, 167, 255), IM_COL32(200, 200, 200, 255)};
    return place == 0 ? IM_COL32(140, 146, 156, 255) : okabe_ito.at((place - 1) % okabe_ito.size());
}

std::optional<std::size_t> draw_signed_bars(PanelContext& context, const char* id,
                                            std::span<const SignedBar> bars) {
    double low = 0;
    double high = 1e-6;
    std::string longest = "+0.000";
    for (const SignedBar& bar : bars) {
        low = std::min(low, bar.value);
        high = std::max(high, bar.value);
        longest = bar.note.size() + 7 > longest.size() ? "+0.000 " + bar.note : longest;
    }
    const float line = ImGui::GetTextLineHeight();
    const float name_width = ImGui::CalcTextSize("0000").x;
    const float value_width = ImGui::CalcTextSize((longest + " ").c_str()).x;
    const float width = ImGui::GetContentRegionAvail().x;
    const float room = std::max(8.0F, width - name_width - value_width);
    const auto scale = static_cast<double>(room) / (high - low);
    std::optional<std::size_t> clicked;
    ImGui::PushID(id);
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 0});
    ImDrawList& list = *ImGui::GetWindowDrawList();
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const SignedBar& bar = bars[i];
        const ImVec2 at = ImGui::GetCursorScreenPos();
        ImGui::PushID(static_cast<int>(i));
        if (ImGui::InvisibleButton("bar", {width, line}, ImGuiButtonFlags_EnableNav)) {
            clicked = i;
        }
        ImGui::PopID();
        if (bar.chosen || (ImGui::IsItemHovered() && !bar.tooltip.empty())) {
            list.AddRectFilled(at, {at.x + width, at.y + line}, ImGui::GetColorU32(ImGuiCol_FrameBg));
        }
        tip(context, bar.tooltip);
        const float zero = at.x + name_width + static_cast<float>(-low * scale);
        const float end = zero + static_cast<float>(bar.value * scale);
        list.AddText(at, ImGui::GetColorU32(context.colours.muted), bar.name.c_str());
        list.AddRectFilled({std::min(zero, end), at.y + 0.15F * line},
                           {std::max(zero, end), at.y + 0.85F * line}, colour_of_view(bar.place));
        list.AddLine({zero, at.y}, {zero, at.y + line}, ImGui::GetColorU32(context.colours.muted));
        list.AddText({at.x + width - value_width, at.y}, ImGui::GetColorU32(ImGuiCol_Text),
                     fmt::format("{:+.3f} {}", bar.value, bar.note).c_str());
    }
    ImGui::PopStyleVar();
    ImGui::PopID();
    return clicked;
}

void draw_vector_strip(PanelContext& context, const char* id, const std::string& name,
                       std::span<const double> values, const std::string& tooltip) {
    double largest = 0;
    double squares = 0;
    for (const double value : values) {
        largest = std::max(largest, std::abs(value));
        squares += value * value;
    }
    ImGui::TextColored(context.colours.muted, "%s   %s, norm %.3g, largest %.3g", name.c_str(),
                       counted(values.size(), "channel").c_str(), std::sqrt(squares), largest);
    tip(context, tooltip);
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
        const auto at = static_cast<float>(0.5 + 0.5 * values[i] / std::max(largest, 1e-12));
        const float left = corner.x + static_cast<float>(i) * cell;
        list.AddRectFilled({left, corner.y}, {left + cell, corner.y + height},
                           ImGui::ColorConvertFloat4ToU32(gfx::colour_at(gfx::ColourMap::diverging, at)));
    }
    if (ImGui::IsItemHovered()) {
        const auto channel =
            std::min(values.size() - 1,
                     static_cast<std::size_t>(std::max(0.0F, (ImGui::GetIO().MousePos.x - corner.x) / cell)));
        ImGui::SetTooltip("%s, channel %zu: %.6g", name.c_str(), channel, values[channel]);
    }
}

}  // namespace lact::app
