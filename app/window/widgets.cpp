#include "app/window/widgets.h"

namespace lact::window {
namespace {
constexpr float tip_width = 24;  ///< Text heights.

void text(std::string_view words) {
    ImGui::TextUnformatted(words.data(), words.data() + words.size());
}
}  // namespace

void tip(const PanelContext& context, std::string_view words, std::string_view why_not) {
    constexpr ImGuiHoveredFlags when = ImGuiHoveredFlags_ForTooltip | ImGuiHoveredFlags_AllowWhenDisabled;
    if ((words.empty() && why_not.empty()) || !ImGui::IsItemHovered(when) || !ImGui::BeginTooltip()) {
        return;
    }
    ImGui::PushTextWrapPos(ImGui::GetFontSize() * tip_width);
    text(words);
    if (!why_not.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, context.colours.warning);
        text(why_not);
        ImGui::PopStyleColor();
    }
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
}

bool button(const PanelContext& context, const char* label, std::string_view words, std::string_view why_not,
            ImVec2 size) {
    ImGui::BeginDisabled(!why_not.empty());
    const bool pressed = ImGui::Button(label, size);
    ImGui::EndDisabled();
    tip(context, words, why_not);
    return pressed;
}

bool begin_rows(const char* id) {
    if (!ImGui::BeginTable(id, 2, ImGuiTableFlags_SizingStretchProp)) {
        return false;
    }
    ImGui::TableSetupColumn("name", ImGuiTableColumnFlags_WidthStretch, 0.38F);
    ImGui::TableSetupColumn("value", ImGuiTableColumnFlags_WidthStretch, 0.62F);
    return true;
}

void row_label(const PanelContext& context, const char* name, std::string_view words) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::AlignTextToFramePadding();
    ImGui::TextColored(context.colours.muted, "%s", name);
    tip(context, words);
    ImGui::TableNextColumn();
    ImGui::SetNextItemWidth(-1);
}

void row(const PanelContext& context, const char* name, std::string_view value, std::string_view words) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::TextColored(context.colours.muted, "%s", name);
    tip(context, words);
    ImGui::TableNextColumn();
    ImGui::PushTextWrapPos(0);
    text(value);
    ImGui::PopTextWrapPos();
}

void end_rows() {
    ImGui::EndTable();
}

}  // namespace lact::window
