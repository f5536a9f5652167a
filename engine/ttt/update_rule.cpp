#include "engine/ttt/update_rule.h"

#include <array>
#include <charconv>
#include <functional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lact {
namespace {

constexpr std::string_view where = "update rule";

template <class T>
using Names = std::vector<std::pair<std::string_view, T>>;

const Names<bool> on_off = {{"on", true}, {"off", false}};
const Names<NsPrecision> ns_names = {
    {"bf16", NsPrecision::bf16}, {"fp16", NsPrecision::fp16}, {"fp32", NsPrecision::fp32}};

template <class T>
Result<void> set(T& field, std::string_view key, std::string_view text, const Names<T>& names) {
    std::vector<std::string_view> known;
    for (const auto& [name, value] : names) {
        if (name == text) {
            field = value;
            return {};
        }
        known.push_back(name);
    }
    return fail(std::string(where), fmt::format("{}={} is not known", key, text),
                fmt::format("{} is one of {}.", key, fmt::join(known, ", ")));
}

Result<void> set_number(int& field, std::string_view key, std::string_view text, int low, int high) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high) {
        return fail(std::string(where),
                    fmt::format("{}={} is not a number from {} to {}", key, text, low, high));
    }
    field = value;
    return {};
}

template <class T>
std::string name_of(T value, const Names<T>& names) {
    for (const auto& [name, candidate] : names) {
        if (candidate == value) {
            return std::string(name);
        }
    }
    return {};
}

/// One `key=value` of a rule's text.
struct Switch {
    std::string_view key;
    std::function<Result<void>(UpdateRule&, std::string_view)> parse;
    std::function<std::string(const UpdateRule&)> format;
};

template <class T>
Switch choice(std::string_view key, T UpdateRule::*field, Names<T> names) {
    return {key, [=](UpdateRule& rule, std::string_view text) { return set(rule.*field, key, text, names); },
            [=](const UpdateRule& rule) { return name_of(rule.*field, names); }};
}

Switch muon_switch() {
    return {
        "muon",
        [](UpdateRule& rule, std::string_view text) -> Result<void> {
            rule.orthogonalize = text != "off";
            rule.ns_steps = UpdateRule{}.ns_steps;
            return rule.orthogonalize ? set_number(rule.ns_steps, "muon", text, 0, 10) : Result<void>{};
        },
        [](const UpdateRule& rule) { return rule.orthogonalize ? std::to_string(rule.ns_steps) : "off"; }};
}

Switch steps_switch() {
    return {"steps",
            [](UpdateRule& rule, std::string_view text) {
                return set_number(rule.inner_steps, "steps", text, 1, 64);
            },
            [](const UpdateRule& rule) { return std::to_string(rule.inner_steps); }};
}

const std::vector<Switch>& switches() {
    using R = UpdateRule;
    static const std::vector<Switch> table = {
        choice<InnerLoss>("loss", &R::loss, {{"dot", InnerLoss::dot}, {"mse", InnerLoss::mse}}),
        choice<Direction>("direction", &R::direction,
                          {{"descent", Direction::descent}, {"ascent", Direction::ascent}}),
        steps_switch(),
        choice<bool>("momentum", &R::momentum, on_off),
        muon_switch(),
        choice<NsPrecision>("ns", &R::ns_precision, ns_names),
        choice<bool>("norm", &R::weight_norm, on_off),
        choice<bool>("rate", &R::per_token_rate, on_off),
        choice<UpdatedMatrices>("update", &R::updated,
                                {{"all", UpdatedMatrices::all}, {"last", UpdatedMatrices::last}}),
        choice<Kernel>("kernel", &R::kernel, {{"swiglu", Kernel::swiglu}, {"identity", Kernel::identity}}),
        choice<ReadWith>("read", &R::read_with, {{"query", ReadWith::query}, {"key", ReadWith::key}}),
    };
    return table;
}

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
    return {{{"baseline", "Baseline", baseline},
             {"ascent", "Gradient ascent", ascent},
             {"mse", "MSE loss", mse},
             {"query-is-key", "Query replaced by key", key},
             {"variant1", "Variant 1: only the last layer", v1},
             {"variant2", "Variant 2: and no weight norm", v2},
             {"variant3", "Variant 3: and a single linear layer", v3},
             {"variant4", "Variant 4: and no per-token rate", v4},
             {"variant5", "Variant 5: and no momentum", v5},
             {"variant6", "Variant 6: and no orthogonalisation (linear attention)", v6}}};
}

Result<void> apply_switch(UpdateRule& rule, std::string_view word) {
    const auto equals = word.find('=');
    std::vector<std::string_view> keys;
    for (const auto& one : switches()) {
        if (one.key == word.substr(0, equals) && equals != std::string_view::npos) {
            return one.parse(rule, word.substr(equals + 1));
        }
        keys.push_back(one.key);
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
    for (const auto& one : switches()) {
        if (one.format(rule) != one.format(baseline)) {
            text += fmt::format(",{}={}", one.key, one.format(rule));
        }
    }
    return text;
}

std::string validate(const UpdateRule& rule) {
    if (rule.kernel == Kernel::identity && rule.updated == UpdatedMatrices::all) {
        return "kernel=identity has no W0 and W2 to update: it needs update=last";
    }
    if (rule.inner_steps < 1 || rule.inner_steps > 64) {
        return fmt::format("steps={} is outside 1 to 64", rule.inner_steps);
    }
    if (rule.ns_steps < 0 || rule.ns_steps > 10) {
        return fmt::format("muon={} is outside 0 to 10", rule.ns_steps);
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
    for (const auto& [name, value] : ns_names) {
        if (value == precision) {
            return name;
        }
    }
    return {};
}

Result<NsPrecision> parse_ns_precision(std::string_view text) {
    NsPrecision precision{};
    LACT_CHECK(set(precision, "ns", text, ns_names));
    return precision;
}

}  // namespace lact
