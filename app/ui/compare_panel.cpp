#include "app/ui/compare_panel.h"

#include "app/commands/command_table.h"
#include "app/commands/output_files.h"
#include "app/commands/parameter_table.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/widgets.h"
#include "engine/core/counted.h"
#include "engine/core/text_file.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <implot.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

struct TableColumn {
    const char* sort;  ///< Value of the parameter compare.sort.
    const char* title;
    const char* tooltip;
};
constexpr std::array<TableColumn, 7> table_columns{
    {{"view", "\nview", "Index of the held-out view. Click a row to move the camera to it."},
     {"psnr_a", "A\ndB", "PSNR of A against the photo."},
     {"ssim_a", "A\nSSIM", "SSIM of A against the photo."},
     {"psnr_b", "B\ndB", "PSNR of B against the photo."},
     {"ssim_b", "B\nSSIM", "SSIM of B against the photo."},
     {"psnr_ab", "A vs B\ndB", "PSNR of A against B."},
     {"ssim_ab", "A vs B\nSSIM", "SSIM of A against B."}}};

/// Digits of a figure in the table: PSNR and SSIM take turns.
int digits_of_column(std::size_t column) {
    return column % 2 == 0 ? 2 : 3;
}

std::string figures_text(const PairFigures& figures) {
    return fmt::format("{}{}   SSIM {}", figure_text(figures.psnr, 2), std::isinf(figures.psnr) ? "" : " dB",
                       std::isnan(figures.ssim) ? "..." : figure_text(figures.ssim, 4));
}

}  // namespace

void ComparePanel::draw(PanelContext& context) {
    CompareState& compare = services_.document->compare;
    compare.table_seen = true;
    draw_header(context);
    draw_mode(context);
    a_.draw(context, "A", /*open=*/false);
    b_.draw(context, "B", /*open=*/true);
    if (compare.on) {
        draw_figures(context);
        draw_history();
        draw_table(context);
    }
}

bool ComparePanel::sides_are_current() const {
    const Snapshot& now = *services_.snapshot;
    return !now.sides_pending && why_not_written(now, *services_.document).empty();
}

void ComparePanel::draw_header(PanelContext& context) {
    Flow commands;
    command_button(context, services_, commands, ToggleCompare::id,
                   services_.document->compare.on ? "Stop comparing" : "Compare");
    command_button(context, services_, commands, SwapSides::id, "Swap");
    command_button(context, services_, commands, KeepRendering::id, "Freeze this image as B");
    Flow sides;
    for (const auto& [id, label] :
         {std::pair{"compare.photo", "Photo"}, std::pair{"compare.ground_truth", "Ground truth"},
          std::pair{"compare.ascent", "Ascent"}, std::pair{"compare.four_views", "4 views"},
          std::pair{"compare.bf16", "bf16"}, std::pair{"compare.linear", "Linear attention"}}) {
        command_button(context, services_, sides, id, label);
    }
    if (rule_weights_.of("baseline") && rule_weights_.of("variant6")) {
        command_button(context, services_, sides, CompareTrainedWith::id, "Trained with two rules");
    }
}

void ComparePanel::draw_mode(PanelContext& context) {
    const CompareState& compare = services_.document->compare;
    const auto& parameters = services_.dispatch->parameters();
    const std::string& tooltip = parameters.find("compare.mode")->tooltip;
    Flow flow;
    for (const std::string_view mode : compare_mode_names) {
        const std::string name(mode);
        if (flow.radio(context, name.c_str(), to_string(compare.mode) == mode, tooltip)) {
            services_.dispatch->set("compare.mode", name);
        }
    }
    if (!begin_rows("mode")) {
        return;
    }
    if (compare.mode == CompareMode::difference || compare.mode == CompareMode::error) {
        auto amplify = static_cast<float>(compare.amplify);
        row_label(context, "Amplify", parameters.find("compare.amplify")->tooltip);
        if (ImGui::SliderFloat("##amplify", &amplify, 0.5F, 100, "%.3g", ImGuiSliderFlags_Logarithmic)) {
            services_.dispatch->set("compare.amplify", std::clamp(amplify, 0.5F, 100.0F));
        }
    } else if (compare.mode == CompareMode::wipe) {
        auto divider = static_cast<float>(compare.divider);
        row_label(context, "Divider", parameters.find("compare.divider")->tooltip);
        if (ImGui::SliderFloat("##divider", &divider, 0, 1, "%.2f", ImGuiSliderFlags_AlwaysClamp)) {
            services_.dispatch->set("compare.divider", divider);
        }
    } else if (compare.mode == CompareMode::flip) {
        row_label(context, "Blink", parameters.find("compare.blink")->tooltip);
        bool blink = compare.blink;
        if (ImGui::Checkbox("##blink", &blink)) {
            services_.dispatch->set("compare.blink", blink);
        }
    }
    end_rows();
}

