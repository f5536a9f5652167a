#include "app/program/view_state.h"

#include "app/core/actions.h"
#include "app/core/log.h"

#include <fmt/format.h>

namespace lact::app {

void PanelServices::run(std::string_view id, const nlohmann::json& with) const {
    if (const auto done = actions->run(id, with); !done) {
        log->add(done.error());
    }
}

std::string ViewState::times(double milliseconds) const {
    return show_times ? fmt::format("{:.0f} ms", milliseconds) : std::string();
}

}  // namespace lact::app
