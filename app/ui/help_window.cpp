#include "app/ui/help_window.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <utility>

#include <fmt/format.h>
#include <imgui_stdlib.h>

namespace lact::app {

void HelpWindow::draw(PanelContext& context) {
    if (std::exchange(services_.document->help_requested, false)) {
        shown_ = true;
        query_.clear();
        ImGui::SetNextWindowFocus();
    }
    if (!shown_) {
        return;
    }
    const ImGuiViewport* viewport = ImGui::GetMainViewport();
    ImGui::SetNextWindowSize({viewport->WorkSize.x * 0.6F, viewport->WorkSize.y * 0.75F},
                             ImGuiCond_Appearing);
    ImGui::SetNextWindowPos(viewport->GetWorkCenter(), ImGuiCond_Appearing, {0.5F, 0.5F});
    const std::string title = fmt::format("{} Help###help", icon::help);
    if (ImGui::Begin(title.c_str(), &shown_, ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoSavedSettings)) {
        if (ImGui::IsWindowAppearing()) {
            ImGui::SetKeyboardFocusHere();
        }
        ImGui::SetNextItemWidth(-1);
        ImGui::InputTextWithHint("##search", "search actions and settings", &query_);
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(
            context.colours.muted,
            "Picture: drag to orbit, wheel to come nearer, right drag to look around, middle or Shift drag "
            "to "
            "move sideways. V flies with W A S D Q E; the wheel then sets the speed. Drop scene folders, "
            "weight files and scripts anywhere.");
        ImGui::PopTextWrapPos();
        if (ImGui::BeginChild("list")) {
            draw_commands(context);
            draw_parameters(context);
        }
        ImGui::EndChild();
        if (ImGui::IsWindowFocused(ImGuiFocusedFlags_ChildWindows) && ImGui::IsKeyPressed(ImGuiKey_Escape)) {
            shown_ = false;
        }
    }
    ImGui::End();
}

void HelpWindow::draw_commands(PanelContext& context) {
    ImGui::SeparatorText("Actions");
    if (!ImGui::BeginTable("actions", 3, ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_RowBg)) {
        return;
    }
    ImGui::TableSetupColumn("what", 0, 0.38F);
    ImGui::TableSetupColumn("key", 0, 0.12F);
    ImGui::TableSetupColumn("words", 0, 0.5F);
    for (const Command* command : services_.dispatch->commands().search(query_)) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        const std::string why = command->disabled_because ? command->disabled_because() : "";
        bool needs_more = false;
        for (const CommandArgument& argument : command->arguments) {
            needs_more = needs_more || argument.required;
        }
        if (needs_more) {
            ImGui::TextUnformatted(command->title.c_str());
        } else {
            ImGui::BeginDisabled(!why.empty());
            if (ImGui::Selectable((command->title + "##" + command->id).c_str())) {
                services_.dispatch->run(command->id);
            }
            ImGui::EndDisabled();
        }
        tip(context, "Script: " + command->id, why);
        ImGui::TableNextColumn();
        ImGui::PushFont(context.fonts.mono, 0);
        ImGui::TextUnformatted(command->key.c_str());
        ImGui::PopFont();
        ImGui::TableNextColumn();
        ImGui::TextWrapped("%s", command->tooltip.c_str());
    }
    ImGui::EndTable();
}

void HelpWindow::draw_parameters(PanelContext& context) {
    ImGui::SeparatorText("Settings");
    if (!ImGui::BeginTable("parameters", 3, ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_RowBg)) {
        return;
    }
    ImGui::TableSetupColumn("what", 0, 0.38F);
    ImGui::TableSetupColumn("value", 0, 0.12F);
    ImGui::TableSetupColumn("words", 0, 0.5F);
    for (const Parameter* parameter : services_.dispatch->parameters().search(query_)) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(parameter->title.c_str());
        tip(context, "Script: " + parameter->id);
        ImGui::TableNextColumn();
        ImGui::PushFont(context.fonts.mono, 0);
        const ParameterValue value = parameter->get();
        ImGui::TextUnformatted((value.is_text() ? value.get<std::string>() : value.shown()).c_str());
        ImGui::PopFont();
        ImGui::TableNextColumn();
        ImGui::TextWrapped("%s (%s)", parameter->tooltip.c_str(), describe(parameter->domain()).c_str());
    }
    ImGui::EndTable();
}

}  // namespace lact::app
