#include "app/ui/widgets.h"

#include "engine/core/printable.h"

#include <string>
#include <utility>

namespace lact::app {

namespace {
constexpr float tip_width = 24;  ///< In text heights.

void text(std::string_view value) {
    const std::string shown = printable(value);
    ImGui::TextUnformatted(shown.data(), shown.data() + shown.size());
}
}  // namespace

void tip(const PanelContext& context, std::string_view tooltip, std::string_view why_not) {
    // Not below a text that is being typed: the tooltip would cover what the text is about.
    if (ImGui::IsItemActive() && ImGui::GetIO().WantTextInput) {
        return;
    }
    constexpr ImGuiHoveredFlags when = ImGuiHoveredFlags_ForTooltip | ImGuiHoveredFlags_AllowWhenDisabled;
    if ((tooltip.empty() && why_not.empty()) || !ImGui::IsItemHovered(when) || !ImGui::BeginTooltip()) {
        return;
    }
    ImGui::PushTextWrapPos(ImGui::GetFontSize() * tip_width);
    text(tooltip);
    if (!why_not.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, context.colours.warning);
        text(why_not);
        ImGui::PopStyleColor();
    }
    ImGui::PopTextWrapPos();
    ImGui::EndTooltip();
}

bool button(const PanelContext& context, const char* label, std::string_view tooltip,
            std::string_view why_not, ImVec2 size) {
    ImGui::BeginDisabled(!why_not.empty());
    const bool pressed = ImGui::Button(label, size);
    ImGui::EndDisabled();
    tip(context, tooltip, why_not);
    return pressed;
}

ImVec2 dragged_by() {
    return ImGui::IsItemActive() && !ImGui::IsItemActivated() ? ImGui::GetIO().MouseDelta : ImVec2();
}

bool begin_rows(const char* id) {
    if (!ImGui::BeginTable(id, 2, ImGuiTableFlags_SizingStretchProp)) {
        return false;
    }
    ImGui::TableSetupColumn("name", ImGuiTableColumnFlags_WidthStretch, 0.38F);
    ImGui::TableSetupColumn("value", ImGuiTableColumnFlags_WidthStretch, 0.62F);
    return true;
}

void row_label(const PanelContext& context, const char* name, std::string_view tooltip) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::AlignTextToFramePadding();
    ImGui::TextColored(context.colours.muted, "%s", name);
    tip(context, tooltip);
    ImGui::TableNextColumn();
    ImGui::SetNextItemWidth(-1);
}

void row(const PanelContext& context, const char* name, std::string_view value, std::string_view tooltip) {
    ImGui::TableNextRow();
    ImGui::TableNextColumn();
    ImGui::TextColored(context.colours.muted, "%s", name);
    tip(context, tooltip);
    ImGui::TableNextColumn();
    ImGui::PushTextWrapPos(0);
    text(value);
    ImGui::PopTextWrapPos();
}

void end_rows() {
    ImGui::EndTable();
}

void Flow::next(float width) {
    if (std::exchange(first_, false)) {
        return;
    }
    // The cursor is at the start of a new line: the right edge is that position plus the available width.
    const float end = ImGui::GetCursorScreenPos().x + ImGui::GetContentRegionAvail().x;
    const float gap = gap_ >= 0 ? gap_ : ImGui::GetStyle().ItemSpacing.x;
    if (ImGui::GetItemRectMax().x + gap + width <= end) {
        ImGui::SameLine(0, gap);
    }
}

float Flow::width_with_mark(const char* label) {
    return ImGui::GetFrameHeight() + ImGui::GetStyle().ItemInnerSpacing.x +
           ImGui::CalcTextSize(label, nullptr, true).x;
}

bool Flow::radio(const PanelContext& context, const char* label, bool on, std::string_view tooltip) {
    next(width_with_mark(label));
    const bool pressed = ImGui::RadioButton(label, on);
    tip(context, tooltip);
    return pressed;
}

bool Flow::checkbox(const PanelContext& context, const char* label, bool& on, std::string_view tooltip) {
    next(width_with_mark(label));
    const bool pressed = ImGui::Checkbox(label, &on);
    tip(context, tooltip);
    return pressed;
}

bool Flow::button(const PanelContext& context, const char* label, std::string_view tooltip,
                  std::string_view why_not) {
    next(ImGui::CalcTextSize(label, nullptr, true).x + (2 * ImGui::GetStyle().FramePadding.x));
    return app::button(context, label, tooltip, why_not);
}

}  // namespace lact::app
