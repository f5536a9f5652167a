#include "engine/ttt/update_rule.h"

#include "engine/ttt/rule_schema.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

constexpr std::string_view where = "update rule";

/// The six steps of the paper's table 2, each one change more than the one before.
std::array<RulePreset, 10> make_presets() {
    const UpdateRule baseline;
    UpdateRule ascent = baseline;
    ascent.direction = Direction::ascent;
    UpdateRule mse = baseline;
    mse.loss = InnerLoss::mse;
    UpdateRule key = baseline;
    key.read_with = ReadWith::key;
    UpdateRule v1 = baseline;
    v1.updated = UpdatedMatrices::last;
    UpdateRule v2 = v1;
    v2.weight_norm = false;
    UpdateRule v3 = v2;
    v3.kernel = Kernel::identity;
    UpdateRule v4 = v3;
    v4.per_token_rate = false;
    const UpdateRule& v5 = v4;
    UpdateRule v6 = v5;
    v6.orthogonalize = false;
    return {{{"baseline", "Baseline", baseline, 25.94},
             {"ascent", "Gradient ascent", ascent, 25.85},
             {"mse", "MSE loss", mse},
             {"query-is-key", "Query replaced by key", key, 25.95},
             {"variant1", "Variant 1: only the last layer", v1, 25.97},
             {"variant2", "Variant 2: and no weight norm", v2, 25.93},
             {"variant3", "Variant 3: and a single linear layer", v3, 25.71},
             {"variant4", "Variant 4: and no per-token rate", v4, 25.70},
             {"variant5", "Variant 5: and no momentum", v5, 25.70},
             {"variant6", "Variant 6: and no orthogonalisation (linear attention)", v6, 25.73}}};
}

/// One word of the text form, `key=value`.
Result<void> apply_switch(UpdateRule& rule, std::string_view word) {
    const auto equals = word.find('=');
    const std::vector<std::string_view> keys = rule_keys();
    if (equals != std::string_view::npos && std::ranges::find(keys, word.substr(0, equals)) != keys.end()) {
        return set_from_text(rule, word.substr(0, equals), word.substr(equals + 1));
    }
    std::vector<std::string_view> names;
    for (const auto& preset : rule_presets()) {
        names.push_back(preset.name);
    }
    return fail(
        std::string(where), fmt::format("'{}' is not known", word),
        fmt::format("Presets: {}. Switches (key=value): {}.", fmt::join(names, ", "), fmt::join(keys, ", ")));
}

}  // namespace

std::span<const RulePreset> rule_presets() {
    static const auto presets = make_presets();
    return presets;
}

Result<UpdateRule> parse_update_rule(std::string_view text) {
    UpdateRule rule;
    bool first = true;
    while (true) {
        const auto comma = text.find(',');
        const std::string_view word = text.substr(0, comma);
        const RulePreset* named = nullptr;
        for (const auto& preset : rule_presets()) {
            if (first && preset.name == word) {
                named = &preset;
            }
        }
        if (named != nullptr) {
            rule = named->rule;
        } else {
            LACT_CHECK(apply_switch(rule, word));
        }
        first = false;
        if (comma == std::string_view::npos) {
            break;
        }
        text.remove_prefix(comma + 1);
    }
    if (const std::string reason = validate(rule); !reason.empty()) {
        return fail(std::string(where), reason);
    }
    return rule;
}

std::string format(const UpdateRule& rule) {
    for (const auto& preset : rule_presets()) {
        if (preset.rule == rule) {
            return std::string(preset.name);
        }
    }
    const UpdateRule baseline;
    std::string text = "baseline";
    for (const std::string_view key : rule_keys()) {
        if (const std::string value = value_text(rule, key); value != value_text(baseline, key)) {
            text += fmt::format(",{}={}", key, value);
        }
    }
    return text;
}

std::string validate(const UpdateRule& rule) {
    if (rule.kernel == Kernel::identity && rule.updated == UpdatedMatrices::all) {
        return "kernel=identity has no W0 and W2 to update: it needs update=last";
    }
    for (const RuleSwitch& one : rule_switches()) {
        const auto* range = std::get_if<RuleRange>(&one.values);
        const int value = one.get(rule);
        if (range != nullptr && (value < range->lowest || value > range->highest)) {
            return fmt::format("{}={} is outside {} to {}", one.key, value, range->lowest, range->highest);
        }
    }
    return {};
}

std::string incompatibility(const UpdateRule& rule, int d_in, int d_hidden, bool query_is_key) {
    if (std::string reason = validate(rule); !reason.empty()) {
        return reason;
    }
    if (rule.kernel == Kernel::identity && d_in != d_hidden) {
        return fmt::format(
            "kernel=identity needs fast weights with d_h = d_in; these have d_h {} and d_in {}", d_hidden,
            d_in);
    }
    if (rule.read_with == ReadWith::query && query_is_key) {
        return "read=query needs a query projection; these weights were trained with the query replaced by "
               "the key";
    }
    if (rule.momentum) {
        return "momentum needs a sequence of chunks; novel-view synthesis has one";
    }
    return {};
}

bool same_but_precision(const UpdateRule& a, const UpdateRule& b) {
    UpdateRule with_precision_of_a = b;
    with_precision_of_a.ns_precision = a.ns_precision;
    return a == with_precision_of_a;
}

std::string_view to_string(NsPrecision precision) {
    return value_name(*find_rule_switch("ns"), static_cast<int>(precision));
}

Result<NsPrecision> parse_ns_precision(std::string_view text) {
    UpdateRule rule;
    LACT_CHECK(set_from_text(rule, "ns", text));
    return rule.ns_precision;
}

}  // namespace lact
