#pragma once

#include "app/commands/controller.h"
#include "app/commands/parameter_table.h"
#include "engine/core/error.h"

#include <optional>

namespace lact::app {

class EngineService;

/// The update rule: presets, switches, text.
class RuleController : private Controller {
  public:
    RuleController(PanelServices services, EngineService& engine) : Controller(services), engine_(&engine) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    /// The engine is idle: what was wished for is built, or was refused.
    void engine_is_idle() { pending_rule_.reset(); }

  private:
    /// The rule last asked for, whether or not its state is there yet.
    [[nodiscard]] UpdateRule requested() const;
    /// Errors: a rule without a meaning, or one the weights cannot run.
    [[nodiscard]] Result<void> set(const UpdateRule& rule);

    EngineService* engine_;
    std::optional<UpdateRule> pending_rule_;  ///< Asked for and not known to be built yet.
};

}  // namespace lact::app
