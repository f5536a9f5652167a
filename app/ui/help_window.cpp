#include "app/ui/help_window.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/commands/table_search.h"
#include "app/ui/glossary.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <string>
#include <string_view>
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
    services_.document->help_focused = false;
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
        ImGui::InputTextWithHint("##search", "Search terms, commands and settings", &query_);
        ImGui::PushTextWrapPos(0);
        ImGui::PushStyleColor(ImGuiCol_Text, context.colours.muted);
        ImGui::TextUnformatted(
            fmt::format(
                "Mouse in the view: drag to orbit, wheel to zoom, right drag to rotate the camera, middle or "
                "Shift drag to pan. V toggles flight with {}, PageUp and PageDown; Shift is faster, and the "
                "wheel sets the speed. Drop scene folders, weight files and scripts anywhere on the window.",
                context.keys.flight_keys())
                .c_str());
        ImGui::PopStyleColor();
        ImGui::PopTextWrapPos();
        if (ImGui::BeginChild("list")) {
            draw_terms(context);
            draw_commands(context);
            draw_parameters(context);
        }
        ImGui::EndChild();
        services_.document->help_focused = ImGui::IsWindowFocused(ImGuiFocusedFlags_ChildWindows);
        if (services_.document->help_focused && ImGui::IsKeyPressed(ImGuiKey_Escape)) {
            shown_ = false;
        }
    }
    ImGui::End();
}

void HelpWindow::draw_commands(PanelContext& context) {
    ImGui::SeparatorText("Commands");
    if (!ImGui::BeginTable("commands", 3, ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_RowBg)) {
        return;
    }
    ImGui::TableSetupColumn("what", 0, 0.38F);
    ImGui::TableSetupColumn("key", 0, 0.12F);
    ImGui::TableSetupColumn("description", 0, 0.5F);
    for (const Command* command : services_.dispatch->commands().search(query_)) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        const std::string why = command->disabled_because ? command->disabled_because() : "";
        bool needs_more = false;
        std::string in_scripts = "Script: " + command->id;
        for (const CommandArgument& argument : command->arguments) {
            needs_more = needs_more || argument.required;
            in_scripts += fmt::format("\n{}{}: {}", argument.name, argument.required ? "" : " (optional)",
                                      argument.what);
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
        tip(context, in_scripts, why);
        ImGui::TableNextColumn();
        ImGui::PushFont(context.fonts.mono, 0);
        ImGui::TextUnformatted(context.keys.map(command->chord).shown.c_str());
        ImGui::PopFont();
        ImGui::TableNextColumn();
        ImGui::TextWrapped("%s", command->tooltip.c_str());
    }
    ImGui::EndTable();
}

namespace {

/// A control that sets a parameter; its value as text where a control does not fit.
void edit_parameter(const PanelServices& services, const Parameter& parameter) {
    const ParameterValue value = parameter.get();
    const Domain domain = parameter.domain();
    const auto set = [&](const ParameterValue& changed) {
        services.dispatch->report(services.dispatch->parameters().set(parameter.id, changed));
    };
    const std::string label = "##" + parameter.id;
    ImGui::SetNextItemWidth(-1);
    if (std::holds_alternative<Switch>(domain)) {
        if (bool on = value.get<bool>(); ImGui::Checkbox(label.c_str(), &on)) {
            set(on);
        }
    } else if (const auto* choices = std::get_if<Choices>(&domain)) {
        if (ImGui::BeginCombo(label.c_str(), value.get<std::string>().c_str())) {
            for (const std::string& name : choices->names) {
                if (ImGui::Selectable(name.c_str(), name == value.get<std::string>())) {
                    set(name);
                }
            }
            ImGui::EndCombo();
        }
    } else if (const auto* whole = std::get_if<WholeNumbers>(&domain)) {
        const auto within = [whole](long long number) {
            return std::clamp(number, whole->lowest, whole->highest);
        };
        int number = value.get<int>();
        if (ImGui::InputInt(label.c_str(), &number, 0, 0, ImGuiInputTextFlags_EnterReturnsTrue)) {
            set(within(number));
        }
    } else if (const auto* numbers = std::get_if<Numbers>(&domain)) {
        double number = value.get<double>();
        if (ImGui::InputDouble(label.c_str(), &number, 0, 0, "%.6g", ImGuiInputTextFlags_EnterReturnsTrue)) {
            set(std::clamp(number, numbers->lowest, numbers->highest));
        }
    } else {
        std::string text = value.get<std::string>();
        if (ImGui::InputText(label.c_str(), &text, ImGuiInputTextFlags_EnterReturnsTrue)) {
            set(text);
        }
    }
}

}  // namespace

void HelpWindow::draw_parameters(PanelContext& context) {
    ImGui::SeparatorText("Settings");
    if (!ImGui::BeginTable("parameters", 3, ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_RowBg)) {
        return;
    }
    ImGui::TableSetupColumn("what", 0, 0.3F);
    ImGui::TableSetupColumn("value", 0, 0.2F);
    ImGui::TableSetupColumn("description", 0, 0.5F);
    for (const Parameter* parameter : services_.dispatch->parameters().search(query_)) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextWrapped("%s", parameter->title.c_str());
        tip(context, "Script: " + parameter->id);
        ImGui::TableNextColumn();
        edit_parameter(services_, *parameter);
        ImGui::TableNextColumn();
        ImGui::TextWrapped("%s (%s)", parameter->tooltip.c_str(), describe(parameter->domain()).c_str());
    }
    ImGui::EndTable();
}

