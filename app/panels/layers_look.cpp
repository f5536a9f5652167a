#include "app/panels/weights_looks.h"
#include "app/window/widgets.h"

#include <fmt/format.h>
#include <implot.h>

namespace lact::app {
namespace {

void plot_changes(const std::vector<MatrixNorms>& norms, int head) {
    static constexpr std::array<const char*, 3> names = {"W0", "W1", "W2"};
    for (std::size_t which = 0; which < names.size(); ++which) {
        std::vector<double> shares;
        for (const MatrixNorms& one : norms) {
            if (one.place.head == head && static_cast<std::size_t>(one.which) == which) {
                shares.push_back(one.initial > 0 ? one.change / one.initial : 0);
            }
        }
        if (!shares.empty()) {
            ImPlotSpec spec;
            spec.Marker = ImPlotMarker_Circle;
            ImPlot::PlotLine(names.at(which), shares.data(), static_cast<int>(shares.size()), 1, 0, spec);
        }
    }
}

std::shared_ptr<const Matrix> as_matrix(const LayerCosines& cosines) {
    auto matrix = std::make_shared<Matrix>();
    matrix->rows = matrix->columns = static_cast<int>(cosines.size());
    for (const auto& row : cosines) {
        for (const double value : row) {
            matrix->values.push_back(static_cast<float>(value));
        }
    }
    return matrix;
}

}  // namespace

void LayersLook::draw(window::PanelContext& context, const PanelServices& services) {
    const MatrixKey& key = services.view->matrix;
    const auto norms = services.questions->ask("weights.norms", AskNorms{});
    const auto cosines = services.questions->ask("weights.cosines", AskLayerCosines{key.head, key.which});
    norms_ = norms;
    const float height = ImGui::GetContentRegionAvail().y * 0.45F;
    if (ImPlot::BeginPlot("##changes", {-1, height}, ImPlotFlags_NoMouseText)) {
        ImPlot::SetupAxes("layer", "|change| / |initial|", ImPlotAxisFlags_AutoFit, ImPlotAxisFlags_AutoFit);
        if (const auto* all = norms ? norms->get<std::vector<MatrixNorms>>() : nullptr) {
            plot_changes(*all, key.head);
        }
        ImPlot::EndPlot();
    }
    window::tip(context, "Frobenius norm of what the photos changed, of that of the initial matrix.");
    if (cosines && cosines != shown_ && cosines->get<LayerCosines>() != nullptr) {
        shown_ = cosines;
        cosines_.show(as_matrix(*cosines->get<LayerCosines>()), context);
    }
    ImGui::TextColored(context.colours.muted, "cosine between the changes of layers");
    window::tip(context,
                "1 on the diagonal; near 0: different layers learn unlike things from the same photos.");
    MatrixView::Style style;
    style.name = "cosine between layers";
    style.rows = "layer";
    style.columns = "layer";
    cosines_.draw(context, "cosines", ImGui::GetContentRegionAvail(), style);
}

PanelData LayersLook::data() const {
    PanelData data;
    if (const auto* norms = norms_ ? norms_->get<std::vector<MatrixNorms>>() : nullptr) {
        std::vector<double> values;
        for (const MatrixNorms& one : *norms) {
            values.insert(values.end(),
                          {static_cast<double>(one.place.layer), static_cast<double>(one.place.head),
                           static_cast<double>(one.which), one.initial, one.updated, one.change});
        }
        data.push_back(
            make_table("norms", {"layer", "head", "matrix", "initial", "updated", "change"}, values));
    }
    if (cosines_.shown()) {
        const Matrix& cosines = *cosines_.shown();
        data.push_back(
            make_matrix("cosines", cosines.columns, {cosines.values.begin(), cosines.values.end()}));
    }
    return data;
}

}  // namespace lact::app
