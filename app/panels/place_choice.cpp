#include "app/panels/place_choice.h"

#include "app/core/parameters.h"
#include "app/window/widgets.h"

namespace lact::app {

void draw_place_choice(window::PanelContext& context, const PanelServices& services) {
    const ModelConfig& config = services.published->weights->config;
    int layer = services.view->matrix.layer;
    window::row_label(context, "Layer", "Which TTT layer: every block of the network has one.");
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##layer", &layer, 0, config.layers - 1)) {
        (void)services.parameters->set("matrix.layer", layer);
    }
    int head = services.view->matrix.head;
    window::row_label(context, "Head", "Each head has fast weights of its own.");
    ImGui::BeginDisabled(config.ttt_heads() < 2);
    ImGui::SetNextItemWidth(-1);
    if (ImGui::SliderInt("##head", &head, 0, config.ttt_heads() - 1)) {
        (void)services.parameters->set("matrix.head", head);
    }
    ImGui::EndDisabled();
}

}  // namespace lact::app
