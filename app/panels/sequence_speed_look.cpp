// The sequence panel: how many tokens a second this machine takes in either form, measured on demand.
#include "app/core/actions.h"
#include "app/panels/sequence_panel.h"
#include "app/window/icons.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <implot.h>

namespace lact::app {

void SequencePanel::draw_speed(window::PanelContext& context) {
    const int measurement = services_.view->sequence.measurement;
    bool measuring = false;
    if (measurement > 0) {
        const AskSequenceSpeed wish{measurement};
        const bool known = speeds_ && same(speeds_->question, Question(wish));
        if (!known) {  // once answered it is not asked again: a new state would repeat it
            const auto answer = services_.questions->ask("sequence.speed", wish);
            if (answer && same(answer->question, Question(wish))) {
                speeds_ = answer;
            } else {
                measuring = true;
            }
        }
    }
    if (window::button(
            context, fmt::format("{} Measure", window::icon::gauge).c_str(),
            "Times both forms in turns on this machine, for some seconds. Frames wait no longer than "
            "for one answer; a moved camera begins it anew.",
            measuring ? "it is being measured" : "")) {
        services_.run("sequence.measure");
    }
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%s", measuring ? "measuring ..." : "");
    ImGui::PushTextWrapPos(0);
    ImGui::TextColored(context.colours.muted,
                       "The TTT operation alone on random tokens, 4 heads of 64, chunks of 512, fp32, "
                       "Newton-Schulz in bf16. In full: lactscope bench sequence.");
    ImGui::PopTextWrapPos();
    if (const SequenceSpeeds* now = speeds()) {
        draw_rates(context, *now);
    } else if (speeds_) {
        ImGui::TextColored(context.colours.error, "%s", speeds_->problem.c_str());
    }
}

void SequencePanel::draw_rates(window::PanelContext& context, const SequenceSpeeds& speeds) {
    if (speeds.empty()) {
        return;
    }
    std::int64_t longest = 0;
    for (const SequenceSpeed& one : speeds) {
        longest = std::max(longest, one.length);
    }
    std::vector<double> rates(2 * static_cast<std::size_t>(table2_rows), 0.0);
    for (const SequenceSpeed& one : speeds) {
        if (one.length == longest) {
            const auto row = static_cast<std::size_t>(one.row);
            rates[row] = one.recurrent_rate() / 1e3;
            rates[table2_rows + row] = one.parallel_rate().value_or(0) / 1e3;
        }
    }
    ImGui::TextColored(context.colours.muted, "%s, %lld tokens", speeds.front().device.c_str(),
                       static_cast<long long>(longest));
    const float height = std::max(160 * context.scale, ImGui::GetContentRegionAvail().y * 0.4F);
    if (ImPlot::BeginPlot("##rates", {-1, height}, ImPlotFlags_NoMouseText)) {
        static constexpr std::array<const char*, 2> names = {"recurrent", "parallel"};
        static constexpr std::array<double, table2_rows> ticks = {0, 1, 2, 3, 4, 5, 6};
        static constexpr std::array<const char*, table2_rows> rows = {"Base", "1", "2", "3", "4", "5", "6"};
        ImPlot::SetupAxes("variant", "thousand tokens/s", ImPlotAxisFlags_AutoFit, ImPlotAxisFlags_AutoFit);
        ImPlot::SetupAxisTicks(ImAxis_X1, ticks.data(), table2_rows, rows.data());
        ImPlot::SetupLegend(ImPlotLocation_NorthWest);
        ImPlot::PlotBarGroups(names.data(), rates.data(), 2, table2_rows, 0.7);
        ImPlot::EndPlot();
    }
    if (!ImGui::BeginTable("figures", 5, ImGuiTableFlags_RowBg | ImGuiTableFlags_SizingStretchProp)) {
        return;
    }
    for (const char* head : {"rule", "tokens", "recurrent", "parallel", "ratio"}) {
        ImGui::TableSetupColumn(head);
    }
    ImGui::TableHeadersRow();
    for (const SequenceSpeed& one : speeds) {
        const auto rate = one.parallel_rate();
        for (const std::string& text : {table2_name(one.row), fmt::format("{}", one.length),
                                        fmt::format("{:.1f} k/s", one.recurrent_rate() / 1e3),
                                        rate ? fmt::format("{:.1f} k/s", *rate / 1e3) : std::string("none"),
                                        one.ratio ? fmt::format("{:.2f}", *one.ratio) : std::string()}) {
            ImGui::TableNextColumn();
            ImGui::TextUnformatted(text.c_str());
        }
    }
    ImGui::EndTable();
}

}  // namespace lact::app
