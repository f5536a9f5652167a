#include "engine/ttt/rule_schema.h"

#include "engine/core/counted.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

template <class T>
constexpr RuleValue rule_value(std::string_view name, T value, const char* label) {
    return {name, static_cast<int>(value), label};
}

constexpr std::array on_off_values{rule_value("on", true, "on"), rule_value("off", false, "off")};
constexpr std::array loss_values{rule_value("dot", InnerLoss::dot, "dot product"),
                                 rule_value("mse", InnerLoss::mse, "MSE")};
constexpr std::array direction_values{rule_value("descent", Direction::descent, "descent"),
                                      rule_value("ascent", Direction::ascent, "ascent")};
constexpr std::array precision_values{rule_value("bf16", NsPrecision::bf16, "bf16"),
                                      rule_value("fp16", NsPrecision::fp16, "fp16"),
                                      rule_value("fp32", NsPrecision::fp32, "fp32")};
constexpr std::array updated_values{rule_value("all", UpdatedMatrices::all, "W0 W1 W2"),
                                    rule_value("last", UpdatedMatrices::last, "W1 only")};
constexpr std::array kernel_values{rule_value("swiglu", Kernel::swiglu, "SwiGLU"),
                                   rule_value("identity", Kernel::identity, "identity")};
constexpr std::array read_values{rule_value("query", ReadWith::query, "query"),
                                 rule_value("key", ReadWith::key, "key")};

template <auto member>
int get_member(const UpdateRule& rule) {
    return static_cast<int>(rule.*member);
}

template <auto member>
void set_member(UpdateRule& rule, int value) {
    rule.*member = static_cast<std::remove_cvref_t<decltype(rule.*member)>>(value);
}

bool has_muon(const UpdateRule& rule) {
    return rule.orthogonalize;
}

/// With phi(x) = x there are no W0 and W2 to update.
void complete_kernel(UpdateRule& rule) {
    if (rule.kernel == Kernel::identity) {
        rule.updated = UpdatedMatrices::last;
    }
}

