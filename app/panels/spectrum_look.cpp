#include "app/panels/weights_looks.h"
#include "app/window/widgets.h"

#include <fmt/format.h>
#include <implot.h>

namespace lact::app {
namespace {

void plot(const char* name, const std::vector<double>& values) {
    if (!values.empty()) {
        ImPlot::PlotLine(name, values.data(), static_cast<int>(values.size()));
    }
}

}  // namespace

void SpectrumLook::draw(window::PanelContext& context, const PanelServices& services) {
    const Place place = services.view->place();
    const auto answer = services.questions->ask("weights.spectra", AskSpectra{place});
    shown_ = answer;
    which_ = services.view->matrix.which;
    const auto* spectra = answer ? answer->get<std::array<MatrixSpectrum, 3>>() : nullptr;
    if (spectra == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s", answer ? answer->problem.c_str() : "...");
        return;
    }
    const MatrixSpectrum& one = spectra->at(static_cast<std::size_t>(services.view->matrix.which));
    if (window::begin_rows("ranks")) {
        window::row(context, "Effective rank", fmt::format("{:.1f} of the gradient", one.rank_gradient),
                    "exp of the entropy of sigma / sum(sigma): how many directions matter.");
        window::row(context, "", fmt::format("{:.1f} after Muon", one.rank_orthogonalized));
        window::row(context, "", fmt::format("{:.1f} of the change", one.rank_change));
        window::end_rows();
    }
    const ImVec2 space = ImGui::GetContentRegionAvail();
    if (ImPlot::BeginPlot("##spectrum", {space.x, space.y * 0.95F}, ImPlotFlags_NoMouseText)) {
        ImPlot::SetupAxes("index", "singular value", ImPlotAxisFlags_AutoFit, ImPlotAxisFlags_AutoFit);
        ImPlot::SetupAxisScale(ImAxis_Y1, ImPlotScale_Log10);
        ImPlot::SetupLegend(ImPlotLocation_SouthWest);
        plot("gradient G", one.gradient);
        plot("after Muon, M(G)", one.orthogonalized);
        plot("change of W", one.change);
        ImPlot::EndPlot();
    }
}

PanelData SpectrumLook::data() const {
    const auto* spectra = shown_ ? shown_->get<std::array<MatrixSpectrum, 3>>() : nullptr;
    if (spectra == nullptr) {
        return {};
    }
    const MatrixSpectrum& one = spectra->at(static_cast<std::size_t>(which_));
    PanelData data;
    for (const auto& [name, values] :
         {std::pair{"gradient", &one.gradient}, std::pair{"orthogonalized", &one.orthogonalized},
          std::pair{"change", &one.change}}) {
        if (!values->empty()) {
            data.push_back(make_table(name, {"singular_value"}, *values));
        }
    }
    data.push_back(make_table("effective_rank", {"gradient", "orthogonalized", "change"},
                              {one.rank_gradient, one.rank_orthogonalized, one.rank_change}));
    return data;
}

}  // namespace lact::app
