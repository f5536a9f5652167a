#include "app/panels/photo_grid.h"
#include "app/panels/signed_colour.h"
#include "app/panels/weights_looks.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

namespace lact::app {

void RatesLook::draw(window::PanelContext& context, const PanelServices& services) {
    const Published& now = *services.published;
    const auto answer = services.questions->ask("weights.rates", AskRates{services.view->place()});
    shown_ = answer;
    const TokenRates* rates = answer ? answer->get<TokenRates>() : nullptr;
    if (rates == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s", answer ? answer->problem.c_str() : "...");
        return;
    }
    const auto which = services.view->matrix.which;
    const auto& values = which == FastMatrix::w0   ? rates->w0
                         : which == FastMatrix::w1 ? rates->w1
                                                   : rates->w2;
    const PatchGrid grid = patch_grid(now);
    if (grid.cells() == 0 || values.size() != grid.cells() * now.scene->inputs.size()) {
        return;  // an answer about another choice of photos
    }
    const auto [low, high] = std::ranges::minmax(values);
    ImGui::TextColored(context.colours.muted, "learned rate of each token: %.3g to %.3g%s", low, high,
                       rates->used ? "" : " (this rule does not use them)");
    window::tip(context,
                "How much each token counts in the gradient of the chosen matrix (softplus of a linear "
                "layer). Stronger colour: a larger rate.");
    const auto paint = [&, low = low, high = high](std::size_t input, const window::Rect& rect) {
        std::vector<double> above(grid.cells());
        std::ranges::transform(std::span(values).subspan(input * grid.cells(), grid.cells()), above.begin(),
                               [low](double rate) { return rate - low; });
        paint_signed(*ImGui::GetWindowDrawList(), rect, above, grid.columns, std::max(1e-12, high - low), 1);
    };
    const auto describe = [&](const InputPatch& patch) {
        const auto cell = static_cast<std::size_t>(patch.at.row * grid.columns + patch.at.column);
        ImGui::Text("photo %zu, patch %d, %d: rate %.5g", now.scene->inputs[patch.input], patch.at.column,
                    patch.at.row, values[patch.input * grid.cells() + cell]);
    };
    draw_input_photos(context, services, textures_, /*per_line=*/2, paint, describe);
}

PanelData RatesLook::data() const {
    const TokenRates* rates = shown_ ? shown_->get<TokenRates>() : nullptr;
    if (rates == nullptr) {
        return {};
    }
    std::vector<double> values;
    for (std::size_t i = 0; i < rates->w1.size(); ++i) {
        values.insert(values.end(), {rates->w0.at(i), rates->w1[i], rates->w2.at(i)});
    }
    return {make_table("rates", {"w0", "w1", "w2"}, values)};
}

}  // namespace lact::app
