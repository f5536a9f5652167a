#include "app/ui/rule_panel.h"

#include "app/commands/command_table.h"
#include "app/commands/parameter_table.h"
#include "app/commands/rule_controller.h"
#include "app/runtime/log.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/core/counted.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact::app {

namespace {

FormulaLine network_line() {
    return {{{"f(x) = φ(x) ", ""}, {"W1", "w1"}}, "The fast-weight network: features times a matrix."};
}

FormulaLine features_line(const UpdateRule& rule) {
    if (rule.kernel == Kernel::identity) {
        return {{{"φ(x) = x", ""}}, "The fast-weight network is a single matrix."};
    }
    return {{{"φ(x) = silu(x ", ""}, {"W0", "w0"}, {") ⊙ (x ", ""}, {"W2", "w2"}, {")", ""}},
            "The features of the fast-weight network: a gated linear unit (SwiGLU)."};
}

FormulaLine loss_line(const UpdateRule& rule) {
    if (rule.loss == InnerLoss::mse) {
        return {{{"L = ½ ‖f(k) − v‖²", ""}},
                "Inner loss: the squared distance between the output for a key and its value."};
    }
    return {{{"L = −⟨f(k), v⟩", ""}},
            "Inner loss: the negative dot product of the output for a key and its value."};
}

FormulaLine value_line(const UpdateRule& rule) {
    FormulaLine line{{{"v̂", "values"}, {rule.direction == Direction::ascent ? " = −" : " = ", ""}},
                     "What a token writes: its value (for MSE the residual), times its learned rate."};
    if (rule.per_token_rate) {
        line.terms.push_back({"η1", "rates"});
        line.terms.push_back({" ⊙ ", ""});
    }
    line.terms.push_back({rule.loss == InnerLoss::mse ? "(v − f(k))" : "v", ""});
    return line;
}

FormulaLine gradient_line(const UpdateRule& rule) {
    FormulaLine line{{{"G1", "gradient"}, {" = ", ""}, {"φ(k)", "keys"}, {"⊤ ", ""}, {"v̂", "values"}},
                     "The gradient is a sum of key times value over all tokens of the input photos."};
    if (rule.updated == UpdatedMatrices::all && rule.kernel == Kernel::swiglu) {
        line.terms.push_back({",   G0 and G2 alike", ""});
    }
    return line;
}

FormulaLine update_line(const UpdateRule& rule) {
    FormulaLine line{
        {{rule.weight_norm ? "W ← norm(W + " : "W ← W + ", ""}},
        "The update. Depending on the rule, Muon orthogonalises the gradient, and each column keeps "
        "its initial norm."};
    line.terms.push_back({rule.orthogonalize ? fmt::format("NS{}(G)", rule.ns_steps) : std::string("G"),
                          rule.orthogonalize ? "muon" : "gradient"});
    std::string end = rule.weight_norm ? ")" : "";
    if (rule.inner_steps > 1) {
        end += ",   " + counted(rule.inner_steps, "time");
    }
    line.terms.push_back({end, ""});
    return line;
}

/// With several steps, every step has its own features, values and weight norm.
FormulaLine state_line(const UpdateRule& rule) {
    const bool several = rule.inner_steps > 1;
    std::string between = several ? " + ∑ " : " + ";
    std::string end = " = ";
    if (rule.weight_norm) {
        between = several ? " D + ∑ " : between;
        end = several ? " D_I = " : ") D = ";
    }
    FormulaLine line{{{"S", "state"},
                      {rule.weight_norm && !several ? " = (" : " = ", ""},
                      {"S0", "change"},
                      {between, ""},
                      {"φ(k)", "keys"},
                      {"⊤ ", ""},
                      {rule.orthogonalize ? "ṽ" : "v̂", "values"},
                      {end, ""},
                      {"W1", "w1"}},
                     "The equivalent linear attention: the state S sums key times value over tokens"};
    line.tooltip += several ? " and inner steps, each with its own φ and values." : ".";
    if (rule.orthogonalize) {
        line.tooltip +=
            " Muon acts on the sum: ṽ = v̂ P holds its right factor P, which depends on all tokens.";
    }
    if (rule.weight_norm) {
        line.tooltip +=
            several ? " D_I scales each column by the weight norms of step I and all later ones, D by "
                      "those of all steps."
                    : " D scales each column for the weight norm.";
    }
    return line;
}

FormulaLine read_line(const UpdateRule& rule) {
    const std::string with = rule.read_with == ReadWith::key ? "φ(k)" : "φ(q)";
    return {
        {{"o = ", ""}, {with, "attention"}, {" ", ""}, {"S", "state"}},
        rule.read_with == ReadWith::key
            ? "The read is linear attention: every patch of the view reads the state with its key in place "
              "of its query."
            : "The read is linear attention: every patch of the view reads the state with its query."};
}

}  // namespace

std::string text_of(const FormulaLine& line) {
    std::string text;
    for (const FormulaTerm& term : line.terms) {
        text += term.text;
    }
    return text;
}

std::vector<FormulaLine> rule_formula(const UpdateRule& rule) {
    return {network_line(),      features_line(rule), loss_line(rule),  value_line(rule),
            gradient_line(rule), update_line(rule),   state_line(rule), read_line(rule)};
}

namespace {

/// Draws the widget of a switch. Returns the value that the user chooses in this frame.
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

/// Key of the conditions that comparable figures share: weights, scene, size and inputs.
std::string conditions_key(const Snapshot& now) {
    return fmt::format("{} {} {}x{} {}", now.weights->sha256, now.scene->sequence, now.scene->size.width,
                       now.scene->size.height, fmt::join(now.scene->inputs, ","));
}

}  // namespace