constexpr std::array rule_table{
    RuleSwitch{.key = "loss",
               .parameter = "loss",
               .title = "Inner loss",
               .label = "Inner loss",
               .noun = "inner loss",
               .tooltip =
                   "What the fast weights learn: f(k) points along v (dot product, as released), or "
                   "equals v (MSE). Without the weight norm the dot product has no lower bound; with it, "
                   "|f(k)| can still grow, and the loss falls with it.",
               .values = RuleChoice(loss_values),
               .get = get_member<&UpdateRule::loss>,
               .set = set_member<&UpdateRule::loss>},
    RuleSwitch{
        .key = "direction",
        .parameter = "direction",
        .title = "Direction",
        .label = "Direction",
        .noun = "direction",
        .tooltip =
            "Along minus the gradient of the inner loss, or along it. For the dot product, "
            "ascent is descent in mirrored weights (W1 and the output projection change their "
            "sign), so its success alone says nothing about how the layer works. Paper, "
            "trained with it: 25.85 against 25.94 dB (LaCT-NVS, 12 layers, RealEstate10K 128x128, 2 inputs).",
        .values = RuleChoice(direction_values),
        .get = get_member<&UpdateRule::direction>,
        .set = set_member<&UpdateRule::direction>},
    RuleSwitch{.key = "steps",
               .parameter = "steps",
               .title = "Inner steps",
               .label = "Inner steps",
               .noun = "inner step",
               .tooltip = "Updates on the same tokens before the fast weights are read. More steps lower the "
                          "inner loss, which is not the same as a better memory: recall of the right value "
                          "can fall. Paper, switched at inference: renderings get worse from 1 to 64 steps "
                          "(LaCT-NVS, 12 layers, RealEstate10K 128x128, 2 inputs).",
               .values = RuleRange{1, 64, true},
               .get = get_member<&UpdateRule::inner_steps>,
               .set = set_member<&UpdateRule::inner_steps>},
    // Novel-view synthesis has one chunk: no weights that the program opens can use momentum.
    RuleSwitch{.key = "momentum",
               .parameter = "",
               .title = "Momentum",
               .label = "Momentum",
               .noun = "momentum",
               .tooltip = "Sums the gradients of earlier chunks. A single chunk, as in novel-view synthesis, "
                          "has none.",
               .values = RuleChoice(on_off_values),
               .get = get_member<&UpdateRule::momentum>,
               .set = set_member<&UpdateRule::momentum>},
    RuleSwitch{.key = "muon",
               .parameter = "muon",
               .title = "Muon",
               .label = "Muon",
               .noun = "Muon",
               .tooltip =
                   "Orthogonalises each gradient matrix with Newton-Schulz before it is added; weights "
                   "trained with it need it. Paper, trained without it (Variant 5 to 6): 25.70 to "
                   "25.73 dB (LaCT-NVS, 12 layers, RealEstate10K 128x128, 2 inputs; baseline 25.94), "
                   "but perplexity 15.97 to 16.80 (LaCT-LLM).",
               .values = RuleChoice(on_off_values),
               .get = get_member<&UpdateRule::orthogonalize>,
               .set = set_member<&UpdateRule::orthogonalize>},
    RuleSwitch{.key = "muon",
               .parameter = "ns_steps",
               .title = "Newton-Schulz steps",
               .label = "  steps",
               .noun = "Newton-Schulz step",
               .tooltip = "5 as released. 0 only divides by the Frobenius norm, which is not the same as no "
                          "Muon.",
               .values = RuleRange{0, 10},
               .get = get_member<&UpdateRule::ns_steps>,
               .set = set_member<&UpdateRule::ns_steps>,
               .applies = has_muon},
    RuleSwitch{.key = "ns",
               .parameter = "ns",
               .title = "Newton-Schulz precision",
               .label = "  precision",
               .noun = "Newton-Schulz precision",
               .tooltip =
                   "bf16 as released. fp16 has about an eighth of its rounding error at the same speed, "
                   "fp32 the least.",
               .values = RuleChoice(precision_values),
               .get = get_member<&UpdateRule::ns_precision>,
               .set = set_member<&UpdateRule::ns_precision>,
               .applies = has_muon},
    RuleSwitch{.key = "norm",
               .parameter = "norm",
               .title = "Weight norm",
               .label = "Weight norm",
               .noun = "weight norm",
               .tooltip =
                   "Sets every column of the fast weights back to its initial norm after the update. "
                   "Without it (Variant 2) the change of the state is M(sum over tokens), and a plain "
                   "sum where Muon is off, too (Variant 6). Paper, trained without it (Variant 1 to 2): "
                   "25.97 to 25.93 dB (LaCT-NVS), perplexity 15.93 to 16.31 (LaCT-LLM).",
               .values = RuleChoice(on_off_values),
               .get = get_member<&UpdateRule::weight_norm>,
               .set = set_member<&UpdateRule::weight_norm>},
    RuleSwitch{.key = "rate",
               .parameter = "rate",
               .title = "Per-token rates",
               .label = "Token rates",
               .noun = "per-token rates",
               .tooltip = "Weights each token with a learned rate; otherwise every rate is 1. Paper, trained "
                          "without it (Variant 3 to 4): 25.71 to 25.70 dB (LaCT-NVS), perplexity 16.23 to "
                          "16.12 (LaCT-LLM).",
               .values = RuleChoice(on_off_values),
               .get = get_member<&UpdateRule::per_token_rate>,
               .set = set_member<&UpdateRule::per_token_rate>},
    RuleSwitch{.key = "update",
               .parameter = "update",
               .title = "Updated matrices",
               .label = "Updated",
               .noun = "updated matrices",
               .tooltip =
                   "All three, or W1 alone: phi then stays as it is, and the layer is linear attention "
                   "with a fixed kernel. Paper, trained with W1 alone (baseline to Variant 1): 25.94 to "
                   "25.97 dB (LaCT-NVS, 12 layers, RealEstate10K 128x128, 2 inputs), perplexity 16.43 to "
                   "15.93 (LaCT-LLM), 79.34 to 79.63 % (ViTTT, ImageNet).",
               .values = RuleChoice(updated_values),
               .get = get_member<&UpdateRule::updated>,
               .set = set_member<&UpdateRule::updated>},
    RuleSwitch{.key = "kernel",
               .parameter = "kernel",
               .title = "Kernel phi",
               .label = "Kernel",
               .noun = "kernel",
               .tooltip = "phi(x) = silu(x W0) * (x W2), or phi(x) = x: a single linear layer (Variants 3 to "
                          "6), of which W1 alone is updated. Paper, trained without the kernel (Variant 2 to "
                          "3): a loss of 0.22 dB, 25.93 to 25.71 (LaCT-NVS, 12 layers, RealEstate10K "
                          "128x128, 2 inputs), the largest of all steps there.",
               .values = RuleChoice(kernel_values),
               .get = get_member<&UpdateRule::kernel>,
               .set = set_member<&UpdateRule::kernel>,
               .complete = complete_kernel},
    RuleSwitch{.key = "read",
               .parameter = "read",
               .title = "Read with",
               .label = "Read with",
               .noun = "read with",
               .tooltip =
                   "What the fast weights are read with. Paper, trained with the key in place of the "
                   "query: 25.95 against 25.94 dB (LaCT-NVS, 12 layers, RealEstate10K 128x128, 2 inputs), "
                   "but perplexity 16.18 against 15.93 (LaCT-LLM) and 79.18 against 79.63 % (ViTTT, "
                   "ImageNet). There, a query of its own is not needed for good renderings.",
               .values = RuleChoice(read_values),
               .get = get_member<&UpdateRule::read_with>,
               .set = set_member<&UpdateRule::read_with>},
};

