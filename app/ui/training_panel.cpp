#include "app/ui/training_panel.h"

#include "app/commands/parameter_table.h"
#include "app/ui/theme.h"
#include "app/ui/widgets.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>
#include <implot.h>

namespace lact::app {

namespace {

/// The horizontal coordinate for a value of the parameter training.axis.
const double* horizontal(const CurvePoint& point, const std::string& axis) {
    return axis == "hours" ? &point.hours : axis == "scenes" ? &point.scenes : &point.step;
}

void plot(const std::string& name, const std::vector<CurvePoint>& curve, const std::string& axis,
          const ImVec4& color, float weight) {
    if (curve.empty()) {
        return;
    }
    ImPlotSpec spec;
    spec.Stride = sizeof(CurvePoint);
    spec.LineColor = color;
    spec.LineWeight = weight;
    ImPlot::PlotLine(name.c_str(), horizontal(curve.front(), axis), &curve.front().value,
                     static_cast<int>(curve.size()), spec);
}

ImVec4 fainter(ImVec4 color, float alpha) {
    color.w *= alpha;
    return color;
}

}  // namespace

void TrainingPanel::draw(PanelContext& context) {
    const TrainingWatch::Views runs = services_.snapshot.training();
    if (runs.empty()) {
        ImGui::PushTextWrapPos(0);
        ImGui::TextColored(
            context.colours.muted,
            "No training run is open. Train weights with\n\n  lactscope train --config "
            "assets/train/vehicles.json -o runs/mine\n\nThen open or drop the folder of the run to see its "
            "curves and newest renderings, during training or later. Open several runs to compare them.");
        ImGui::PopTextWrapPos();
        return;
    }
    for (const auto& run : runs) {
        ImGui::PushID(run->folder.c_str());
        draw_run(context, *run, label_of(*run, runs));
        ImGui::PopID();
    }
    draw_choices(context);
    draw_curves(context, runs);
    draw_sheets(context, runs);
}

void TrainingPanel::draw_run(PanelContext& context, const TrainingView& run, const std::string& label) {
    const std::string folder = run.folder.string();
    Flow flow;
    if (flow.button(context, icon::cross, "Close this run. Its files stay.")) {
        services_.dispatch->run(CloseTraining{folder});
    }
    bool follows = services_.document->training.follow == folder;
    if (flow.checkbox(context, "Follow", follows,
                      "Load the newest weights of this run whenever the run writes some.")) {
        services_.dispatch->run(FollowTraining{follows ? folder : std::string()});
    }
    ImGui::PushTextWrapPos(0);
    ImGui::PushFont(context.fonts.bold, 0);
    flow.next(ImGui::CalcTextSize(run.name.c_str()).x);
    ImGui::TextUnformatted(run.name.c_str());
    ImGui::PopFont();
    tip(context, folder);
    const std::string last =
        run.held_out.empty() ? "" : fmt::format(", held-out PSNR {:.2f} dB", run.held_out.back().value);
    const std::string line =
        fmt::format("{}: step {} of {}, {}, {}, {:.1f} scenes/s, {:.2f} hours{}", label, run.steps_done,
                    run.steps, run.state, run.device, run.scenes_per_second, run.hours, last);
    flow.next(ImGui::CalcTextSize(line.c_str()).x);
    ImGui::TextColored(context.colours.muted, "%s", line.c_str());
    ImGui::PopTextWrapPos();
    const float share =
        run.steps > 0 ? static_cast<float>(run.steps_done) / static_cast<float>(run.steps) : 0.0F;
    ImGui::ProgressBar(share, {-1, 4 * context.scale}, "");
}

void TrainingPanel::draw_choices(PanelContext& context) {
    Flow flow;
    flow.next(0);
    ImGui::AlignTextToFramePadding();
    ImGui::TextColored(context.colours.muted, "Horizontal axis");
    for (const char* axis : {"step", "scenes", "hours"}) {
        if (flow.radio(context, axis, services_.document->training.axis == axis)) {
            services_.dispatch->set("training.axis", axis);
        }
    }
}

void TrainingPanel::draw_curves(PanelContext& context, const TrainingWatch::Views& runs) {
    const float height = std::max(160 * context.scale, ImGui::GetContentRegionAvail().y * 0.4F);
    const std::string& axis = services_.document->training.axis;
    if (!ImPlot::BeginPlot("##curves", {-1, height}, ImPlotFlags_NoMouseText)) {
        return;
    }
    ImPlot::SetupAxes(axis.c_str(), "PSNR, dB", ImPlotAxisFlags_AutoFit, ImPlotAxisFlags_AutoFit);
    ImPlot::SetupLegend(ImPlotLocation_East, ImPlotLegendFlags_Outside);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const TrainingView& run = *runs[i];
        const ImVec4 color = ImPlot::GetColormapColor(static_cast<int>(i));
        const std::string name = runs.size() == 1 ? std::string() : fmt::format("{}: ", label_of(run, runs));
        plot(name + "held out (averaged weights)", run.held_out, axis, color, 2.5F * context.scale);
        plot(name + "training batches", run.train_psnr, axis, fainter(color, 0.5F), 1.0F * context.scale);
        plot(name + "nearest input view", run.nearest_view, axis, fainter(color, 0.3F), 1.0F * context.scale);
    }
    ImPlot::EndPlot();
    tip(context,
        "Held out: PSNR on generated worlds outside the training data, 8 input views each. Nearest input "
        "view: PSNR of the nearest input photo shown in place of a rendering.");
}

