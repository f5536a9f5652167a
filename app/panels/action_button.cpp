#include "app/panels/action_button.h"

#include "app/core/actions.h"

#include <string>

#include <fmt/format.h>

namespace lact::app {

void action_button(const window::PanelContext& context, const PanelServices& services, const char* id,
                   const char* label) {
    window::Flow alone;
    action_button(context, services, alone, id, label);
}

void action_button(const window::PanelContext& context, const PanelServices& services, window::Flow& flow,
                   const char* id, const char* label) {
    const Action* action = services.actions->find(id);
    if (action == nullptr) {
        return;
    }
    const std::string words =
        action->key.empty() ? action->tooltip : fmt::format("{} ({})", action->tooltip, action->key);
    const std::string why = action->disabled_because ? action->disabled_because() : "";
    if (flow.button(context, label, words, why)) {
        services.run(id);
    }
}

}  // namespace lact::app
