#pragma once

#include "app/commands/controller.h"
#include "app/commands/parameter_table.h"
#include "engine/core/error.h"
#include "engine/ttt/rule_schema.h"

namespace lact::app {

class EngineService;

/// A value of a switch as its parameter `rule.*` takes it: the name of a choice, or the whole number.
[[nodiscard]] ParameterValue switch_value(const RuleSwitch& one, int value);

/// The name of the preset that a rule is, whatever its Newton-Schulz precision; empty: of none.
[[nodiscard]] std::string preset_of(const UpdateRule& rule);

/// The update rule: its presets, its switches and its text as commands and parameters.
class RuleController : private Controller {
  public:
    RuleController(PanelServices services, EngineService& engine) : Controller(services), engine_(&engine) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    /// Call when no set-up runs or waits: the engine has built the requested rule, or has rejected it.
    void set_up_is_settled() { document().requested_rule.reset(); }

  private:
    /// The last requested rule, whether or not its state is built; else that of the state, of the weights, or
    /// the baseline.
    [[nodiscard]] UpdateRule requested() const;
    /// Why the open weights cannot run a rule; empty when they can, or when none are open.
    [[nodiscard]] std::string incompatibility_with_weights(const UpdateRule& rule) const;
    /// Requests a state of this rule. Errors: a rule without a meaning, or one the weights cannot run.
    [[nodiscard]] Result<void> set(const UpdateRule& rule);
    [[nodiscard]] Result<void> set_text(std::string_view text);

    [[nodiscard]] Result<void> add_trained_with(CommandTable& commands);
    [[nodiscard]] Result<void> add_preset(CommandTable& commands, const RulePreset& preset);
    [[nodiscard]] Result<void> add_switch(ParameterTable& parameters, const RuleSwitch& one);

    EngineService* engine_;
};

}  // namespace lact::app
