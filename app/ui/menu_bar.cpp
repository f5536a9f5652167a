#include "app/ui/menu_bar.h"

#include "app/commands/command_table.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "engine/core/printable.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <imgui.h>

namespace lact::app {

namespace {

/// Menus from left to right. Other command groups follow.
constexpr std::array<const char*, 10> menu_order = {"File",   "Edit",    "Camera",      "Scene", "Rule",
                                                    "Record", "Compare", "Experiments", "View",  "Help"};

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
    draw_recordings();
    draw_summary();
}

void MenuBar::draw_group(const std::string& group) const {
    for (const Command& command : services_.dispatch->commands().all()) {
        if (command.group != group || command.needs_arguments()) {
            continue;
        }
        const std::string why = command.why_not();
        if (ImGui::MenuItem(command.title_now().c_str(), shell_->keys().map(command.chord).shown.c_str(),
                            false, why.empty())) {
            services_.dispatch->run(command.id);
        }
        ImGui::SetItemTooltip("%s%s%s", command.tooltip.c_str(), why.empty() ? "" : "\n", why.c_str());
        if (command.id == OpenFile::id) {
            draw_recent();
        }
    }
    if (group == "View") {
        ImGui::Separator();
        shell_->panel_menu_items();
    }
}

/// The paths that were opened last, as a submenu.
void MenuBar::draw_recent() const {
    const std::vector<std::string> recent = services_.document->recent;
    if (!ImGui::BeginMenu("Recent", !recent.empty())) {
        return;
    }
    for (const std::string& path : recent) {
        const std::filesystem::path full = path;
        const std::string label = fmt::format("{}   {}##{}", printable_line(full.filename().string()),
                                              printable_line(full.parent_path().string()), path);
        if (ImGui::MenuItem(label.c_str())) {
            services_.dispatch->run(OpenFile{path});
        }
    }
    ImGui::EndMenu();
}

/// What is being recorded, with a button that ends it: seen from every panel.
void MenuBar::draw_recordings() const {
    const Document& document = *services_.document;
    const auto badge = [this](const std::string& text, const char* command, const char* tooltip) {
        ImGui::PushStyleColor(ImGuiCol_Text, palette(shell_->theme()).error);
        if (ImGui::MenuItem(fmt::format("{} {}##{}", icon::record, text, command).c_str())) {
            services_.dispatch->run(command);
        }
        ImGui::PopStyleColor();
        ImGui::SetItemTooltip("%s", tooltip);
    };
    if (document.interaction) {
        badge(fmt::format("input {:.0f} s", document.interaction->seconds), RecordScript::id,
              "Your input is being recorded as a script. Click: end the recording.");
    }
    if (document.path.recording) {
        badge(fmt::format("flight {:.0f} s", document.now - document.path.record_began), RecordFlight::id,
              "The motion of the camera is being recorded as a camera path. Click: end the recording.");
    }
    if (document.records_video && document.show_times) {
        badge("video", StopRecording::id,
              "A video is being recorded in the background. Click: stop; no video is written.");
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
