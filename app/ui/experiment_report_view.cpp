#include "app/ui/experiment_report_view.h"

#include "app/figures/experiment_files.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/photo_grid.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"
#include "engine/experiment/experiment.h"
#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace lact::app {

namespace {

const ExperimentImage* image_named(const ExperimentReport& report, std::string_view name) {
    const auto found = std::ranges::find(report.images, name, &ExperimentImage::name);
    return found == report.images.end() ? nullptr : &*found;
}

/// The image that belongs to a bar: its title begins with "SERIES, TICK".
const ExperimentImage* image_of_bar(const ExperimentReport& report, const std::string& bar) {
    const auto belongs = [&](const ExperimentImage& one) {
        return one.title.starts_with(bar) &&
               (one.title.size() == bar.size() ||
                std::isalnum(static_cast<unsigned char>(one.title[bar.size()])) == 0);
    };
    const auto found = std::ranges::find_if(report.images, belongs);
    return found == report.images.end() ? nullptr : &*found;
}

std::string setting(const ExperimentReport& report, std::string_view name) {
    const auto found = std::ranges::find(report.settings, name, &std::pair<std::string, std::string>::first);
    return found == report.settings.end() ? std::string() : found->second;
}

/// A cell that holds a rule in its text form, as a label; any other text as it is.
std::string rule_in_words(const std::string& text) {
    const auto rule = parse_update_rule(text);
    return rule ? rule_label(*rule) : text;
}

void wrapped_muted(const PanelContext& context, const std::string& text) {
    ImGui::PushStyleColor(ImGuiCol_Text, context.colours.muted);
    ImGui::TextWrapped("%s", text.c_str());
    ImGui::PopStyleColor();
}

}  // namespace

void ExperimentReportView::draw(PanelContext& context, const ExperimentOutcome& outcome) {
    const auto& report = outcome.report;
    ImGui::PushID(report->id.c_str());
    draw_finding(context, outcome);
    draw_large(context, report);
    draw_plots(context, outcome);
    draw_images(context, report);
    draw_tables(context, *report);
    if (!report->remarks.empty() && ImGui::CollapsingHeader("Notes", ImGuiTreeNodeFlags_DefaultOpen)) {
        for (const std::string& remark : report->remarks) {
            wrapped_muted(context, remark);
        }
    }
    if (ImGui::CollapsingHeader("How it was made")) {
        if (begin_rows("settings")) {
            for (const auto& [name, value] : report->settings) {
                const bool is_rule = name == "rule" && !report->rule.empty();
                row(context, name.c_str(), is_rule ? report->rule : value,
                    is_rule ? "As text: " + value : std::string());
            }
            end_rows();
        }
    }
    ImGui::PopID();
}

void ExperimentReportView::draw_finding(PanelContext& context, const ExperimentOutcome& outcome) const {
    const ExperimentReport& report = *outcome.report;
    ImGui::SeparatorText("What this run shows");
    const auto& state = services_.snapshot->state;
    const Experiment* const experiment = find_experiment(report.id);
    const bool of_scene = experiment == nullptr || experiment->uses.scene;
    if (of_scene && (!state || state->generation != outcome.generation)) {
        ImGui::PushStyleColor(ImGuiCol_Text, context.colours.warning);
        ImGui::TextWrapped("Of an older state: scene %s, rule %s.", setting(report, "scene").c_str(),
                           report.rule.c_str());
        ImGui::PopStyleColor();
    }
    if (!report.finding.empty()) {
        ImGui::TextWrapped("%s", report.finding.c_str());
    }
    if (report.agreement != Agreement::open) {
        const bool agrees = report.agreement == Agreement::agrees;
        ImGui::PushFont(context.fonts.bold, 0);
        ImGui::TextColored(agrees ? context.colours.good : context.colours.error, "%s %s",
                           agrees ? icon::check : icon::cross, sentence_of(report).c_str());
        ImGui::PopFont();
    } else if (report.finished && !report.condition.empty()) {
        ImGui::TextColored(context.colours.muted, "%s", sentence_of(report).c_str());
    }
    if (!report.condition.empty()) {
        wrapped_muted(context, condition_of(report));
    }
}

