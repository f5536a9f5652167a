#include "app/window/layout.h"

#include <algorithm>

#include <imgui_internal.h>

namespace lact::window {
namespace {

bool used(const std::vector<Panel>& panels, DockSlot slot) {
    return std::any_of(panels.begin(), panels.end(), [slot](const Panel& p) { return p.slot == slot; });
}

/// Cuts a strip of `points` (at most `share` of the rest) off one side; returns it and shrinks `rest`.
ImGuiID cut(ImGuiID& rest, ImGuiDir side, float points, float available) {
    ImGuiID strip = 0;
    ImGui::DockBuilderSplitNode(rest, side, points / available, &strip, &rest);
    return strip;
}

std::string seen_name(const Panel& panel, TabLabel label) {
    const bool icon = *panel.icon != '\0';
    switch (label) {
        case TabLabel::icon:
            return icon ? panel.icon : panel.title;
        case TabLabel::brief:
            return panel.brief.empty() ? panel.title : panel.brief;
        case TabLabel::full:
            break;
    }
    return icon ? std::string(panel.icon) + " " + panel.title : panel.title;
}

}  // namespace

std::string window_name(const Panel& panel, TabLabel label) {
    return seen_name(panel, label) + "###" + panel.title;
}

TabLabel tab_label(const Panel& panel, const std::vector<Panel>& panels, float scale) {
    const auto window_of = [](const Panel& one) {
        return ImGui::FindWindowByName(("###" + one.title).c_str());
    };
    const ImGuiWindow* own = window_of(panel);
    if (own == nullptr || own->DockNode == nullptr) {
        return TabLabel::full;
    }
    const float padding = 2 * ImGui::GetStyle().FramePadding.x + ImGui::GetStyle().ItemInnerSpacing.x;
    float full = 0;
    float brief = 0;
    for (const Panel& other : panels) {
        const ImGuiWindow* window = window_of(other);
        if (other.open && window != nullptr && window->DockNode == own->DockNode) {
            full += ImGui::CalcTextSize(seen_name(other, TabLabel::full).c_str()).x + padding + 14 * scale;
            brief += ImGui::CalcTextSize(seen_name(other, TabLabel::brief).c_str()).x + padding;
        }
    }
    const float room = own->DockNode->Size.x;
    if (full <= room) {
        return TabLabel::full;  // With room for the crosses.
    }
    if (brief <= room) {
        return TabLabel::brief;
    }
    return own->DockNode->SelectedTabId == own->TabId ? TabLabel::full : TabLabel::icon;
}

void build_layout(ImGuiID dockspace, ImVec2 size, float scale, const std::vector<Panel>& panels) {
    ImGui::DockBuilderRemoveNode(dockspace);
    ImGui::DockBuilderAddNode(dockspace, ImGuiDockNodeFlags_DockSpace);
    ImGui::DockBuilderSetNodeSize(dockspace, size);
    // The sides stay within readable widths; what is left goes to the picture in the centre.
    const float left = std::clamp(size.x * 0.19F, 200 * scale, 320 * scale);
    const float right = std::clamp(size.x * 0.29F, 300 * scale, 520 * scale);
    const float below = std::clamp(size.y * 0.34F, 180 * scale, 420 * scale);
    ImGuiID rest = dockspace;
    ImGuiID of_slot[4] = {};
    float width = size.x;
    if (used(panels, DockSlot::left)) {
        of_slot[int(DockSlot::left)] = cut(rest, ImGuiDir_Left, left, width);
        width -= left;
    }
    if (used(panels, DockSlot::right)) {
        of_slot[int(DockSlot::right)] = cut(rest, ImGuiDir_Right, right, width);
    }
    if (used(panels, DockSlot::below)) {
        of_slot[int(DockSlot::below)] = cut(rest, ImGuiDir_Down, below, size.y);
    }
    of_slot[int(DockSlot::centre)] = rest;
    for (const Panel& panel : panels) {
        ImGui::DockBuilderDockWindow(window_name(panel).c_str(), of_slot[int(panel.slot)]);
    }
    ImGui::DockBuilderFinish(dockspace);
}

}  // namespace lact::window