void RulePanel::draw(PanelContext& context) {
    const Snapshot& now = *services_.snapshot;
    if (!now.weights || !now.state) {
        ImGui::TextColored(context.colours.muted, "No state: open a scene and weights.");
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
    const RuleStatus status = rule_status(services_);
    ImGui::TextColored(status.colour(context), "%s %s", status.icon, status.text.c_str());
    tip(context,
        status.pending ? std::string("The screen still shows the previous rule.")
        : state.rule_switched
            ? "The weights were trained with the rule " + services_.snapshot->weights->trained_rule_label +
                  ". A rule switched only at inference usually lowers the quality of the renderings; either "
                  "way it is no evidence about weights trained with that rule."
        : services_.snapshot->weights->info.rule_assumed
            ? std::string("The file of the weights does not name the rule of their training: the baseline is "
                          "assumed.")
            : std::string("The weights were trained with this rule."));
    ImGui::SameLine();
    const bool as_trained = !state.rule_switched && !status.pending;
    if (button(context, "Reset to trained", "Rebuild the state with the rule of training.",
               as_trained ? "The current rule is the trained rule." : "")) {
        services_.dispatch->run(UseTrainedRule{});
    }
    ImGui::SetNextItemWidth(-1);
    if (ImGui::BeginCombo("##preset", rule_label(state.rule).c_str())) {
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
    tip(context, fmt::format("Rules of arXiv 2602.21204, table 2 and section 4. The rule as text: {}",
                             state.rule_text));
    // Beside switching at inference, as above: weights that were trained with the rule.
    if (state.rule_switched && has_trained_weights_.of(preset_of(state.rule))) {
        Flow buttons;
        command_button(context, services_, buttons, OpenTrainedWith::id, "Open weights trained with it");
    }
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
    section(context, services_, "Measurements",
            {"inner loss", "held-out view", "PSNR", "switched at inference"});
    if (!begin_rows("readout")) {
        return;
    }
    ImGui::PushTextWrapPos(0);
    const auto loss = board.ask("rule.loss", InnerLossQuery{place});
    loss_ = loss;
    const bool loss_fresh = board.fresh("rule.loss");
    const bool mse = state.rule.loss == InnerLoss::mse;
    row_label(
        context, "Inner loss",
        fmt::format("Mean of {} over the tokens of the input photos in layer {}, head {}, before the first "
                    "and after the last inner step.{}",
                    mse ? "½ ‖f(k) − v‖²" : "−⟨f(k), v⟩", place.layer, place.head,
                    mse ? "" : " It also falls where |f(k)| merely grows."));
    if (const auto* curve = loss ? loss->get<InnerLossCurve>() : nullptr; curve && !curve->rule.empty()) {
        readout_.loss_before = curve->rule.front();
        readout_.loss_after = curve->rule.back();
        ImGui::TextColored(loss_fresh ? ImGui::GetStyleColorVec4(ImGuiCol_Text) : context.colours.muted,
                           "%.4g → %.4g  %s", curve->rule.front(), curve->rule.back(),
                           loss_fresh ? fmt::format("(layer {}, head {})", place.layer, place.head).c_str()
                                      : "computing...");
    } else {
        ImGui::TextColored(context.colours.muted, "%s", loss ? loss->problem.c_str() : "Computing...");
    }
    const auto score = board.ask("rule.psnr", HeldOutQuery{});
    score_ = score;
    const bool score_fresh = board.fresh("rule.psnr");
    row_label(context, "Held-out views",
              "Mean PSNR of the renderings over held-out photos without outlying cameras, at most 64 of them "
              "at even spacing, and the difference from the trained rule on the same photos.");
    if (const auto* held = score ? score->get<HeldOutPsnr>() : nullptr; held != nullptr) {
        readout_.psnr = held->psnr;
        if (score_fresh && !state.rule_switched) {
            trained_psnr_[conditions_key(now)] = held->psnr;
        }
        const auto trained = trained_psnr_.find(conditions_key(now));
        std::string change;
        if (trained != trained_psnr_.end()) {
            readout_.psnr_trained = trained->second;
            if (state.rule_switched && score_fresh) {
                change = fmt::format("\n{:+.2f} dB from trained rule", held->psnr - trained->second);
            }
        }
        ImGui::TextColored(score_fresh ? ImGui::GetStyleColorVec4(ImGuiCol_Text) : context.colours.muted,
                           "%.2f dB, mean of %zu of %s%s", held->psnr, held->views.size(),
                           counted(now.scene->measured().size(), "view").c_str(),
                           score_fresh ? change.c_str() : "\ncomputing...");
    } else {
        ImGui::TextColored(context.colours.muted, "%s", score ? score->problem.c_str() : "Computing...");
    }
    row(context, "Set-up",
        fmt::format("{}   {}", counted(state.input_views, "photo"),
                    services_.document->times(state.set_up_ms)),
        "Number of input photos, and the time to write them into the fast weights once.");
    ImGui::PopTextWrapPos();
    end_rows();
}

void RulePanel::draw_formula(PanelContext& context, const UpdateRule& rule) {
    section(context, services_, "Formulae", {"feature φ", "learning rate η", "Muon", "weight normalisation"});
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

Result<PanelData> RulePanel::data() const {
    LACT_CHECK(check_current(services_, {{loss_.get(), InnerLossQuery{services_.document->place()}},
                                         {score_.get(), HeldOutQuery{}}}));
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

constexpr float formula_points = 17;  ///< Latin Modern looks smaller than Roboto at the same size.

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
        pressed = ImGui::InvisibleButton(term.shows.c_str(), size, ImGuiButtonFlags_EnableNav);
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
            tip(context,
                term.shows.empty() ? lines[i].tooltip : lines[i].tooltip + " Click: show the matrix.");
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
