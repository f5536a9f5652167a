#include "app/figures/report_page.h"

#include "app/figures/experiment_files.h"
#include "app/figures/experiment_plot.h"
#include "app/figures/markup.h"
#include "engine/scene/image.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace lact::app {

namespace {

constexpr const char* style = R"(
body { font: 16px/1.5 system-ui, "Segoe UI", Roboto, sans-serif; color: #1c2126; background: #fff;
       max-width: 62rem; margin: 0 auto; padding: 1.5rem; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; border-bottom: 1px solid #d5dade; padding-bottom: .3rem; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem; }
th, td { border-bottom: 1px solid #e3e7ea; padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; } th { color: #566069; font-weight: 600; }
.wide { overflow-x: auto; } .muted, figcaption { color: #566069; } figure { margin: 1rem 1rem 1rem 0; }
.figures { display: flex; flex-wrap: wrap; }
.plot { flex: 1 1 30rem; max-width: 47.5rem; } .plot svg { display: block; width: 100%; height: auto; }
img { image-rendering: pixelated; width: 12rem; display: block; } figcaption { max-width: 12rem; font-size: .8rem; }
.agrees { color: #14723a; } .disagrees { color: #b3261e; } .open { color: #566069; }
details { margin: 1rem 0; } summary { cursor: pointer; color: #566069; }
)";

std::string base64(const std::string& bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // EVP_EncodeBlock writes a zero at the end.
    const int length =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

/// The class of a verdict in the style sheet.
const char* class_of(Agreement agreement) {
    return agreement == Agreement::open ? "open" : to_string(agreement);
}

std::string paragraph(std::string_view text, std::string_view kind = {}) {
    return kind.empty() ? fmt::format("<p>{}</p>\n", escaped_markup(text))
                        : fmt::format("<p class=\"{}\">{}</p>\n", kind, escaped_markup(text));
}

std::string settings_table(const std::vector<std::pair<std::string, std::string>>& settings) {
    std::string html = "<table>\n";
    for (const auto& [name, value] : settings) {
        html += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", escaped_markup(name), escaped_markup(value));
    }
    return html + "</table>\n";
}

std::string data_table(const ExperimentTable& table) {
    std::string html = fmt::format("<div class=\"wide\"><table>\n<caption class=\"muted\">{}</caption>\n<tr>",
                                   escaped_markup(table.name));
    for (const std::string& column : table.columns) {
        html += fmt::format("<th>{}</th>", escaped_markup(column));
    }
    html += "</tr>\n";
    for (const auto& row : table.rows) {
        html += "<tr>";
        for (const ExperimentCell& cell : row) {
            const bool number = std::holds_alternative<double>(cell);
            html += fmt::format("<td{}>{}</td>", number ? " class=\"number\"" : "",
                                escaped_markup(cell_text(cell)));
        }
        html += "</tr>\n";
    }
    return html + "</table></div>\n";
}

/// The SVG element without what stands before it in a file of its own.
std::string inline_svg(const ExperimentPlot& plot) {
    std::string svg = plot_svg(plot);
    svg.erase(0, std::min(svg.find("<svg"), svg.size()));
    return svg;
}

Result<std::string> figure_of(const ExperimentImage& one) {
    LACT_TRY(const std::string png, encode_png(to_image8(one.image)));
    return fmt::format(
        "<figure><img alt=\"{0}\" src=\"data:image/png;base64,{1}\"><figcaption>{0}</figcaption>"
        "</figure>\n",
        escaped_markup(one.title), base64(png));
}

/// The settings of an experiment that are not those of the whole page.
std::vector<std::pair<std::string, std::string>> own_settings(const ReportPage& page,
                                                              const ExperimentReport& report) {
    std::vector<std::pair<std::string, std::string>> own;
    for (const auto& setting : report.settings) {
        if (std::ranges::find(page.settings, setting) == page.settings.end()) {
            own.push_back(setting);
        }
    }
    return own;
}

Result<std::string> section_of(const ReportPage& page, const ReportEntry& entry) {
    std::string html =
        fmt::format("<h2 id=\"{}\">{}</h2>\n", escaped_markup(entry.report.id), escaped_markup(entry.title));
    html += paragraph(entry.report.claim, "muted");
    if (!entry.problem.empty()) {
        return html + paragraph("Not measured: " + entry.problem, "disagrees");
    }
    const ExperimentReport& report = entry.report;
    if (report.rule.empty()) {
        html += paragraph("It does not use the scene and the weights named above.", "muted");
    }
    html += paragraph(report.finding);
    if (!report.condition.empty()) {
        html += fmt::format("<p><span class=\"{}\">{}</span> <span class=\"muted\">{}</span></p>\n",
                            class_of(report.agreement), escaped_markup(sentence_of(report)),
                            escaped_markup(condition_of(report)));
    }
    html += "<div class=\"figures\">\n";
    for (const ExperimentPlot& plot : report.plots) {
        html += fmt::format("<figure class=\"plot\">{}</figure>\n", inline_svg(plot));
    }
    html += "</div>\n<div class=\"figures\">\n";
    for (const ExperimentImage& one : report.images) {
        LACT_TRY(const std::string figure, figure_of(one));
        html += figure;
    }
    html += "</div>\n";
    // Long tables of single layers and heads fold.
    constexpr std::size_t short_table = 16;
    for (const ExperimentTable& table : report.tables) {
        html += table.rows.size() <= short_table
                    ? data_table(table)
                    : fmt::format("<details><summary>{}: {} rows</summary>\n{}</details>\n",
                                  escaped_markup(table.name), table.rows.size(), data_table(table));
    }
    html += "<details><summary>Notes and settings</summary>\n<ul>\n";
    for (const std::string& remark : report.remarks) {
        html += fmt::format("<li>{}</li>\n", escaped_markup(remark));
    }
    return html + "</ul>\n" + settings_table(own_settings(page, report)) + "</details>\n";
}

std::string summary_of(const ReportPage& page) {
    std::string html =
        "<div class=\"wide\"><table>\n<tr><th>experiment</th><th>this run</th><th>paper</th></tr>\n";
    for (const ReportEntry& entry : page.entries) {
        const bool measured = entry.problem.empty();
        const std::string verdict = measured ? escaped_markup(sentence_of(entry.report)) : "Not measured.";
        html += fmt::format("<tr><td><a href=\"#{}\">{}</a></td><td>{}</td><td class=\"{}\">{}</td></tr>\n",
                            escaped_markup(entry.report.id), escaped_markup(entry.title),
                            escaped_markup(measured ? entry.report.finding : entry.problem),
                            measured ? class_of(entry.report.agreement) : "open", verdict);
    }
    return html + "</table></div>\n";
}

}  // namespace

Result<std::string> report_html(const ReportPage& page) {
    std::string html = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, initial-scale=1\">\n<title>{0}</title>\n<style>{1}</style>\n</head>\n"
        "<body>\n<h1>{0}</h1>\n",
        escaped_markup(page.title), style);
    html += paragraph(
        fmt::format("Measured by {}. \"Paper\" is arXiv 2602.21204, \"Test-Time Training with KV Binding Is "
                    "Secretly Linear Attention\". Its models are larger and trained on other data; every "
                    "section says what is compared.",
                    page.program),
        "muted");
    html += settings_table(page.settings);
    html += summary_of(page);
    for (const ReportEntry& entry : page.entries) {
        LACT_TRY(const std::string section, section_of(page, entry));
        html += section;
    }
    return html + "</body>\n</html>\n";
}

}  // namespace lact::app