void ExperimentReportView::draw_plots(PanelContext& context, const ExperimentOutcome& outcome) {
    const ExperimentReport& report = *outcome.report;
    const bool fit = std::exchange(fitted_, outcome.report) != outcome.report;
    const auto& scene = services_.snapshot->scene;
    // Other weights or another size may have other patches.
    const PatchGrid grid = patch_grid(*services_.snapshot);
    const bool same_tokens = scene && scene->sequence == outcome.scene &&
                             setting(report, "patch grid") == fmt::format("{}x{}", grid.columns, grid.rows);
    for (std::size_t i = 0; i < report.plots.size(); ++i) {
        ImGui::PushID(static_cast<int>(i));
        ImGui::PushID(report.plots[i].name.c_str());
        ImGui::Spacing();
        if (const auto bar = plots_.draw(context, report.plots[i], fit, same_tokens)) {
            if (const ExperimentImage* image = image_of_bar(report, *bar)) {
                services_.dispatch->set("experiment.image", image->name);
            }
        }
        ImGui::PopID();
        ImGui::PopID();
    }
}

void ExperimentReportView::draw_tables(PanelContext& context, const ExperimentReport& report) {
    for (std::size_t i = 0; i < report.tables.size(); ++i) {
        const ExperimentTable& table = report.tables[i];
        ImGui::PushID(static_cast<int>(i));
        ImGui::Spacing();
        ImGui::AlignTextToFramePadding();
        ImGui::TextColored(context.colours.muted, "Table \"%s\"", table.name.c_str());
        ImGui::SameLine();
        if (button(context, "Copy", "Copy the table to the clipboard as CSV.")) {
            ImGui::SetClipboardText(to_csv(table).c_str());
        }
        draw_cells(context, report, table);
        ImGui::PopID();
    }
}

void ExperimentReportView::draw_cells(PanelContext& context, const ExperimentReport& report,
                                      const ExperimentTable& table) const {
    constexpr std::size_t most_rows = 12;  // Longer tables scroll.
    const int columns = static_cast<int>(table.columns.size());
    const float line = ImGui::GetTextLineHeight() + 2 * ImGui::GetStyle().CellPadding.y;
    const float height = line * static_cast<float>(std::min(table.rows.size(), most_rows) + 1) +
                         ImGui::GetStyle().ScrollbarSize;
    constexpr ImGuiTableFlags flags = ImGuiTableFlags_RowBg | ImGuiTableFlags_ScrollX |
                                      ImGuiTableFlags_ScrollY | ImGuiTableFlags_SizingFixedFit |
                                      ImGuiTableFlags_BordersInnerV;
    if (columns == 0 || !ImGui::BeginTable("cells", columns, flags, {0, height})) {
        return;
    }
    ImGui::TableSetupScrollFreeze(0, 1);
    for (const std::string& name : table.columns) {
        ImGui::TableSetupColumn(name.c_str());
    }
    ImGui::TableHeadersRow();
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        ImGui::TableNextRow();
        ImGui::PushID(static_cast<int>(r));
        for (std::size_t c = 0; c < std::min(table.rows[r].size(), table.columns.size()); ++c) {
            ImGui::TableNextColumn();
            const std::string text = cell_text(table.rows[r][c]);
            const bool is_text = std::holds_alternative<std::string>(table.rows[r][c]);
            const std::string shown = is_text ? rule_in_words(text) : text;
            ImGui::PushID(static_cast<int>(c));
            if (is_text && image_named(report, text) != nullptr) {
                if (ImGui::TextLink(text.c_str())) {
                    show(text);
                }
            } else {
                ImGui::PushFont(is_text ? context.fonts.text : context.fonts.mono, 0);
                ImGui::TextUnformatted(shown.c_str());
                ImGui::PopFont();
                if (shown != text) {
                    tip(context, "As text: " + text);
                }
            }
            ImGui::PopID();
        }
        ImGui::PopID();
    }
    ImGui::EndTable();
}