void ComparePanel::draw_figures(PanelContext& context) {
    const auto& pair = services_.snapshot->pair;
    const auto& table = services_.snapshot->table;
    section(context, services_, "Current camera", {"PSNR", "SSIM", "ground truth"});
    if (!pair) {
        return;
    }
    const AnswerScope scope(sides_are_current() && table && table->sides == pair->sides);
    draw_warnings(context);
    if (!begin_rows("figures")) {
        return;
    }
    if (pair->figures) {
        row(context, "A against B", figures_text(*pair->figures), "At the size of the model.");
        row(context, "A - B",
            fmt::format("mean {}   mean |A-B| {}   largest |A-B| {}",
                        difference_text(pair->figures->mean_difference, 4, /*sign=*/true),
                        difference_text(pair->figures->mean_error, 4),
                        difference_text(pair->figures->largest_error, 3)),
            "Over all pixels and channels; values in [0, 1].");
    } else {
        row(context, "A against B", pair->a.image ? pair->b.why_not : pair->a.why_not);
    }
    for (std::size_t i = 0; i < 2; ++i) {
        if (pair->view && pair->photos.at(i)) {
            row(context, i == 0 ? "A against photo" : "B against photo", figures_text(*pair->photos.at(i)),
                fmt::format("Photo {} has the current camera.", *pair->view));
        }
    }
    row(context, "Time",
        fmt::format("A {}   B {}", services_.document->times(pair->a.milliseconds),
                    services_.document->times(pair->b.milliseconds)),
        "Time to render each side.");
    end_rows();
}

/// Warns about sides outside the training conditions of their weights: low quality then has this cause, too.
void ComparePanel::draw_warnings(PanelContext& context) {
    const auto& table = services_.snapshot->table;
    if (!table) {
        return;
    }
    ImGui::PushStyleColor(ImGuiCol_Text, context.colours.warning);
    for (const auto& [name, info] : {std::pair{"A", &table->a}, std::pair{"B", &table->b}}) {
        if (!info->warning.empty()) {
            ImGui::TextWrapped("%s: %s", name, info->warning.c_str());
        }
    }
    ImGui::PopStyleColor();
}

void ComparePanel::draw_history() {
    const CompareHistory& history = services_.document->compare.history;
    const float height = ImGui::GetTextLineHeight() * 9;
    if (history.count().empty() || !ImPlot::BeginPlot("##history", {-1, height}, ImPlotFlags_NoMouseText)) {
        return;
    }
    ImPlot::SetupAxes("last renderings", "PSNR, dB", ImPlotAxisFlags_AutoFit | ImPlotAxisFlags_NoTickLabels,
                      ImPlotAxisFlags_AutoFit);
    ImPlot::SetupAxis(ImAxis_Y2, "SSIM", ImPlotAxisFlags_AuxDefault);
    double lowest_ssim = 0;
    for (const double ssim : history.ssim()) {
        lowest_ssim = ssim < lowest_ssim ? ssim : lowest_ssim;  // Without NaN.
    }
    ImPlot::SetupAxisLimits(ImAxis_Y2, lowest_ssim, 1, ImPlotCond_Always);
    ImPlot::SetupLegend(ImPlotLocation_North, ImPlotLegendFlags_Horizontal | ImPlotLegendFlags_Outside);
    const auto count = static_cast<int>(history.count().size());
    if (!history.changes().empty()) {
        ImPlot::PlotInfLines("sides changed", history.changes().data(),
                             static_cast<int>(history.changes().size()));
    }
    ImPlotSpec spec;
    spec.Marker = ImPlotMarker_Circle;  // A single point is visible, too.
    spec.MarkerSize = 2;
    ImPlot::PlotLine("PSNR", history.count().data(), history.psnr().data(), count, spec);
    ImPlot::SetAxes(ImAxis_X1, ImAxis_Y2);
    ImPlot::PlotLine("SSIM", history.count().data(), history.ssim().data(), count, spec);
    ImPlot::EndPlot();
}