/// The rows of a key: a choice, a range, or both.
struct KeyRows {
    const RuleSwitch* choice = nullptr;
    const RuleSwitch* number = nullptr;
};

KeyRows rows_of_key(std::string_view key) {
    KeyRows rows;
    for (const RuleSwitch& one : rule_table) {
        if (one.key == key) {
            (std::holds_alternative<RuleRange>(one.values) ? rows.number : rows.choice) = &one;
        }
    }
    return rows;
}

Result<void> set_rule_choice(UpdateRule& rule, const RuleSwitch& one, std::string_view text) {
    std::vector<std::string_view> known;
    for (const RuleValue& value : std::get<RuleChoice>(one.values)) {
        if (value.name == text) {
            one.set(rule, value.value);
            return {};
        }
        known.push_back(value.name);
    }
    return fail("update rule", fmt::format("{}={} is not known", one.key, text),
                fmt::format("{} is one of {}.", one.key, fmt::join(known, ", ")));
}

Result<void> set_rule_number(UpdateRule& rule, const RuleSwitch& one, std::string_view text) {
    const RuleRange range = std::get<RuleRange>(one.values);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < range.lowest ||
        value > range.highest) {
        return fail("update rule", fmt::format("{}={} is not a number from {} to {}", one.key, text,
                                               range.lowest, range.highest));
    }
    one.set(rule, value);
    return {};
}

}  // namespace

std::span<const RuleSwitch> rule_switches() {
    return rule_table;
}

const RuleSwitch* find_rule_switch(std::string_view parameter) {
    const auto found = std::ranges::find(rule_table, parameter, &RuleSwitch::parameter);
    return parameter.empty() || found == rule_table.end() ? nullptr : &*found;
}

std::string_view value_name(const RuleSwitch& one, int value) {
    if (const auto* choice = std::get_if<RuleChoice>(&one.values)) {
        for (const RuleValue& value_row : *choice) {
            if (value_row.value == value) {
                return value_row.name;
            }
        }
    }
    return {};
}

