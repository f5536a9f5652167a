#include "app/panels/formula_view.h"

#include "app/window/widgets.h"

#include <nlohmann/json.hpp>

namespace lact::app {
namespace {

constexpr float formula_points = 17;  ///< Latin Modern is smaller than Roboto of the same size.

/// One term at the cursor; true: pressed.
bool draw_term(window::PanelContext& context, const FormulaTerm& term) {
    const ImVec2 size = ImGui::CalcTextSize(term.text.c_str());
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    ImDrawList& list = *ImGui::GetWindowDrawList();
    bool pressed = false;
    ImVec4 colour = ImGui::GetStyleColorVec4(ImGuiCol_Text);
    if (term.shows.empty()) {
        ImGui::Dummy(size);
    } else {
        pressed = ImGui::InvisibleButton(term.shows.c_str(), size);
        colour = ImGui::IsItemHovered() ? context.colours.accent : colour;
        const float under = corner.y + size.y - context.scale;
        list.AddLine({corner.x, under}, {corner.x + size.x, under}, ImGui::GetColorU32(colour),
                     context.scale);
    }
    list.AddText(corner, ImGui::GetColorU32(colour), term.text.c_str());
    return pressed;
}

}  // namespace

void draw_formula(window::PanelContext& context, const PanelServices& services,
                  const std::vector<FormulaLine>& lines) {
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {0, 5 * context.scale});
    for (std::size_t i = 0; i < lines.size(); ++i) {
        ImGui::PushID(static_cast<int>(i));
        float left = ImGui::GetContentRegionAvail().x;
        for (std::size_t t = 0; t < lines[i].terms.size(); ++t) {
            const FormulaTerm& term = lines[i].terms[t];
            ImGui::PushFont(context.fonts.math, formula_points);
            const float width = ImGui::CalcTextSize(term.text.c_str()).x;
            if (t > 0 && width <= left) {
                ImGui::SameLine(0, 0);
            } else if (t > 0) {
                left = ImGui::GetContentRegionAvail().x;
            }
            left -= width;
            ImGui::PushID(static_cast<int>(t));
            const bool pressed = draw_term(context, term);
            ImGui::PopFont();
            window::tip(context, term.shows.empty() ? lines[i].words : lines[i].words + " Click: show it.");
            if (pressed) {
                services.run("look.at", {{"what", term.shows}});
            }
            ImGui::PopID();
        }
        ImGui::PopID();
    }
    ImGui::PopStyleVar();
}

}  // namespace lact::app
