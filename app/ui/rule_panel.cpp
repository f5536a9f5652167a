#include "app/ui/rule_panel.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/commands/rule_controller.h"
#include "app/runtime/log.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {

namespace {

/// A widget for the value of a switch. Returns the value that the user chooses in this frame.
std::optional<int> draw_switch(PanelContext& context, const RuleSwitch& one, int now) {
    row_label(context, one.label, one.tooltip);
    std::optional<int> chosen;
    ImGui::PushID(one.parameter.data(), one.parameter.data() + one.parameter.size());
    if (const auto* range = std::get_if<RuleRange>(&one.values)) {
        ImGui::SetNextItemWidth(-1);
        const ImGuiSliderFlags scale =
            range->logarithmic ? ImGuiSliderFlags_Logarithmic : ImGuiSliderFlags_None;
        if (ImGui::SliderInt("##number", &now, range->lowest, range->highest, "%d",
                             scale | ImGuiSliderFlags_AlwaysClamp)) {
            chosen = now;
        }
    } else {
        Flow flow;
        for (const RuleValue& value : std::get<RuleChoice>(one.values)) {
            if (flow.radio(context, value.label, value.value == now, one.tooltip)) {
                chosen = value.value;
            }
        }
    }
    ImGui::PopID();
    return chosen;
}

/// What figures of two rules must share to be compared: weights, scene, size and inputs.
std::string setting_of(const Snapshot& now) {
    return fmt::format("{} {} {}x{} {}", now.weights->sha256, now.scene->sequence, now.scene->size.width,
                       now.scene->size.height, fmt::join(now.scene->inputs, ","));
}

}  // namespace

void RulePanel::draw(PanelContext& context) {
    const Snapshot& now = *services_.snapshot;
    if (!now.weights || !now.state) {
        ImGui::TextColored(context.colours.muted, "There is no state yet.");
        return;
    }
    draw_presets(context);
    draw_switches(context, services_.document->requested_rule.value_or(now.state->rule));
    ImGui::Spacing();
    draw_readout(context, *now.state);
    ImGui::Spacing();
    draw_formula(context, now.state->rule);
}

void RulePanel::draw_presets(PanelContext& context) {
    const StateSummary& state = *services_.snapshot->state;
    ImGui::TextColored(state.rule_switched ? context.colours.warning : context.colours.good, "%s %s",
                       state.rule_switched ? icon::warning : icon::check,
                       state.rule_switched ? "switched at inference" : "as trained");
    tip(context,
        state.rule_switched
            ? "The weights were trained with " + services_.snapshot->weights->trained_rule_text +
                  ". A rule that is only switched at inference makes the renderings worse. That says "
                  "nothing about weights trained with it."
            : std::string("The weights were trained with this rule."));
    ImGui::SameLine();
    const bool as_trained = !state.rule_switched;
    if (button(context, "back to trained", "Rebuild the state with the rule of the weights.",
               as_trained ? "It is the trained rule." : "")) {
        services_.dispatch->run(UseTrainedRule{});
    }
    ImGui::SetNextItemWidth(-1);
    if (ImGui::BeginCombo("##preset", state.rule_text.c_str())) {
        for (const RulePreset& preset : rule_presets()) {
            const Command* command = services_.dispatch->commands().find("rule." + std::string(preset.name));
            const std::string why =
                command != nullptr && command->disabled_because ? command->disabled_because() : "";
            ImGui::BeginDisabled(!why.empty());
            if (ImGui::Selectable(command != nullptr ? command->title.c_str() : preset.name.data(),
                                  state.rule_text == preset.name)) {
                services_.dispatch->run("rule." + std::string(preset.name));
            }
            ImGui::EndDisabled();
            tip(context, format(preset.rule), why);
        }
        ImGui::EndCombo();
    }
    tip(context, "Named rules of arXiv 2602.21204, table 2 and section 4.");
}

void RulePanel::draw_switches(PanelContext& context, const UpdateRule& rule) {
    if (!begin_rows("switches")) {
        return;
    }
    const auto change = draw_switch_rows(context, rule);
    end_rows();
    if (!change) {
        return;
    }
    const auto& [one, value] = *change;
    if (const auto set = services_.dispatch->parameters().set("rule." + std::string(one->parameter),
                                                              switch_value(*one, value));
        !set) {
        services_.dispatch->report(set);
    }
}