void TrainingPanel::draw_sheets(PanelContext& context, const TrainingWatch::Views& runs) {
    std::erase_if(sheets_, [&](const auto& entry) {
        return std::ranges::none_of(runs, [&](const auto& run) { return run->folder == entry.first; });
    });
    const float space = ImGui::GetContentRegionAvail().x;
    const auto columns = static_cast<float>(std::min<std::size_t>(runs.size(), 2));
    const float width = (space - (columns - 1) * ImGui::GetStyle().ItemSpacing.x) / columns;
    std::size_t drawn = 0;
    for (const auto& run : runs) {
        Sheet& sheet = sheets_[run->folder];
        if (!run->sheet ||
            (run->sheet != sheet.image && !context.canvas.upload(sheet.texture, *run->sheet))) {
            continue;
        }
        sheet.image = run->sheet;
        if (drawn++ % static_cast<std::size_t>(columns) != 0) {
            ImGui::SameLine();
        }
        ImGui::BeginGroup();
        ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + width);
        ImGui::TextColored(context.colours.muted, "%s, %s: ground truth, rendering",
                           label_of(*run, runs).c_str(), run->sheet_name.c_str());
        ImGui::PopTextWrapPos();
        const float scale = width / static_cast<float>(sheet.texture.width());
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        const ImVec2 size{width, scale * static_cast<float>(sheet.texture.height())};
        ImGui::Dummy(size);
        context.canvas.draw_image(*ImGui::GetWindowDrawList(), sheet.texture,
                                  {corner, {corner.x + size.x, corner.y + size.y}}, gfx::Filter::bicubic);
        ImGui::EndGroup();
    }
}

PanelData TrainingPanel::data() const {
    PanelData data;
    const TrainingWatch::Views runs = services_.snapshot.training();
    for (const auto& run : runs) {
        const std::string prefix = runs.size() == 1 ? std::string() : label_of(*run, runs) + ".";
        for (const auto& [name, curve] :
             {std::pair{"train_psnr", &run->train_psnr}, std::pair{"held_out_psnr", &run->held_out},
              std::pair{"nearest_view_psnr", &run->nearest_view},
              std::pair{"learning_rate", &run->learning_rate}}) {
            std::vector<double> values;
            for (const CurvePoint& point : *curve) {
                values.insert(values.end(), {point.step, point.scenes, point.hours, point.value});
            }
            if (!values.empty()) {
                data.push_back(make_table(prefix + name, {"step", "scenes", "hours", "value"}, values));
                data.back().of_open_state = false;
                data.back().about = {{"run", run->folder.string()}, {"name", run->name}};
            }
        }
    }
    return data;
}

}  // namespace lact::app
