#include "app/panels/training_panel.h"

#include "app/window/widgets.h"

#include <algorithm>

#include <fmt/format.h>
#include <implot.h>

namespace lact::app {
namespace {

void plot(const char* name, const std::vector<CurvePoint>& curve) {
    if (!curve.empty()) {
        ImPlotSpec spec;
        spec.Stride = sizeof(CurvePoint);
        ImPlot::PlotLine(name, &curve.front().step, &curve.front().value, static_cast<int>(curve.size()),
                         spec);
    }
}

}  // namespace

void TrainingPanel::draw(window::PanelContext& context) {
    const auto run = watch_->view();
    if (!run) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(
            context.colours.muted,
            "Weights are trained by the command\n\n  lactscope train --config "
            "assets/train/nano64.json -o runs/mine\n\nOpen or drop the folder of a run here to "
            "watch it: its curves and its newest pictures, while it runs or after.");
        ImGui::PopTextWrapPos();
        return;
    }
    ImGui::PushFont(context.fonts.bold, 0);
    ImGui::TextUnformatted(run->name.c_str());
    ImGui::PopFont();
    window::tip(context, run->folder.string());
    ImGui::SameLine();
    ImGui::TextColored(context.colours.muted, "%s, %s", run->state.c_str(), run->device.c_str());
    const float share =
        run->steps > 0 ? static_cast<float>(run->steps_done) / static_cast<float>(run->steps) : 0.0F;
    ImGui::ProgressBar(share, {-1, 0}, fmt::format("step {} of {}", run->steps_done, run->steps).c_str());
    ImGui::TextColored(context.colours.muted, "%.1f scenes/s, %.2f hours", run->scenes_per_second,
                       run->hours);
    draw_curves(context, *run);
    draw_sheet(context, *run);
}

void TrainingPanel::draw_curves(window::PanelContext& context, const TrainingView& run) {
    const float height = std::max(160 * context.scale, ImGui::GetContentRegionAvail().y * 0.4F);
    if (!ImPlot::BeginPlot("##curves", {-1, height}, ImPlotFlags_NoMouseText)) {
        return;
    }
    ImPlot::SetupAxes("step", "PSNR, dB", ImPlotAxisFlags_AutoFit, ImPlotAxisFlags_AutoFit);
    ImPlot::SetupLegend(ImPlotLocation_SouthEast);
    plot("training batches", run.train_psnr);
    plot("held out, averaged weights", run.held_out);
    plot("nearest input view", run.nearest_view);
    ImPlot::EndPlot();
    window::tip(
        context,
        "Held out: generated objects that are never trained on, 8 input views each. Nearest input view: "
        "what showing the nearest photo would give.");
}

void TrainingPanel::draw_sheet(window::PanelContext& context, const TrainingView& run) {
    if (!run.sheet) {
        return;
    }
    if (run.sheet != shown_sheet_ && context.canvas.upload(sheet_, *run.sheet)) {
        shown_sheet_ = run.sheet;
    }
    if (!sheet_) {
        return;
    }
    ImGui::TextColored(context.colours.muted, "%s: truth and prediction", run.sheet_name.c_str());
    const ImVec2 space = ImGui::GetContentRegionAvail();
    const float scale = space.x / static_cast<float>(sheet_.width());
    const ImVec2 corner = ImGui::GetCursorScreenPos();
    const ImVec2 size{space.x, scale * static_cast<float>(sheet_.height())};
    ImGui::Dummy(size);
    context.canvas.draw_picture(*ImGui::GetWindowDrawList(), sheet_,
                                {corner, {corner.x + size.x, corner.y + size.y}}, window::Filter::bicubic);
}

PanelData TrainingPanel::data() const {
    const auto run = watch_->view();
    PanelData data;
    if (!run) {
        return data;
    }
    for (const auto& [name, curve] :
         {std::pair{"train_psnr", &run->train_psnr}, std::pair{"held_out_psnr", &run->held_out},
          std::pair{"nearest_view_psnr", &run->nearest_view},
          std::pair{"learning_rate", &run->learning_rate}}) {
        std::vector<double> values;
        for (const CurvePoint& point : *curve) {
            values.insert(values.end(), {point.step, point.value});
        }
        if (!values.empty()) {
            data.push_back(make_table(name, {"step", "value"}, values));
        }
    }
    return data;
}

}  // namespace lact::app