void HelpWindow::draw_terms(PanelContext& context) {
    bool first = true;
    for (const Term& term : glossary()) {
        if (!fuzzy_score(term.name, query_) &&
            std::string_view(term.sentence).find(query_) == std::string_view::npos) {
            continue;
        }
        if (std::exchange(first, false)) {
            ImGui::SeparatorText("Terms");
            if (!ImGui::BeginTable("terms", 2, ImGuiTableFlags_SizingStretchProp | ImGuiTableFlags_RowBg)) {
                return;
            }
            ImGui::TableSetupColumn("term", 0, 0.25F);
            ImGui::TableSetupColumn("what", 0, 0.75F);
        }
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        ImGui::TextWrapped("%s", term.name);
        ImGui::TableNextColumn();
        ImGui::TextWrapped("%s", term.sentence);
        if (*term.place != '\0') {
            ImGui::PushStyleColor(ImGuiCol_Text, context.colours.muted);
            ImGui::TextWrapped("%s", term.place);
            ImGui::PopStyleColor();
        }
    }
    if (!first) {
        ImGui::EndTable();
    }
}

namespace {

constexpr float card_points = 430;

/// Begins the card at the bottom of the window, over the default place of the overview.
bool begin_card(PanelContext& context) {
    const ImGuiViewport& viewport = *ImGui::GetMainViewport();
    const float margin = 18 * context.scale;
    ImGui::SetNextWindowPos(
        {viewport.WorkPos.x + viewport.WorkSize.x * 0.45F, viewport.WorkPos.y + viewport.WorkSize.y - margin},
        ImGuiCond_Always, {0.5F, 1.0F});
    ImGui::SetNextWindowSize({card_points * context.scale, 0});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {14 * context.scale, 12 * context.scale});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 8 * context.scale);
    ImGui::PushStyleColor(ImGuiCol_WindowBg, ImGui::GetStyleColorVec4(ImGuiCol_PopupBg));
    const bool visible =
        ImGui::Begin("tour", nullptr,
                     ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoDocking | ImGuiWindowFlags_NoMove |
                         ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing);
    ImGui::PopStyleColor();
    ImGui::PopStyleVar(2);
    return visible;
}

void card_title(PanelContext& context, const std::string& title) {
    ImGui::PushFont(context.fonts.bold, ImGui::GetStyle().FontSizeBase * 1.15F);
    ImGui::TextUnformatted(title.c_str());
    ImGui::PopFont();
}

void card_text(const std::string& text) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(text.c_str());
    ImGui::PopTextWrapPos();
}

}  // namespace

void TourCard::draw(PanelContext& context) {
    const TourState& tour = services_.document->tour;
    const bool shown = tour.step && *tour.step < tour.pages.size();
    if (!tour.offered && !shown) {
        return;
    }
    if (begin_card(context)) {
        if (shown) {
            draw_step(context, tour.pages[*tour.step]);
        } else {
            draw_offer(context);
        }
    }
    ImGui::End();
}

void TourCard::draw_offer(PanelContext& context) {
    card_title(context, "A network that learns at test time");
    card_text(
        "The tour takes two minutes. It shows what the layers learn from the photos, why this is linear "
        "attention, and what each switch of the update rule does.");
    ImGui::Spacing();
    if (button(context, "Take the tour", "The Help menu starts it later, too.")) {
        services_.dispatch->run(StartTour{});
    }
    ImGui::SameLine();
    if (button(context, "Not now", "The Help menu starts the tour later.")) {
        services_.dispatch->run(StopTour{});
    }
}

void TourCard::draw_step(PanelContext& context, const TourState::Page& page) {
    const TourState& tour = services_.document->tour;
    card_title(context, page.title);
    card_text(page.text);
    // The line stays, so that the buttons do not move.
    ImGui::TextColored(
        context.colours.muted, "%s",
        tour.playing ? fmt::format("{} This step is not finished...", icon::clock).c_str() : " ");
    const bool last = *tour.step + 1 == tour.pages.size();
    if (button(context, fmt::format("{} Back", icon::previous).c_str(), "Go to the previous step.",
               *tour.step == 0 ? "This is the first step." : "")) {
        services_.dispatch->run(PreviousTourStep{});
    }
    ImGui::SameLine();
    if (button(
            context, last ? "Done" : fmt::format("Next {}", icon::next).c_str(),
            last ? "End the tour." : "Go to the next step.",
            last && tour.playing ? "The last step brings the trained rule back; it is not finished." : "")) {
        if (last) {
            services_.dispatch->run(StopTour{});
        } else {
            services_.dispatch->run(NextTourStep{});
        }
    }
    ImGui::SameLine();
    if (!last && button(context, "End", "End the tour. The scene and the settings stay.")) {
        services_.dispatch->run(StopTour{});
    }
    const std::string where = fmt::format("{} of {}", *tour.step + 1, tour.pages.size());
    ImGui::SameLine(ImGui::GetContentRegionAvail().x + ImGui::GetCursorPosX() -
                    ImGui::CalcTextSize(where.c_str()).x);
    ImGui::TextColored(context.colours.muted, "%s", where.c_str());
}

}  // namespace lact::app
