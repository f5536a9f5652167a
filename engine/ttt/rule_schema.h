#pragma once

#include "engine/core/error.h"
#include "engine/ttt/update_rule.h"

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace lact {

/// A named value of a switch.
struct RuleValue {
    std::string_view name;   ///< In texts, parameters and scripts: "dot".
    int value = 0;           ///< The member of UpdateRule as a number.
    const char* label = "";  ///< On screen: "dot product".
};
using RuleChoice = std::span<const RuleValue>;

/// The whole numbers from `lowest` to `highest`, both included.
struct RuleRange {
    int lowest = 0;
    int highest = 0;
    bool logarithmic = false;  ///< Scale of its slider.
};

/// A switch of the update rule: one member of UpdateRule with its names, its values and their meaning.
///
/// The text form (parse_update_rule(), format()), validate(), the help of `--rule`, the parameters `rule.*`
/// of scripts and the widgets all read this one table. A new switch needs a member in UpdateRule, a row in
/// the table of rule_schema.cpp, and its use in the step (fast_weights.cpp).
struct RuleSwitch {
    /// In the text form, `key=value`. A range that shares the key of an on/off switch gives the number that
    /// stands for "on": muon=off, muon=5.
    std::string_view key;
    /// The parameter is `rule.` and this. Empty: the switch has the text form only.
    std::string_view parameter;
    const char* title = "";  ///< "Newton-Schulz steps"
    const char* label = "";  ///< The title in a panel, where there is little room: "  steps".
    /// In a sentence: of a choice before the label of the value, "inner loss MSE"; of a range after the
    /// number, in the singular, "1 inner step".
    const char* noun = "";
    const char* tooltip = "";  ///< With the figures of arXiv 2602.21204 where there are some.
    std::variant<RuleChoice, RuleRange> values;
    int (*get)(const UpdateRule&) = nullptr;
    /// The value must be one of `values`. Changes no other member.
    void (*set)(UpdateRule&, int) = nullptr;
    /// False where the switch has no effect on the rule; null: it always has one.
    bool (*applies)(const UpdateRule&) = nullptr;
    /// Sets what the value just chosen requires of other members; null: nothing. Widgets and parameters call
    /// it; a text names every switch itself.
    void (*complete)(UpdateRule&) = nullptr;
};

/// All switches, in the order of the text form and of the widgets.
[[nodiscard]] std::span<const RuleSwitch> rule_switches();

/// The switch of a parameter, without the "rule."; null: there is none.
[[nodiscard]] const RuleSwitch* find_rule_switch(std::string_view parameter);

/// The name of a value of a choice; empty: a range, or no value of the choice.
[[nodiscard]] std::string_view value_name(const RuleSwitch& one, int value);

/// Every value that a switch takes, in order.
[[nodiscard]] std::vector<int> all_values(const RuleSwitch& one);

/// Sets a switch by widget or parameter: set(), then complete().
void change_switch(UpdateRule& rule, const RuleSwitch& one, int value);

/// The keys of the text form, each once, in order.
[[nodiscard]] std::vector<std::string_view> rule_keys();

/// Sets what `key=text` says. Errors: an unknown key; a text that is no value of it.
[[nodiscard]] Result<void> set_from_text(UpdateRule& rule, std::string_view key, std::string_view text);

/// The value of a key in the text form: "dot", "4"; "off" or "5" for muon.
[[nodiscard]] std::string value_text(const UpdateRule& rule, std::string_view key);

/// A rule on screen: the preset that differs in the fewest switches, and those switches: "Baseline, 16 inner
/// steps". Of "Variant 2: and no weight norm" only "Variant 2" is shown: the rest says what it changes in the
/// variant before. Files, scripts and commands use the text form, format().
[[nodiscard]] std::string rule_label(const UpdateRule& rule);

/// The text form's switches for a help text: "loss=dot|mse, …, steps=1..64, …, muon=off|0..10, …".
[[nodiscard]] std::string rule_syntax();

}  // namespace lact
