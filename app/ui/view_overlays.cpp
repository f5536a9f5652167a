#include "app/ui/view_overlays.h"

#include "app/figures/heat_image.h"
#include "app/ui/panel_widgets.h"
#include "app/ui/photo_grid.h"
#include "app/ui/signed_colour.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {

std::vector<double> brightness_change(const CausalAnswer& answer) {
    std::vector<double> change(answer.with.rgb.size() / 3);
    for (std::size_t i = 0; i < change.size(); ++i) {
        for (std::size_t c = 0; c < 3; ++c) {
            change[i] +=
                (static_cast<double>(answer.without.rgb[3 * i + c]) - answer.with.rgb[3 * i + c]) / 3;
        }
    }
    return change;
}

bool ViewOverlays::resting() const {
    const auto& rested = services_.document->rested;
    const auto& frame = services_.snapshot->frame;
    return rested && frame && *rested == frame->camera;
}

std::string ViewOverlays::draw(PanelContext& context, const gfx::Rect& rect) {
    if (!resting() || !services_.snapshot->scene || !services_.snapshot->weights) {
        return {};
    }
    return services_.document->selection.input() ? draw_reads(rect) : draw_causal(context, rect);
}

std::string ViewOverlays::draw_reads(const gfx::Rect& rect) {
    const Document& view = *services_.document;
    const auto input = view.selection.input();
    const auto& inputs = services_.snapshot->scene->inputs;
    const PatchGrid grid = patch_grid(*services_.snapshot);
    if (!input || input->input >= inputs.size() || input->at.column >= grid.columns ||
        input->at.row >= grid.rows) {
        return {};
    }
    const std::size_t token = input->input * grid.cells() +
                              static_cast<std::size_t>(input->at.row * grid.columns + input->at.column);
    const auto answer = services_.document->queries.ask(
        "view.token", TokenQuery{view.place(), token, *view.rested, view.muon_factor});
    const TokenDetail* detail = answer ? answer->get<TokenDetail>() : nullptr;
    if (detail == nullptr || !services_.document->queries.fresh("view.token") ||
        detail->reads.size() != grid.cells()) {
        return {};
    }
    const auto strongest = std::ranges::max_element(detail->reads, {}, [](double x) { return std::abs(x); });
    paint_signed(*ImGui::GetWindowDrawList(), rect, detail->reads, detail->columns,
                 std::max(1e-12, std::abs(*strongest)), 1);
    const auto at = static_cast<int>(strongest - detail->reads.begin());
    return fmt::format(
        "read from photo {}, patch {}, {}: strongest {:+.3f} at {}, {} (layer {}, head {}, {} side)",
        inputs[input->input], input->at.column, input->at.row, *strongest, at % detail->columns,
        at / detail->columns, view.place().layer, view.place().head, to_string(detail->factor));
}

std::string ViewOverlays::draw_causal(PanelContext& context, const gfx::Rect& rect) {
    const Document& view = *services_.document;
    const auto& inputs = services_.snapshot->scene->inputs;
    const auto place = view.without_photo ? std::ranges::find(inputs, *view.without_photo) : inputs.end();
    if (place == inputs.end() || inputs.size() < 2) {
        return {};
    }
    const auto input = static_cast<std::size_t>(place - inputs.begin());
    const auto answer =
        services_.document->queries.ask("view.without", WithoutViewQuery{input, *view.rested});
    const CausalAnswer* causal = answer ? answer->get<CausalAnswer>() : nullptr;
    if (causal == nullptr || !services_.document->queries.fresh("view.without")) {
        return fmt::format("without photo {} ...", *place);
    }
    if (painted_ != answer) {
        const Image8 shown = to_image8(causal->with);
        const auto change = brightness_change(*causal);
        if (context.canvas.upload(
                causal_, heat_over_photo(shown, change, shown.height, shown.width, ColourMap::diverging,
                                         largest_magnitude(change)))) {
            painted_ = answer;
        }
    }
    if (causal_) {
        context.canvas.draw_image(*ImGui::GetWindowDrawList(), causal_, rect, filter_of(view.filter));
    }
    return fmt::format(
        "without photo {}, by a real set-up: red gets brighter, blue darker; mean change {:.3f}, "
        "largest {:.3f}",
        *place, causal->mean_difference, causal->largest_difference);
}

}  // namespace lact::app
