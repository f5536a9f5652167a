#include "app/ui/experiment_plot_view.h"

#include "app/figures/experiment_plot.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include <fmt/format.h>
#include <implot.h>

namespace lact::app {

namespace {

constexpr double bar_group = 0.8;  ///< Width of the bars of one tick, of the distance of two.

ImVec4 colour_of_series(std::size_t series) {
    const Ink& ink = series_ink(series);
    return {static_cast<float>(ink[0]) / 255.0F, static_cast<float>(ink[1]) / 255.0F,
            static_cast<float>(ink[2]) / 255.0F, 1};
}

std::size_t points_of(const ExperimentSeries& series) {
    return std::min(series.x.size(), series.y.size());
}

double bar_width(const ExperimentPlot& plot) {
    return bar_group / static_cast<double>(std::max<std::size_t>(plot.series.size(), 1));
}

/// The middle of a bar: those of one tick stand side by side.
double bar_place(const ExperimentPlot& plot, std::size_t series, double x) {
    return x - bar_group / 2 + bar_width(plot) * (static_cast<double>(series) + 0.5);
}

/// The name of a value on the horizontal axis.
std::string name_of_x(const ExperimentPlot& plot, double x) {
    const bool named = plot.kind == PlotKind::bars && x >= 0 && x < static_cast<double>(plot.ticks.size());
    return named ? plot.ticks[static_cast<std::size_t>(x)] : fmt::format("{:.4g}", x);
}

ImPlotMarker marker_of(std::size_t series) {
    switch (series_mark(series)) {
        case SeriesMark::square:
            return ImPlotMarker_Square;
        case SeriesMark::plus:
            return ImPlotMarker_Plus;
        case SeriesMark::disc:
            break;
    }
    return ImPlotMarker_Circle;
}

/// The mark of a series in the legend, within a square.
void draw_legend_mark(const ExperimentPlot& plot, std::size_t series, ImVec2 corner, float side) {
    ImDrawList& list = *ImGui::GetWindowDrawList();
    const ImU32 colour = ImGui::ColorConvertFloat4ToU32(colour_of_series(series));
    const SeriesMark mark = plot.kind == PlotKind::bars ? SeriesMark::square : series_mark(series);
    const ImVec2 middle{corner.x + side / 2, corner.y + side / 2};
    if (mark == SeriesMark::disc) {
        list.AddCircleFilled(middle, side / 2, colour);
    } else if (mark == SeriesMark::square) {
        list.AddRectFilled(corner, {corner.x + side, corner.y + side}, colour);
    } else {
        list.AddLine({corner.x, middle.y}, {corner.x + side, middle.y}, colour, side / 4);
        list.AddLine({middle.x, corner.y}, {middle.x, corner.y + side}, colour, side / 4);
    }
}

/// The labels of the bars of a plot in the room that is left for it.
TickLabels labels_in_window(const ExperimentPlot& plot) {
    if (plot.kind != PlotKind::bars || plot.ticks.empty()) {
        return {};
    }
    const float axis = 5 * ImGui::GetFontSize();  // The numbers on the left.
    const float room = (ImGui::GetContentRegionAvail().x - axis) / static_cast<float>(plot.ticks.size());
    return tick_labels(plot.ticks, room, [](const std::string& text) {
        return ImGui::CalcTextSize(text.c_str()).x + ImGui::GetFontSize() / 4;
    });
}

/// What the labels of the ticks stand for, as one wrapped line.
void draw_tick_legend(const PanelContext& context, const TickLabels& ticks) {
    Flow flow(ImGui::GetFontSize());
    for (const std::string& line : ticks.legend) {
        flow.next(ImGui::CalcTextSize(line.c_str()).x);
        ImGui::TextColored(context.colours.muted, "%s", line.c_str());
    }
}

/// Names of the series in their colours, as one wrapped line.
void draw_plot_legend(const ExperimentPlot& plot) {
    Flow flow(ImGui::GetFontSize());
    for (std::size_t i = 0; i < plot.series.size(); ++i) {
        const std::string& name = plot.series[i].name;
        if (name.empty()) {
            continue;
        }
        const float side = ImGui::GetFontSize() * 0.55F;
        const float gap = ImGui::GetStyle().ItemInnerSpacing.x;
        const float height = ImGui::GetTextLineHeight();
        const float width = side + gap + ImGui::CalcTextSize(name.c_str()).x;
        flow.next(width);
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        ImGui::Dummy({width, height});
        draw_legend_mark(plot, i, {corner.x, corner.y + (height - side) / 2}, side);
        ImGui::GetWindowDrawList()->AddText({corner.x + side + gap, corner.y},
                                            ImGui::GetColorU32(ImGuiCol_Text), name.c_str());
    }
}

}  // namespace

std::optional<std::string> ExperimentPlotView::draw(PanelContext& context, const ExperimentPlot& plot,
                                                    bool fit, bool same_tokens) {
    ImGui::TextWrapped("%s", plot.title.c_str());
    draw_plot_legend(plot);
    const TickLabels ticks = labels_in_window(plot);
    const float width = ImGui::GetContentRegionAvail().x;
    const float height = std::min(width * (plot.kind == PlotKind::points ? 0.8F : 0.6F), 300 * context.scale);
    if (fit) {
        ImPlot::SetNextAxesToFit();
    }
    if (!ImPlot::BeginPlot("##plot", {-1, height}, ImPlotFlags_NoMouseText | ImPlotFlags_NoLegend)) {
        return std::nullopt;
    }
    set_axes(plot, ticks);
    draw_series(context, plot);
    const auto at = ImPlot::IsPlotHovered() ? under_pointer(context, plot) : std::nullopt;
    ImPlot::EndPlot();
    draw_tick_legend(context, ticks);
    if (!at) {
        return std::nullopt;
    }
    draw_tooltip(context, plot, *at, same_tokens);
    const bool clicked = plot.kind == PlotKind::bars && ImGui::IsMouseClicked(ImGuiMouseButton_Left);
    const ExperimentSeries& series = plot.series[at->series];
    return clicked ? std::optional(fmt::format("{}, {}", series.name, name_of_x(plot, series.x[at->point])))
                   : std::nullopt;
}

void ExperimentPlotView::set_axes(const ExperimentPlot& plot, const TickLabels& ticks) {
    constexpr std::size_t most_named = 12;
    ImPlot::SetupAxes(plot.x_label.c_str(), plot.y_label.c_str());
    std::vector<double> places;
    std::vector<std::string> names;
    if (plot.kind == PlotKind::bars) {
        // Where a label is short or missing, the pointer shows the name.
        names = ticks.texts;
        for (std::size_t i = 0; i < names.size(); ++i) {
            places.push_back(static_cast<double>(i));
        }
    } else if (plot.x_logarithmic) {
        ImPlot::SetupAxisScale(ImAxis_X1, ImPlotScale_Log10);
        std::set<double> values;
        for (const ExperimentSeries& one : plot.series) {
            values.insert(one.x.begin(), one.x.end());
        }
        if (values.size() <= most_named) {
            places.assign(values.begin(), values.end());
            names = labels_of_numbers(places);
        }
    }
    if (!places.empty()) {
        std::vector<const char*> texts;
        std::ranges::transform(names, std::back_inserter(texts), &std::string::c_str);
        ImPlot::SetupAxisTicks(ImAxis_X1, places.data(), static_cast<int>(places.size()), texts.data());
    }
}

void ExperimentPlotView::draw_series(PanelContext& context, const ExperimentPlot& plot) {
    for (std::size_t i = 0; i < plot.series.size(); ++i) {
        const ExperimentSeries& one = plot.series[i];
        const int count = static_cast<int>(points_of(one));
        const std::string id = fmt::format("{}##{}", one.name, i);
        ImPlotSpec spec;
        spec.LineColor = colour_of_series(i);
        spec.FillColor = spec.LineColor;
        spec.MarkerFillColor = spec.LineColor;
        spec.MarkerLineColor = spec.LineColor;
        if (plot.kind == PlotKind::bars) {
            std::vector<double> places;
            std::ranges::transform(one.x, std::back_inserter(places),
                                   [&](double x) { return bar_place(plot, i, x); });
            ImPlot::PlotBars(id.c_str(), places.data(), one.y.data(), count, bar_width(plot) * 0.92, spec);
            continue;
        }
        spec.Marker = marker_of(i);
        if (plot.kind == PlotKind::lines) {
            spec.LineWeight = 2 * context.scale;
            spec.MarkerSize = 3 * context.scale;
            ImPlot::PlotLine(id.c_str(), one.x.data(), one.y.data(), count, spec);
        } else {
            spec.MarkerSize = 2.2F * context.scale;
            spec.FillAlpha = 0.8F;
            ImPlot::PlotScatter(id.c_str(), one.x.data(), one.y.data(), count, spec);
        }
    }
}

/// The bar, or the nearest point within a few points of the screen.
std::optional<ExperimentPlotView::At> ExperimentPlotView::under_pointer(const PanelContext& context,
                                                                        const ExperimentPlot& plot) {
    const ImPlotPoint pointer = ImPlot::GetPlotMousePos();
    const ImVec2 mouse = ImGui::GetMousePos();
    const float reach = 10 * context.scale;
    float nearest = reach * reach;
    std::optional<At> found;
    for (std::size_t i = 0; i < plot.series.size(); ++i) {
        const ExperimentSeries& one = plot.series[i];
        for (std::size_t k = 0; k < points_of(one); ++k) {
            if (plot.kind == PlotKind::bars) {
                if (std::abs(pointer.x - bar_place(plot, i, one.x[k])) <= bar_width(plot) / 2) {
                    return At{i, k};
                }
                continue;
            }
            const ImVec2 at = ImPlot::PlotToPixels(one.x[k], one.y[k]);
            const float distance = (at.x - mouse.x) * (at.x - mouse.x) + (at.y - mouse.y) * (at.y - mouse.y);
            if (distance < nearest) {  // False for what is not finite.
                nearest = distance;
                found = At{i, k};
            }
        }
    }
    return found;
}

void ExperimentPlotView::draw_tooltip(PanelContext& context, const ExperimentPlot& plot, At at,
                                      bool same_tokens) {
    if (!ImGui::BeginTooltip()) {
        return;
    }
    const ExperimentSeries& series = plot.series[at.series];
    if (!series.name.empty()) {
        ImGui::TextColored(colour_of_series(at.series), "%s", series.name.c_str());
    }
    if (plot.kind != PlotKind::points) {
        ImGui::Text("%s %s: %.5g", plot.kind == PlotKind::bars ? "" : plot.x_label.c_str(),
                    name_of_x(plot, series.x[at.point]).c_str(), series.y[at.point]);
    }
    if (at.point < series.tokens.size()) {
        const ExperimentToken& token = series.tokens[at.point];
        const std::string where =
            token.view < 0 ? std::string("target camera") : fmt::format("view {}", token.view);
        ImGui::Text("%s, patch %d, %d", where.c_str(), token.column, token.row);
        if (same_tokens && token.view >= 0) {
            draw_token(context, token);
        }
    }
    ImGui::EndTooltip();
}

/// The photo with its patch outlined, and the patch itself; the patch counts as hovered where it is an input.
void ExperimentPlotView::draw_token(PanelContext& context, const ExperimentToken& token) {
    const SceneSummary& scene = *services_.snapshot->scene;
    const PatchGrid grid = patch_grid(*services_.snapshot);
    const auto view = static_cast<std::size_t>(token.view);
    if (view >= scene.views.size() || token.column >= grid.columns || token.row >= grid.rows) {
        return;
    }
    const PatchAt at{token.column, token.row};
    if (const std::size_t place = scene.input_place(view); place > 0) {
        services_.document->selection.next_hovered_input = InputPatch{place - 1, at};
    }
    const gfx::Texture& photo = photos_.thumbnail(context.canvas, scene, view);
    if (!photo) {
        return;
    }
    const float height = 96 * context.scale;
    const float width = height * static_cast<float>(photo.width()) / static_cast<float>(photo.height());
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const float gap = ImGui::GetStyle().ItemSpacing.x;
    const gfx::Rect whole{corner, {corner.x + width, corner.y + height}};
    const gfx::Rect patch{{whole.max.x + gap, corner.y}, {whole.max.x + gap + height, whole.max.y}};
    ImGui::Dummy({width + gap + height, height});
    ImDrawList& list = *ImGui::GetWindowDrawList();
    context.canvas.draw_image(list, photo, whole, gfx::Filter::bicubic);
    const gfx::Rect marked = patch_rect(whole, grid, at);
    list.AddRect(marked.min, marked.max, ImGui::ColorConvertFloat4ToU32(context.colours.accent), 0,
                 2 * context.scale);
    const float cell_width = static_cast<float>(photo.width()) / static_cast<float>(grid.columns);
    const float cell_height = static_cast<float>(photo.height()) / static_cast<float>(grid.rows);
    context.canvas.draw_image(list, photo, patch, gfx::Filter::nearest,
                              {cell_width * static_cast<float>(at.column),
                               cell_height * static_cast<float>(at.row), cell_width, cell_height});
}

}  // namespace lact::app
