#include "app/ui/experiments_panel.h"

#include "app/commands/experiment_controller.h"
#include "app/commands/parameter_table.h"
#include "app/figures/experiment_files.h"
#include "app/ui/glossary.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace lact::app {

namespace {

const ExperimentOutcome* outcome_of(const Snapshot& snapshot, std::string_view id) {
    const auto found = snapshot.experiments.find(id);
    return found == snapshot.experiments.end() ? nullptr : found->second.get();
}

std::string choice_of_place(int value, bool all) {
    return value >= 0 ? std::to_string(value) : all ? "all" : "as in the Fast weights panel";
}

}  // namespace

ExperimentMark mark_of(const ExperimentOutcome* outcome, const Palette& colours) {
    if (outcome == nullptr) {
        return {"-", colours.muted, {}};
    }
    if (outcome->running) {
        return {fmt::format("{:.0f} %", outcome->report ? 100 * outcome->report->fraction : 0.0),
                colours.accent,
                {}};
    }
    if (!outcome->problem.empty() || !outcome->report || !outcome->report->finished) {
        return {icon::stop, colours.warning, outcome->problem};
    }
    const ExperimentReport& report = *outcome->report;
    switch (report.agreement) {
        case Agreement::agrees:
            return {icon::check, colours.good, sentence_of(report)};
        case Agreement::disagrees:
            return {icon::cross, colours.error, sentence_of(report)};
        case Agreement::open:
            break;
    }
    // Without a condition there was nothing to decide.
    return {"done", colours.muted, report.condition.empty() ? std::string() : sentence_of(report)};
}

void ExperimentsPanel::draw(PanelContext& context) {
    draw_list(context);
    const Experiment* chosen = find_experiment(services_.document->experiment.id);
    if (chosen == nullptr) {
        return;
    }
    section(context, services_, "What the paper says", experiment_terms(chosen->id));
    ImGui::PushStyleColor(ImGuiCol_Text, context.colours.muted);
    ImGui::TextWrapped("%s", std::string(chosen->claim).c_str());
    ImGui::PopStyleColor();
    ImGui::TextWrapped("%s", std::string(chosen->summary).c_str());
    if (chosen->uses.rule_weights && !rule_weights_.of("baseline")) {
        ImGui::PushStyleColor(ImGuiCol_Text, context.colours.warning);
        ImGui::TextWrapped("Not available: %s.", why_unavailable(chosen->uses).c_str());
        ImGui::PopStyleColor();
        if (active_experiment(*services_.snapshot) == nullptr) {
            return;  // Another one that runs can be cancelled.
        }
    }
    draw_settings(context, chosen->uses);
    draw_run(context);
    const ExperimentOutcome* now = outcome();
    if (now != nullptr && !now->problem.empty()) {
        ImGui::PushStyleColor(ImGuiCol_Text, context.colours.warning);
        ImGui::TextWrapped("%s", now->problem.c_str());
        ImGui::PopStyleColor();
    }
    if (now != nullptr && now->report) {
        report_.draw(context, *now);
    }
}

const ExperimentOutcome* ExperimentsPanel::outcome() const {
    return outcome_of(*services_.snapshot, services_.document->experiment.id);
}

void ExperimentsPanel::draw_list(PanelContext& context) {
    const float state = ImGui::CalcTextSize("100 %").x;
    if (!ImGui::BeginTable("experiments", 2, ImGuiTableFlags_None)) {
        return;
    }
    ImGui::TableSetupColumn("title", ImGuiTableColumnFlags_WidthStretch);
    ImGui::TableSetupColumn("state", ImGuiTableColumnFlags_WidthFixed, state);
    for (const Experiment& one : experiments()) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        const std::string id(one.id);
        const std::string label = std::string(one.title) + "##" + id;
        if (ImGui::Selectable(label.c_str(), services_.document->experiment.id == id,
                              ImGuiSelectableFlags_SpanAllColumns)) {
            services_.dispatch->set("experiment.id", id);
        }
        tip(context, one.summary);
        ImGui::TableNextColumn();
        const ExperimentMark mark = mark_of(outcome_of(*services_.snapshot, one.id), context.colours);
        ImGui::TextColored(mark.colour, "%s", mark.text.c_str());
        tip(context, mark.tooltip);
    }
    ImGui::EndTable();
}

void ExperimentsPanel::draw_place(PanelContext& context, const ExperimentUses& uses) {
    const ExperimentSettings& settings = services_.document->experiment.settings;
    const auto choose = [&](const char* id, const char* title, int value) {
        const Parameter* parameter = services_.dispatch->parameters().find(id);
        const auto range = std::get<WholeNumbers>(parameter->domain());
        row_label(context, title, parameter->tooltip);
        ImGui::PushID(id);
        if (ImGui::BeginCombo("##place", choice_of_place(value, uses.all_places).c_str())) {
            for (int i = static_cast<int>(range.lowest); i <= static_cast<int>(range.highest); ++i) {
                if (ImGui::Selectable(choice_of_place(i, uses.all_places).c_str(), i == value)) {
                    services_.dispatch->set(id, i);
                }
            }
            ImGui::EndCombo();
        }
        ImGui::PopID();
    };
    choose("experiment.layer", "Layer", settings.layer);
    choose("experiment.head", "Head", settings.head);
}