std::vector<int> all_values(const RuleSwitch& one) {
    std::vector<int> values;
    if (const auto* range = std::get_if<RuleRange>(&one.values)) {
        for (int value = range->lowest; value <= range->highest; ++value) {
            values.push_back(value);
        }
    } else {
        for (const RuleValue& value : std::get<RuleChoice>(one.values)) {
            values.push_back(value.value);
        }
    }
    return values;
}

void change_switch(UpdateRule& rule, const RuleSwitch& one, int value) {
    one.set(rule, value);
    if (one.complete != nullptr) {
        one.complete(rule);
    }
}

std::vector<std::string_view> rule_keys() {
    std::vector<std::string_view> keys;
    for (const RuleSwitch& one : rule_table) {
        if (std::ranges::find(keys, one.key) == keys.end()) {
            keys.push_back(one.key);
        }
    }
    return keys;
}

Result<void> set_from_text(UpdateRule& rule, std::string_view key, std::string_view text) {
    const auto [choice, number] = rows_of_key(key);
    if (choice != nullptr && number != nullptr) {
        const bool on = text != "off";
        choice->set(rule, static_cast<int>(on));
        number->set(rule, number->get(UpdateRule{}));
        return on ? set_rule_number(rule, *number, text) : Result<void>{};
    }
    if (choice != nullptr) {
        return set_rule_choice(rule, *choice, text);
    }
    if (number != nullptr) {
        return set_rule_number(rule, *number, text);
    }
    return fail("update rule", fmt::format("'{}' is not known", key),
                fmt::format("Switches (key=value): {}.", fmt::join(rule_keys(), ", ")));
}

std::string value_text(const UpdateRule& rule, std::string_view key) {
    const auto [choice, number] = rows_of_key(key);
    if (number != nullptr && (choice == nullptr || choice->get(rule) != 0)) {
        return std::to_string(number->get(rule));
    }
    return choice != nullptr ? std::string(value_name(*choice, choice->get(rule))) : std::string();
}

namespace {

std::string_view value_label(const RuleChoice& choice, int value) {
    const auto found = std::ranges::find(choice, value, &RuleValue::value);
    return found == choice.end() ? std::string_view() : found->label;
}

/// What a rule has other than a preset, one text a switch. Switches without an effect are left out.
std::vector<std::string> changed_switches(const UpdateRule& rule, const UpdateRule& preset) {
    std::vector<std::string> texts;
    for (const RuleSwitch& one : rule_table) {
        const int value = one.get(rule);
        if (value == one.get(preset) || (one.applies != nullptr && !one.applies(rule))) {
            continue;
        }
        const auto* choice = std::get_if<RuleChoice>(&one.values);
        texts.push_back(choice != nullptr ? fmt::format("{} {}", one.noun, value_label(*choice, value))
                                          : counted(value, one.noun));
    }
    return texts;
}

}  // namespace

std::string rule_label(const UpdateRule& rule) {
    std::string_view preset;
    std::optional<std::vector<std::string>> fewest;
    for (const RulePreset& one : rule_presets()) {
        std::vector<std::string> changed = changed_switches(rule, one.rule);
        if (!fewest || changed.size() < fewest->size()) {
            preset = one.paper.substr(0, one.paper.find(':'));
            fewest = std::move(changed);
        }
    }
    fewest->insert(fewest->begin(), std::string(preset));
    return fmt::format("{}", fmt::join(*fewest, ", "));
}

std::string rule_syntax() {
    std::vector<std::string> parts;
    for (const std::string_view key : rule_keys()) {
        const auto [choice, number] = rows_of_key(key);
        std::vector<std::string> values;
        if (choice != nullptr && number != nullptr) {
            values.emplace_back("off");
        } else if (choice != nullptr) {
            for (const RuleValue& value : std::get<RuleChoice>(choice->values)) {
                values.emplace_back(value.name);
            }
        }
        if (number != nullptr) {
            const RuleRange range = std::get<RuleRange>(number->values);
            values.push_back(fmt::format("{}..{}", range.lowest, range.highest));
        }
        parts.push_back(fmt::format("{}={}", key, fmt::join(values, "|")));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

}  // namespace lact
