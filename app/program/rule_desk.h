#pragma once

#include "app/core/parameters.h"
#include "app/program/desk.h"
#include "engine/core/error.h"

#include <optional>

namespace lact::app {

class EngineThread;

/// The update rule: presets, switches, text.
class RuleDesk : private Desk {
  public:
    RuleDesk(PanelServices services, EngineThread& engine) : Desk(services), engine_(&engine) {}

    [[nodiscard]] Result<void> add_actions(ActionTable& actions);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    /// The engine is idle: what was wished for is built, or was refused.
    void engine_is_idle() { wished_.reset(); }

  private:
    /// The rule last asked for, whether or not its state is there yet.
    [[nodiscard]] UpdateRule wanted() const;
    /// Errors: a rule without a meaning, or one the weights cannot run.
    [[nodiscard]] Result<void> set(const UpdateRule& rule);

    EngineThread* engine_;
    std::optional<UpdateRule> wished_;  ///< Asked for and not known to be built yet.
};

}  // namespace lact::app