void RulePanel::draw_readout(PanelContext& context, const StateSummary& state) {
    QueryBoard& board = services_.document->queries;
    const Snapshot& now = *services_.snapshot;
    const Place place = services_.document->place();
    readout_ = {};
    ImGui::SeparatorText("What it does");
    if (!begin_rows("readout")) {
        return;
    }
    const auto loss = board.ask("rule.loss", InnerLossQuery{place});
    const bool loss_fresh = board.fresh("rule.loss");
    row_label(context, "Inner loss",
              fmt::format("Mean of -<f(k), v> over the tokens of the input photos, layer {}, head "
                          "{}: before the first inner step and after the last.",
                          place.layer, place.head));
    if (const auto* curve = loss ? loss->get<InnerLossCurve>() : nullptr; curve && !curve->dot.empty()) {
        readout_.loss_before = curve->dot.front();
        readout_.loss_after = curve->dot.back();
        ImGui::TextColored(loss_fresh ? ImGui::GetStyleColorVec4(ImGuiCol_Text) : context.colours.muted,
                           "%.4g  to  %.4g", curve->dot.front(), curve->dot.back());
    } else {
        ImGui::TextColored(context.colours.muted, "%s", loss ? loss->problem.c_str() : "...");
    }
    const auto score = board.ask("rule.psnr", HeldOutQuery{});
    const bool score_fresh = board.fresh("rule.psnr");
    row_label(context, "Held-out photos",
              "Mean PSNR over held-out photos (at most 16 of them, evenly chosen), and the change "
              "against the rule of the weights with the same photos.");
    if (const auto* held = score ? score->get<HeldOutPsnr>() : nullptr; held != nullptr) {
        readout_.psnr = held->psnr;
        if (score_fresh && !state.rule_switched) {
            trained_psnr_[setting_of(now)] = held->psnr;
        }
        const auto trained = trained_psnr_.find(setting_of(now));
        std::string change;
        if (trained != trained_psnr_.end()) {
            readout_.psnr_trained = trained->second;
            if (state.rule_switched) {
                change = fmt::format("   {:+.2f} against trained", held->psnr - trained->second);
            }
        }
        ImGui::TextColored(score_fresh ? ImGui::GetStyleColorVec4(ImGuiCol_Text) : context.colours.muted,
                           "%.2f dB%s", held->psnr, change.c_str());
    } else {
        ImGui::TextColored(context.colours.muted, "%s", score ? score->problem.c_str() : "...");
    }
    row(context, "State", "built once   " + services_.document->times(state.set_up_ms));
    end_rows();
}

void RulePanel::draw_formula(PanelContext& context, const UpdateRule& rule) {
    ImGui::SeparatorText("What it computes");
    lact::app::draw_formula(context, services_, rule_formula(rule));
}

std::optional<SwitchChange> draw_switch_rows(PanelContext& context, const UpdateRule& rule) {
    std::optional<SwitchChange> change;
    for (const RuleSwitch& one : rule_switches()) {
        if (one.parameter.empty() || (one.applies != nullptr && !one.applies(rule))) {
            continue;
        }
        if (const auto value = draw_switch(context, one, one.get(rule))) {
            change = SwitchChange{&one, *value};
        }
    }
    return change;
}

PanelData RulePanel::data() const {
    std::vector<std::string> names;
    std::vector<double> values;
    const auto add = [&](const char* name, const std::optional<double>& value) {
        if (value) {
            names.emplace_back(name);
            values.push_back(*value);
        }
    };
    add("inner_loss_before", readout_.loss_before);
    add("inner_loss_after", readout_.loss_after);
    add("held_out_psnr", readout_.psnr);
    add("held_out_psnr_trained", readout_.psnr_trained);
    return names.empty() ? PanelData{} : PanelData{make_table("rule", names, values)};
}

namespace {

constexpr float formula_points = 17;  ///< Latin Modern is smaller than Roboto of the same size.

/// Draws a term at the cursor. Returns true where it is pressed.
bool draw_term(PanelContext& context, const FormulaTerm& term) {
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

void draw_formula(PanelContext& context, const PanelServices& services,
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
            tip(context, term.shows.empty() ? lines[i].words : lines[i].words + " Click: show it.");
            if (pressed) {
                services.dispatch->run(ShowTerm{term.shows});
            }
            ImGui::PopID();
        }
        ImGui::PopID();
    }
    ImGui::PopStyleVar();
}

}  // namespace lact::app
