#include "app/panels/signed_colour.h"
#include "app/panels/weights_looks.h"
#include "app/window/widgets.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {

void RatesLook::draw(window::PanelContext& context, const PanelServices& services) {
    const Published& now = *services.published;
    const auto answer = services.questions->ask("weights.rates", AskRates{services.view->place()});
    const TokenRates* rates = answer ? answer->get<TokenRates>() : nullptr;
    if (rates == nullptr) {
        ImGui::TextColored(context.colours.muted, "%s", answer ? answer->problem.c_str() : "...");
        return;
    }
    const auto which = services.view->matrix.which;
    const auto& values = which == FastMatrix::w0   ? rates->w0
                         : which == FastMatrix::w1 ? rates->w1
                                                   : rates->w2;
    const auto& scene = *now.scene;
    const int columns = scene.size.width / now.weights->config.patch;
    const auto cells = static_cast<std::size_t>(columns) *
                       static_cast<std::size_t>(scene.size.height / now.weights->config.patch);
    if (cells == 0 || values.size() != cells * scene.inputs.size()) {
        return;  // an answer about another choice of photos
    }
    const auto [low, high] = std::ranges::minmax(values);
    ImGui::TextColored(context.colours.muted, "learned rate of each token: %.3g to %.3g%s", low, high,
                       rates->used ? "" : " (this rule does not use them)");
    window::tip(context,
                "How much each token counts in the gradient of the chosen matrix (softplus of a linear "
                "layer). Stronger colour: a larger rate.");
    const float gap = ImGui::GetStyle().ItemSpacing.x / 2;
    const float width = ImGui::GetContentRegionAvail().x;
    const float per_line = 2;
    const float side = (width - gap * (per_line - 1)) / per_line;
    for (std::size_t i = 0; i < scene.inputs.size(); ++i) {
        if (i % 2 != 0) {
            ImGui::SameLine(0, gap);
        }
        const ImVec2 corner = ImGui::GetCursorScreenPos();
        const float height =
            side * static_cast<float>(scene.size.height) / static_cast<float>(scene.size.width);
        ImGui::Dummy({side, height});
        const window::Rect rect{corner, {corner.x + side, corner.y + height}};
        ImDrawList& list = *ImGui::GetWindowDrawList();
        if (const auto& photo = textures_.thumbnail(context.canvas, scene, scene.inputs[i])) {
            context.canvas.draw_picture(list, photo, rect, window::Filter::bicubic);
        }
        std::vector<double> above(cells);
        std::ranges::transform(std::span(values).subspan(i * cells, cells), above.begin(),
                               [low = low](double rate) { return rate - low; });
        paint_signed(list, rect, above, columns, std::max(1e-12, high - low), 1);
        if (ImGui::IsItemHovered()) {
            ImGui::SetTooltip("photo %zu", scene.inputs[i]);
        }
    }
}

}  // namespace lact::app
