#include "app/panels/script_view.h"

#include "app/core/actions.h"
#include "app/core/script.h"
#include "app/panels/action_button.h"
#include "app/window/flow.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

void ScriptView::draw(window::PanelContext& context) {
    ImGui::SeparatorText("Script");
    if (services_.view->take) {
        draw_take(context);
        return;
    }
    window::Flow doing;
    action_button(context, services_, doing, "script.record",
                  fmt::format("{} record what I do", window::icon::record).c_str());
    if (services_.view->script.steps.empty()) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(context.colours.muted,
                           "No script. Record what you do here, and the film does it again, exact frame by "
                           "frame; or open a script (Ctrl+O).");
        ImGui::PopTextWrapPos();
        return;
    }
    action_button(context, services_, doing, "script.play", window::icon::play);
    action_button(context, services_, doing, "script.save",
                  fmt::format("{} save", window::icon::save).c_str());
    action_button(context, services_, doing, "script.clear", "forget");
    draw_steps(context);
}

void ScriptView::draw_take(window::PanelContext& context) {
    const TakeProgress& take = *services_.view->take;
    window::Flow doing;
    action_button(context, services_, doing, "script.record",
                  fmt::format("{} end", window::icon::stop).c_str());
    ImGui::SameLine();
    ImGui::TextColored(context.colours.warning, "%s recording what you do: %.1f s, %zu step%s",
                       window::icon::record, take.seconds, take.steps, take.steps == 1 ? "" : "s");
    context.again_in = std::min(context.again_in, 0.1F);
}

void ScriptView::draw_steps(window::PanelContext& context) {
    const auto& steps = services_.view->script.steps;
    constexpr ImGuiTableFlags flags = ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollY;
    const float rows = std::min(static_cast<float>(steps.size()), 7.0F);
    if (!ImGui::BeginTable("steps", 3, flags, {0, ImGui::GetFrameHeight() * (rows + 0.3F)})) {
        return;
    }
    ImGui::TableSetupColumn("at", ImGuiTableColumnFlags_WidthFixed, ImGui::GetFontSize() * 3.2F);
    ImGui::TableSetupColumn("what");
    ImGui::TableSetupColumn("remove", ImGuiTableColumnFlags_WidthFixed, ImGui::GetFontSize() * 1.7F);
    std::string at;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (steps[i].contains("at") && i + 1 < steps.size()) {
            at = fmt::format("{:.2f} s", steps[i]["at"].is_number() ? steps[i]["at"].get<double>() : 0);
            continue;  // Stands beside what is done then.
        }
        ImGui::PushID(static_cast<int>(i));
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextColored(context.colours.muted, "%s", at.c_str());
        at.clear();
        ImGui::TableNextColumn();
        ImGui::TextUnformatted(step_words(steps[i], *services_.actions, *services_.parameters).c_str());
        window::tip(context, steps[i].dump());
        ImGui::TableNextColumn();
        if (ImGui::SmallButton(window::icon::cross)) {
            services_.run("script.remove_step", {{"step", i}});
            ImGui::PopID();
            break;  // The steps are others now.
        }
        window::tip(context, "Take this step out of the script (Ctrl+Z brings it back).");
        ImGui::PopID();
    }
    ImGui::EndTable();
}

}  // namespace lact::app
