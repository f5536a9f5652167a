// The switches of the update rule, one parameter each, and the actions on the whole rule.
#include "app/commands/rule_controller.h"

#include "app/commands/command_table.h"
#include "app/runtime/engine_service.h"

#include <fmt/format.h>

namespace lact::app {

namespace {

using Json = nlohmann::json;

/// A switch of the rule as text: how to read it and how to write it.
struct RuleSwitch {
    const char* id;
    const char* title;
    const char* tooltip;
    Domain domain;
    Json initial;
    std::function<ParameterValue(const UpdateRule&)> get;
    std::function<void(UpdateRule&, const Json&)> set;
};

const Choices on_off{{"on", "off"}};

Json as_on_off(bool value) {
    return value ? "on" : "off";
}

std::vector<RuleSwitch> what_is_learned() {
    return {
        {"rule.loss", "Inner loss",
         "What the fast weights learn: keys' answers should point along their values (dot product, as "
         "released), or equal them (MSE).",
         Choices{{"dot", "mse"}}, "dot",
         [](const UpdateRule& r) { return ParameterValue(r.loss == InnerLoss::dot ? "dot" : "mse"); },
         [](UpdateRule& r, const Json& v) { r.loss = v == "dot" ? InnerLoss::dot : InnerLoss::mse; }},
        {"rule.direction", "Direction",
         "Along minus the gradient, or against it. The paper: trained so, ascent works as well (25.85 "
         "against 25.94 dB): the layer does not need to learn its inner task.",
         Choices{{"descent", "ascent"}}, "descent",
         [](const UpdateRule& r) {
             return ParameterValue(r.direction == Direction::descent ? "descent" : "ascent");
         },
         [](UpdateRule& r, const Json& v) {
             r.direction = v == "descent" ? Direction::descent : Direction::ascent;
         }},
        {"rule.steps", "Inner steps",
         "Updates on the same photos before the memory is read. The paper: more steps, better inner loss, "
         "worse pictures.",
         WholeNumbers{1, 64}, 1, [](const UpdateRule& r) { return ParameterValue(r.inner_steps); },
         [](UpdateRule& r, const Json& v) { r.inner_steps = v.get<int>(); }},
        {"rule.update", "Updated matrices",
         "All three, or the last layer alone: then phi stays as it is and the layer is linear attention "
         "with a fixed kernel. The paper (Variant 1): as good or better.",
         Choices{{"all", "last"}}, "all",
         [](const UpdateRule& r) {
             return ParameterValue(r.updated == UpdatedMatrices::all ? "all" : "last");
         },
         [](UpdateRule& r, const Json& v) {
             r.updated = v == "all" ? UpdatedMatrices::all : UpdatedMatrices::last;
         }},
        {"rule.kernel", "Kernel phi",
         "phi(x) = silu(x W0) * (x W2), or phi(x) = x, a single linear layer (Variants 3 to 6).",
         Choices{{"swiglu", "identity"}}, "swiglu",
         [](const UpdateRule& r) {
             return ParameterValue(r.kernel == Kernel::swiglu ? "swiglu" : "identity");
         },
         [](UpdateRule& r, const Json& v) {
             r.kernel = v == "swiglu" ? Kernel::swiglu : Kernel::identity;
             if (r.kernel == Kernel::identity) {
                 r.updated = UpdatedMatrices::last;  // there is no other matrix then
             }
         }},
        {"rule.read", "Read with",
         "What the memory is asked with. The paper: trained so, the key does as well as the query (25.95 "
         "against 25.94 dB), which no retrieval of stored keys explains.",
         Choices{{"query", "key"}}, "query",
         [](const UpdateRule& r) { return ParameterValue(r.read_with == ReadWith::query ? "query" : "key"); },
         [](UpdateRule& r, const Json& v) { r.read_with = v == "query" ? ReadWith::query : ReadWith::key; }},
    };
}

std::vector<RuleSwitch> how_the_step_is_made() {
    return {
        {"rule.muon", "Muon",
         "Orthogonalise each gradient with Newton-Schulz before it is added. The paper (Variant 6 leaves it "
         "out): hardly needed when trained so; weights trained with it need it.",
         on_off, "on", [](const UpdateRule& r) { return as_on_off(r.orthogonalize); },
         [](UpdateRule& r, const Json& v) { r.orthogonalize = v == "on"; }},
        {"rule.ns_steps", "Newton-Schulz steps",
         "Five as released. None only divides by the norm, which is not the same as no Muon.",
         WholeNumbers{0, 10}, 5, [](const UpdateRule& r) { return ParameterValue(r.ns_steps); },
         [](UpdateRule& r, const Json& v) { r.ns_steps = v.get<int>(); }},
        {"rule.ns", "Newton-Schulz precision",
         "bf16 as released; fp16 is about eight times closer to the mathematics at the same speed, fp32 "
         "closest.",
         Choices{{"bf16", "fp16", "fp32"}}, "bf16",
         [](const UpdateRule& r) { return ParameterValue(std::string(to_string(r.ns_precision))); },
         [](UpdateRule& r, const Json& v) {
             r.ns_precision = parse_ns_precision(v.get<std::string>()).value_or(NsPrecision::bf16);
         }},
        {"rule.norm", "Weight norm",
         "Set every column back to its initial length after the step. Without it (Variant 2) the state is a "
         "plain sum.",
         on_off, "on", [](const UpdateRule& r) { return as_on_off(r.weight_norm); },
         [](UpdateRule& r, const Json& v) { r.weight_norm = v == "on"; }},
        {"rule.rate", "Per-token rates",
         "Each token counts with a learned rate; otherwise all count alike (Variant 4).", on_off, "on",
         [](const UpdateRule& r) { return as_on_off(r.per_token_rate); },
         [](UpdateRule& r, const Json& v) { r.per_token_rate = v == "on"; }},
    };
}

}  // namespace

UpdateRule RuleController::requested() const {
    if (pending_rule_) {
        return *pending_rule_;
    }
    return snapshot().state     ? snapshot().state->rule
           : snapshot().weights ? snapshot().weights->trained_rule
                                : UpdateRule{};
}

Result<void> RuleController::set(const UpdateRule& rule) {
    if (const std::string why = validate(rule); !why.empty()) {
        return fail("rule", why, "Change the switch it depends on first.");
    }
    if (snapshot().weights) {
        const ModelConfig& config = snapshot().weights->config;
        if (const std::string why =
                incompatibility(rule, config.ttt_head, config.fast_hidden(), config.query_is_key);
            !why.empty()) {
            return fail("rule", why, "The rule stays " + format(requested()) + ".");
        }
    }
    pending_rule_ = rule;
    engine_->set_rule(rule);
    return {};
}

Result<void> RuleController::add_commands(CommandTable& commands) {
    for (const RulePreset& preset : rule_presets()) {
        const std::string name(preset.name);
        const std::string title = preset.name == "variant5"
                                      ? std::string(preset.paper) + " (here the same as Variant 4)"
                                      : std::string(preset.paper);
        LACT_CHECK(commands.add({"rule." + name,
                                 title,
                                 "",
                                 "Rebuild the state with this update rule. Unless the weights were trained "
                                 "with it, it is only switched at inference.",
                                 "Rule",
                                 {},
                                 [this, rule = preset.rule]() -> std::string {
                                     if (!snapshot().weights) {
                                         return "No weights are open.";
                                     }
                                     const ModelConfig& config = snapshot().weights->config;
                                     return incompatibility(rule, config.ttt_head, config.fast_hidden(),
                                                            config.query_is_key);
                                 },
                                 [this, rule = preset.rule](const nlohmann::json&) -> Result<void> {
                                     UpdateRule requested = rule;
                                     requested.ns_precision = snapshot().weights->trained_rule.ns_precision;
                                     return set(requested);
                                 }}));
    }
    LACT_CHECK(commands.add({"rule.set",
                             "Set the rule as text",
                             "",
                             "Any update rule, for example mse,steps=4,norm=off.",
                             "Rule",
                             {{"rule", "preset and switches", true}},
                             {},
                             [this](const nlohmann::json& with) -> Result<void> {
                                 LACT_TRY(const UpdateRule rule,
                                          parse_update_rule(with.at("rule").is_string()
                                                                ? with.at("rule").get<std::string>()
                                                                : with.at("rule").dump()));
                                 return set(rule);
                             }}));
    return commands.add({"rule.trained",
                         "Back to the trained rule",
                         "",
                         "Rebuild the state with the rule the weights were trained with.",
                         "Rule",
                         {},
                         [this]() -> std::string { return snapshot().weights ? "" : "No weights are open."; },
                         [this](const Json&) { return set(snapshot().weights->trained_rule); }});
}

Result<void> RuleController::add_parameters(ParameterTable& parameters) {
    for (auto& group : {what_is_learned(), how_the_step_is_made()}) {
        for (const RuleSwitch& one : group) {
            LACT_CHECK(parameters.add({one.id, one.title, "Rule", one.tooltip, always(one.domain),
                                       one.initial, [this, get = one.get] { return get(requested()); },
                                       [this, change = one.set](const ParameterValue& value) {
                                           UpdateRule rule = requested();
                                           change(rule, value);
                                           return set(rule);
                                       }}));
        }
    }
    return parameters.add({"rule.text", "The rule as text", "Rule",
                           "Any update rule, for example mse,steps=4,norm=off.", always(FreeText{}),
                           "baseline", [this] { return ParameterValue(format(requested())); },
                           [this](const ParameterValue& value) -> Result<void> {
                               LACT_TRY(const UpdateRule rule, parse_update_rule(value.get<std::string>()));
                               return set(rule);
                           }});
}

}  // namespace lact::app
