#include "app/ui/menu_bar.h"

#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <imgui.h>

namespace lact::app {

namespace {

/// Menus from left to right. Other command groups follow.
constexpr std::array<const char*, 9> menu_order = {"File",    "Camera",      "Scene", "Rule", "Record",
                                                   "Compare", "Experiments", "View",  "Help"};

}  // namespace

void MenuBar::draw() {
    if (groups_.empty()) {
        groups_.assign(menu_order.begin(), menu_order.end());
        for (const Command& command : services_.dispatch->commands().all()) {
            if (std::ranges::find(groups_, command.group) == groups_.end()) {
                groups_.push_back(command.group);
            }
        }
    }
    for (const std::string& group : groups_) {
        if (ImGui::BeginMenu(group.c_str())) {
            draw_group(group);
            ImGui::EndMenu();
        }
    }
    draw_summary();
}

void MenuBar::draw_group(const std::string& group) const {
    for (const Command& command : services_.dispatch->commands().all()) {
        if (command.group != group || command.needs_arguments()) {
            continue;
        }
        const std::string why = command.why_not();
        if (ImGui::MenuItem(command.title.c_str(), shell_->keys().map(command.chord).shown.c_str(), false,
                            why.empty())) {
            services_.dispatch->run(command.id);
        }
        ImGui::SetItemTooltip("%s%s%s", command.tooltip.c_str(), why.empty() ? "" : "\n", why.c_str());
    }
    if (group == "View") {
        ImGui::Separator();
        shell_->panel_menu_items();
    }
}

void MenuBar::draw_summary() const {
    const Snapshot& now = *services_.snapshot;
    const Document& document = *services_.document;
    if (!now.weights || !now.state || !now.frame) {
        return;
    }
    std::string text = fmt::format("{}   {}   {}, {}", now.weights->name, now.weights->device,
                                   rule_label(now.state->rule), rule_status(services_).text);
    if (document.show_times) {
        text += fmt::format("   state {}   frame {}", document.times(now.state->set_up_ms),
                            document.times(now.frame->milliseconds));
    }
    const float width = ImGui::CalcTextSize(text.c_str()).x + ImGui::GetStyle().ItemSpacing.x * 2;
    const float left = ImGui::GetWindowWidth() - width;
    if (left <= ImGui::GetCursorPosX()) {
        return;
    }
    ImGui::SetCursorPosX(left);
    const Palette& colours = palette(shell_->theme());
    ImGui::TextColored(now.state->rule_switched ? colours.warning : colours.muted, "%s", text.c_str());
    ImGui::SetItemTooltip("The rule as text: %s", now.state->rule_text.c_str());
}

}  // namespace lact::app
