#include "app/commands/rule_controller.h"

#include "app/commands/command_table.h"
#include "app/platform/assets.h"
#include "app/runtime/engine_service.h"
#include "engine/ttt/rule_schema.h"

namespace lact::app {

namespace {

constexpr const char* rule_text_tooltip = "Any update rule, for example mse,steps=4,norm=off.";

Domain domain_of(const RuleSwitch& one) {
    if (const auto* range = std::get_if<RuleRange>(&one.values)) {
        return WholeNumbers{range->lowest, range->highest};
    }
    Choices choices;
    for (const RuleValue& value : std::get<RuleChoice>(one.values)) {
        choices.names.emplace_back(value.name);
    }
    return choices;
}

}  // namespace

ParameterValue switch_value(const RuleSwitch& one, int value) {
    if (std::holds_alternative<RuleRange>(one.values)) {
        return ParameterValue(static_cast<long long>(value));
    }
    return ParameterValue(std::string(value_name(one, value)));
}

UpdateRule RuleController::requested() const {
    if (document().requested_rule) {
        return *document().requested_rule;
    }
    return snapshot().state     ? snapshot().state->rule
           : snapshot().weights ? snapshot().weights->trained_rule
                                : UpdateRule{};
}

std::string RuleController::incompatibility_with_weights(const UpdateRule& rule) const {
    if (!snapshot().weights) {
        return {};
    }
    const ModelConfig& config = snapshot().weights->config;
    return incompatibility(rule, config.ttt_head, config.fast_hidden(), config.query_is_key);
}

Result<void> RuleController::set(const UpdateRule& rule) {
    if (const std::string why = validate(rule); !why.empty()) {
        return fail("rule", why, "Change the switch it depends on first.");
    }
    if (const std::string why = incompatibility_with_weights(rule); !why.empty()) {
        return fail("rule", why, "The rule stays " + rule_label(requested()) + ".");
    }
    document().requested_rule = rule;
    engine_->set_rule(rule);
    return {};
}

Result<void> RuleController::set_text(std::string_view text) {
    LACT_TRY(const UpdateRule rule, parse_update_rule(text));
    return set(rule);
}

Result<void> RuleController::add_preset(CommandTable& commands, const RulePreset& preset) {
    // Without a sequence of chunks there is no momentum to leave out.
    const std::string same = preset.name == "variant5" ? " (here the same as Variant 4)" : "";
    Command row;
    row.id = "rule." + std::string(preset.name);
    row.title = std::string(preset.paper) + same;
    row.tooltip =
        "Rebuild the state with this update rule. Unless the weights were trained with it, it is only "
        "switched at inference.";
    row.group = "Rule";
    row.effect = Effect::shows;
    row.disabled_because = [this, rule = preset.rule]() -> std::string {
        return snapshot().weights ? incompatibility_with_weights(rule) : "No weights are open.";
    };
    row.run = [this, rule = preset.rule](const ArgumentReader&) {
        UpdateRule with_precision = rule;
        with_precision.ns_precision = snapshot().weights->trained_rule.ns_precision;
        return set(with_precision);
    };
    return commands.add(std::move(row));
}

std::string preset_of(const UpdateRule& rule) {
    for (const RulePreset& preset : rule_presets()) {
        if (same_but_precision(preset.rule, rule)) {
            return std::string(preset.name);
        }
    }
    return {};
}

Result<void> RuleController::add_trained_with(CommandTable& commands) {
    return commands.add<OpenTrainedWith>(
        {"Open weights trained with this rule", "",
         "Open weights of a small model that were trained from scratch with the rule on screen. The scene "
         "stays.",
         "Rule"},
        []() -> std::string {
            return find_rule_weights() ? "" : "Weights trained with each rule do not come with this version.";
        },
        [this](const OpenTrainedWith& given) -> Result<void> {
            const std::string preset = given.rule ? *given.rule : preset_of(requested());
            if (preset.empty()) {
                return fail("rule", "no weights were trained with the rule on screen",
                            "Choose a preset first, or name one.");
            }
            LACT_TRY(const auto file, find_rule_weights(preset));
            document().requested_rule.reset();
            engine_->open_weights(file);
            return {};
        });
}

Result<void> RuleController::add_commands(CommandTable& commands) {
    for (const RulePreset& preset : rule_presets()) {
        LACT_CHECK(add_preset(commands, preset));
    }
    LACT_CHECK(add_trained_with(commands));
    LACT_CHECK(commands.add<SetRule>({"Set the rule as text", "", rule_text_tooltip, "Rule"}, {},
                                     [this](const SetRule& set) { return set_text(set.rule); }));
    return commands.add<UseTrainedRule>(
        {"Back to the trained rule", "", "Rebuild the state with the rule the weights were trained with.",
         "Rule"},
        [this]() -> std::string { return snapshot().weights ? "" : "No weights are open."; },
        [this] { return set(snapshot().weights->trained_rule); });
}

Result<void> RuleController::add_switch(ParameterTable& parameters, const RuleSwitch& one) {
    return parameters.add({"rule." + std::string(one.parameter), one.title, "Rule", one.tooltip,
                           Effect::shows, always(domain_of(one)), switch_value(one, one.get(UpdateRule{})),
                           [this, &one] { return switch_value(one, one.get(requested())); },
                           [this, &one](const ParameterValue& value) {
                               UpdateRule rule = requested();
                               for (const int candidate : all_values(one)) {
                                   if (switch_value(one, candidate) == value) {
                                       change_switch(rule, one, candidate);
                                   }
                               }
                               return set(rule);
                           }});
}

Result<void> RuleController::add_parameters(ParameterTable& parameters) {
    for (const RuleSwitch& one : rule_switches()) {
        if (!one.parameter.empty()) {
            LACT_CHECK(add_switch(parameters, one));
        }
    }
    return parameters.add(
        {"rule.text", "The rule as text", "Rule", rule_text_tooltip, Effect::shows, always(FreeText{}),
         ParameterValue(std::string("baseline")), [this] { return ParameterValue(format(requested())); },
         [this](const ParameterValue& value) { return set_text(value.get<std::string>()); }});
}

}  // namespace lact::app