void ExperimentsPanel::draw_settings(PanelContext& context, const ExperimentUses& uses) {
    const ExperimentSettings& settings = services_.document->experiment.settings;
    const auto tooltip = [&](const char* id) { return services_.dispatch->tooltip(id); };
    const auto whole = [&](const char* id, const char* title, int value, int lowest, int highest) {
        row_label(context, title, tooltip(id));
        ImGui::PushID(id);
        if (ImGui::InputInt("##number", &value)) {
            services_.dispatch->set(id, std::clamp(value, lowest, highest));
        }
        ImGui::PopID();
    };
    if (!begin_rows("choices")) {
        return;
    }
    if (uses.place) {
        draw_place(context, uses);
    }
    if (uses.steps) {
        int steps = settings.largest_steps;
        row_label(context, "Inner steps up to", tooltip("experiment.steps"));
        if (ImGui::SliderInt("##steps", &steps, 1, 64, "%d",
                             ImGuiSliderFlags_Logarithmic | ImGuiSliderFlags_AlwaysClamp)) {
            services_.dispatch->set("experiment.steps", steps);
        }
    }
    if (uses.views) {
        const auto& scene = services_.snapshot->scene;
        const int most = scene ? static_cast<int>(scene->measured().size()) : 1000;
        whole("experiment.views", "Held-out views", static_cast<int>(settings.views), 0, most);
    }
    if (uses.projection) {
        row_label(context, "Projection", tooltip("experiment.projection"));
        Flow flow;
        for (const auto& [id, title, value] :
             {std::tuple{"pca", "PCA", Projection::pca}, std::tuple{"tsne", "t-SNE", Projection::tsne}}) {
            if (flow.radio(context, title, settings.projection == value, tooltip("experiment.projection"))) {
                services_.dispatch->set("experiment.projection", id);
            }
        }
    }
    if (uses.seed) {
        whole("experiment.seed", "Seed", static_cast<int>(settings.seed), 0, 1'000'000'000);
    }
    if (uses.training) {
        whole("experiment.training_steps", "Training steps", settings.training_steps, 1, 100'000);
    }
    end_rows();
}

void ExperimentsPanel::draw_run(PanelContext& context) {
    Flow buttons;
    const std::string* const active = active_experiment(*services_.snapshot);
    if (active == nullptr) {
        command_button(context, services_, buttons, RunExperiment::id, "Run");
    } else {
        command_button(context, services_, buttons, CancelExperiment::id, "Cancel");
    }
    command_button(context, services_, buttons, ExportExperiment::id, "Export");
    if (active == nullptr) {
        return;
    }
    // One that waits to begin may have the report of an earlier run.
    const ExperimentOutcome* now = outcome_of(*services_.snapshot, *active);
    const bool measured = now != nullptr && now->running && now->report;
    const auto share = static_cast<float>(measured ? now->report->fraction : 0.0);
    const bool chosen = *active == services_.document->experiment.id;
    // Views come first: with a path in a loop there may be no time between them.
    const char* waits = services_.document->rested ? "" : ", waits while the camera moves";
    const std::string text = chosen ? fmt::format("{:.0f} %{}", 100 * share, waits)
                                    : fmt::format("\"{}\" runs: {:.0f} %{}", *active, 100 * share, waits);
    ImGui::ProgressBar(share, {-1, 0}, text.c_str());
}

namespace {

/// The columns in which a row has a number; empty where there are none.
std::optional<DataTable> numbers_of(const ExperimentTable& table) {
    std::vector<std::size_t> kept;
    std::vector<std::string> names;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
        const auto is_number = [c](const auto& cells) {
            return c < cells.size() && std::holds_alternative<double>(cells[c]);
        };
        if (std::ranges::any_of(table.rows, is_number)) {
            kept.push_back(c);
            names.push_back(table.columns[c]);
        }
    }
    if (kept.empty()) {
        return std::nullopt;
    }
    std::vector<double> values;
    for (const auto& cells : table.rows) {
        for (const std::size_t c : kept) {
            const double* number = c < cells.size() ? std::get_if<double>(&cells[c]) : nullptr;
            values.push_back(number != nullptr ? *number : std::numeric_limits<double>::quiet_NaN());
        }
    }
    return make_table(table.name, names, values);
}

}  // namespace

PanelData ExperimentsPanel::data() const {
    PanelData data;
    const ExperimentOutcome* now = outcome();
    if (now == nullptr || !now->report) {
        return data;
    }
    for (const ExperimentTable& table : now->report->tables) {
        if (auto numbers = numbers_of(table)) {
            data.push_back(std::move(*numbers));
        }
    }
    for (const ExperimentPlot& plot : now->report->plots) {
        for (const ExperimentSeries& one : plot.series) {
            std::vector<double> values;
            for (std::size_t i = 0; i < std::min(one.x.size(), one.y.size()); ++i) {
                values.insert(values.end(), {one.x[i], one.y[i]});
            }
            data.push_back(make_table(fmt::format("plot.{}.{}", plot.name, one.name), {"x", "y"}, values));
        }
    }
    for (DataTable& table : data) {  // The state of the run, which may not be the open one by now.
        table.of_open_state = false;
        table.about = {now->report->settings.begin(), now->report->settings.end()};
        table.about["experiment"] = now->report->id;
        table.about["finished"] = now->report->finished ? "true" : "false";
    }
    return data;
}

}  // namespace lact::app
