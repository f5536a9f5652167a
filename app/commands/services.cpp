#include "app/commands/services.h"

#include "app/commands/command_table.h"
#include "app/runtime/log.h"

namespace lact::app {

void PanelServices::run(std::string_view id, const nlohmann::json& with) const {
    if (const auto done = commands->run(id, with); !done) {
        log->add(done.error());
    }
}

}  // namespace lact::app