std::vector<CompareRow> ComparePanel::sorted_rows() const {
    const auto& table = services_.snapshot->table;
    std::vector<CompareRow> rows = table ? table->rows : std::vector<CompareRow>{};
    const CompareState& compare = services_.document->compare;
    const auto key = [&](const CompareRow& row) {
        for (const CompareColumn& column : compare_columns) {
            if (compare.sort == column.name) {
                return row.*column.value;
            }
        }
        return static_cast<double>(row.view);
    };
    std::stable_sort(rows.begin(), rows.end(), [&](const CompareRow& x, const CompareRow& y) {
        // NaN comes last in both orders.
        if (std::isnan(key(x)) || std::isnan(key(y))) {
            return !std::isnan(key(x)) && std::isnan(key(y));
        }
        return compare.descending ? key(x) > key(y) : key(x) < key(y);
    });
    return rows;
}

void ComparePanel::draw_table_header(PanelContext& context) {
    const CompareState& compare = services_.document->compare;
    ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
    for (const TableColumn& column : table_columns) {
        ImGui::TableNextColumn();
        const bool chosen = compare.sort == column.sort;
        const std::string title = fmt::format("{}{}###{}", column.title,
                                              !chosen              ? ""
                                              : compare.descending ? " v"
                                                                   : " ^",
                                              column.sort);
        if (ImGui::Selectable(title.c_str(), chosen)) {
            services_.dispatch->set("compare.descending", chosen && !compare.descending);
            services_.dispatch->set("compare.sort", column.sort);
        }
        tip(context, fmt::format("{} Click to sort.", column.tooltip));
    }
}

void ComparePanel::draw_table(PanelContext& context) {
    const auto& table = services_.snapshot->table;
    section(context, services_, "All held-out views", {"held-out view", "PSNR", "SSIM"});
    bool requested = services_.document->compare.table;
    if (ImGui::Checkbox("Compute", &requested)) {
        services_.dispatch->set("compare.table", requested);
    }
    tip(context, services_.dispatch->tooltip("compare.table"));
    ImGui::SameLine();
    const bool current = sides_are_current();
    if (table) {
        const std::string count = fmt::format("{} of {}", table->rows.size(), counted(table->of, "view"));
        ImGui::TextColored(context.colours.muted, "%s", current ? count.c_str() : "computing...");
    }
    Flow files;
    command_button(context, services_, files, ExportComparison::id, "Save as CSV");
    command_button(context, services_, files, ExportComparisonJson::id, "Save as JSON");
    if (!table) {
        return;
    }
    const AnswerScope scope(current);
    const int columns = static_cast<int>(table_columns.size());
    if (!ImGui::BeginTable("views", columns, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchSame)) {
        return;
    }
    draw_table_header(context);
    ImGui::PushFont(context.fonts.mono, 0);
    const auto cells = [](const auto& text_of) {
        for (std::size_t i = 0; i < compare_columns.size(); ++i) {
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(text_of(i).c_str());
        }
    };
    for (const CompareRow& row : sorted_rows()) {
        ImGui::TableNextRow();
        ImGui::TableNextColumn();
        const bool here = services_.snapshot->pair && services_.snapshot->pair->view == row.view;
        if (ImGui::Selectable(std::to_string(row.view).c_str(), here, ImGuiSelectableFlags_SpanAllColumns)) {
            services_.dispatch->run(GoToView{row.view});
        }
        cells([&row](std::size_t i) {
            return figure_text(row.*compare_columns.at(i).value, digits_of_column(i));
        });
    }
    ImGui::TableNextRow(ImGuiTableRowFlags_Headers);
    ImGui::TableNextColumn();
    ImGui::Text("mean\nof %zu", table->rows.size());
    const CompareMean mean = table->mean();
    cells([&](std::size_t i) { return mean_figure_text(mean, i, digits_of_column(i), table->rows.size()); });
    ImGui::PopFont();
    ImGui::EndTable();
}

Result<PanelData> ComparePanel::data() const {
    if (!sides_are_current()) {
        return not_current();
    }
    std::vector<std::string> columns = {"view"};
    for (const CompareColumn& column : compare_columns) {
        columns.emplace_back(column.name);
    }
    std::vector<double> values;
    for (const CompareRow& row : sorted_rows()) {
        values.push_back(static_cast<double>(row.view));
        for (const CompareColumn& column : compare_columns) {
            values.push_back(row.*column.value);
        }
    }
    if (values.empty()) {
        return PanelData{};
    }
    DataTable table = make_table("views", columns, values);
    table.about = {{"a", dump_json(services_.snapshot->table->a.json())},
                   {"b", dump_json(services_.snapshot->table->b.json())}};
    return PanelData{std::move(table)};
}

}  // namespace lact::app