void ExperimentReportView::show(const std::string& image) const {
    const bool shown = services_.document->experiment.image == image;
    services_.dispatch->set("experiment.image", shown ? std::string() : image);
}

const gfx::Texture& ExperimentReportView::picture(PanelContext& context,
                                                  const std::shared_ptr<const ExperimentReport>& report,
                                                  std::size_t index) {
    if (pictures_.size() <= index) {
        pictures_.resize(index + 1);
    }
    Picture& one = pictures_[index];
    if (one.of != report) {
        // After a failed upload its place stays empty; the canvas logs the error.
        if (!context.canvas.upload(one.texture, to_image8(report->images[index].image))) {
            one.texture = {};
        }
        one.of = report;
    }
    return one.texture;
}

void ExperimentReportView::draw_large(PanelContext& context,
                                      const std::shared_ptr<const ExperimentReport>& report) {
    const ExperimentImage* image = image_named(*report, services_.document->experiment.image);
    if (image == nullptr) {
        return;
    }
    const auto index = static_cast<std::size_t>(image - report->images.data());
    const gfx::Texture& texture = picture(context, report, index);
    const float width = ImGui::GetContentRegionAvail().x;
    const float height =
        width * static_cast<float>(image->image.height) / static_cast<float>(std::max(image->image.width, 1));
    const ImVec2 space{width, std::min(height, 420 * context.scale)};
    ImGui::Spacing();
    ImGui::TextWrapped("%s", image->title.c_str());
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    if (ImGui::InvisibleButton("large", space, ImGuiButtonFlags_EnableNav)) {
        show(image->name);
    }
    tip(context, "Click to close.");
    if (texture) {
        context.canvas.draw_image(*ImGui::GetWindowDrawList(), texture,
                                  fit_image(corner, space, texture.width(), texture.height()),
                                  gfx::Filter::nearest);
    }
}

void ExperimentReportView::draw_images(PanelContext& context,
                                       const std::shared_ptr<const ExperimentReport>& report) {
    if (report->images.empty()) {
        return;
    }
    ImGui::Spacing();
    ImGui::TextColored(context.colours.muted, "Images: click to enlarge");
    const float gap = ImGui::GetStyle().ItemSpacing.x / 2;
    const float room = ImGui::GetContentRegionAvail().x;
    const int per_line = std::max(2, static_cast<int>(room / (110 * context.scale)));
    const float side = (room - gap * static_cast<float>(per_line - 1)) / static_cast<float>(per_line);
    for (std::size_t i = 0; i < report->images.size(); ++i) {
        const ExperimentImage& one = report->images[i];
        if (i % static_cast<std::size_t>(per_line) != 0) {
            ImGui::SameLine(0, gap);
        }
        ImGui::PushID(static_cast<int>(i));
        const float height =
            side * static_cast<float>(one.image.height) / static_cast<float>(std::max(one.image.width, 1));
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        if (ImGui::InvisibleButton("image", {side, std::max(height, 1.0F)}, ImGuiButtonFlags_EnableNav)) {
            show(one.name);
        }
        tip(context, one.title);
        if (ImGui::IsItemVisible()) {
            const gfx::Rect rect{corner, {corner.x + side, corner.y + height}};
            ImDrawList& list = *ImGui::GetWindowDrawList();
            if (const gfx::Texture& texture = picture(context, report, i)) {
                context.canvas.draw_image(list, texture, rect, gfx::Filter::bicubic);
            }
            list.PushClipRect(rect.min, rect.max, true);
            text_on_image(list, {corner.x + 2, corner.y + 2}, white_on_image,
                          one.title.substr(0, one.title.find(':')));
            list.PopClipRect();
            if (services_.document->experiment.image == one.name) {
                list.AddRect(rect.min, rect.max, ImGui::ColorConvertFloat4ToU32(context.colours.accent), 0,
                             2 * context.scale);
            }
        }
        ImGui::PopID();
    }
}

}  // namespace lact::app
