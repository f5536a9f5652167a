#include "engine/model/weights_info.h"

#include "engine/core/text_file.h"
#include "engine/ttt/update_rule.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

using Json = nlohmann::json;

constexpr const char* kHint = "The metadata \"lact\" of a weight file is described in ARCHITECTURE.md.";

/// Reads the fields of a JSON object; absent and null fields give no value.
class Fields {
  public:
    Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {}

    [[nodiscard]] const Json* find(const char* field) const {
        const auto found = object_.find(field);
        return found == object_.end() || found->is_null() ? nullptr : &*found;
    }

    [[nodiscard]] tl::unexpected<Error> wrong(const char* field, const char* expected) const {
        return fail(where_ + field, fmt::format("is {}, {} was expected", shown(field), expected), kHint);
    }
    [[nodiscard]] tl::unexpected<Error> wrong(const char* field, const Error& problem) const {
        return fail(where_ + field, fmt::format("is {}: {}", shown(field), problem.what), problem.hint);
    }

    [[nodiscard]] Result<std::optional<std::string>> text(const char* field) const {
        const Json* value = find(field);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (!value->is_string()) {
            return wrong(field, "a string");
        }
        return value->get<std::string>();
    }

    [[nodiscard]] Result<std::optional<int>> count(const char* field) const {
        const Json* value = find(field);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (!is_count(*value)) {
            return wrong(field, "a whole number from 1 to 1048576");
        }
        return value->get<int>();
    }

    [[nodiscard]] Result<std::optional<double>> positive(const char* field) const {
        const Json* value = find(field);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (!value->is_number() || !std::isfinite(value->get<double>()) || value->get<double>() <= 0) {
            return wrong(field, "a number > 0");
        }
        return value->get<double>();
    }

    [[nodiscard]] Result<std::optional<bool>> boolean(const char* field) const {
        const Json* value = find(field);
        if (value == nullptr) {
            return std::nullopt;
        }
        if (!value->is_boolean()) {
            return wrong(field, "true or false");
        }
        return value->get<bool>();
    }

    static bool is_count(const Json& value) {
        constexpr std::uint64_t largest = 1 << 20;
        return value.is_number_unsigned() && value.get<std::uint64_t>() >= 1 &&
               value.get<std::uint64_t>() <= largest;
    }
    static bool is_pair_of_counts(const Json& value) {
        return value.is_array() && value.size() == 2 && is_count(value[0]) && is_count(value[1]);
    }

  private:
    [[nodiscard]] std::string shown(const char* field) const {
        constexpr std::size_t longest = 60;
        return dump_json(object_.at(field), -1, true).substr(0, longest);
    }

    const Json& object_;
    std::string where_;
};

Result<Json> parse_object(const std::string& text) {
    LACT_TRY(Json json, parse_json(text, "lact").map_error([](Error error) {
        error.what = "the metadata is not a JSON object: it " + error.what;
        error.hint = kHint;
        return error;
    }));
    if (!json.is_object()) {
        return fail("lact", "the metadata is not a JSON object", kHint);
    }
    return json;
}

/// The text form of a rule that is an object of switches: {"loss": "mse", "muon": false, "steps": 2}.
std::string text_of_switches(const Json& switches) {
    std::string text;
    for (const auto& [key, value] : switches.items()) {
        const std::string word = value.is_string()    ? value.get<std::string>()
                                 : value.is_boolean() ? (value.get<bool>() ? "on" : "off")
                                                      : dump_json(value, -1, true);
        text += fmt::format("{}{}={}", text.empty() ? "" : ",", key, word);
    }
    return text;
}

/// The rule is a name or an object of switches, both as parse_update_rule() reads them: a model with another
/// one could not be loaded.
Result<void> parse_rule(const Fields& fields, WeightsInfo& info) {
    const Json* rule = fields.find("rule");
    if (rule == nullptr) {
        return {};
    }
    const bool switches = rule->is_object() && !rule->empty();
    if (!switches && !(rule->is_string() && !rule->get_ref<const std::string&>().empty())) {
        return fields.wrong("rule", "a string or an object");
    }
    const std::string text = switches ? text_of_switches(*rule) : rule->get<std::string>();
    const auto parsed = parse_update_rule(text);
    if (!parsed) {
        return fields.wrong("rule", parsed.error());
    }
    info.rule = switches ? format(*parsed) : text;
    info.rule_assumed = false;
    return {};
}

Result<void> parse_families(const Fields& fields, WeightsInfo& info) {
    const Json* families = fields.find("families");
    if (families == nullptr) {
        return {};
    }
    const auto named = [](const Json& family) {
        return family.is_object() && family.contains("name") && family["name"].is_string();
    };
    if (!families->is_array() || !std::all_of(families->begin(), families->end(), named)) {
        return fields.wrong("families", R"(a list of {"name", "version"})");
    }
    for (const Json& family : *families) {
        info.families.push_back(family["name"].get<std::string>());
    }
    return {};
}

Result<void> parse_training(const Fields& fields, WeightsInfo& info) {
    if (const Json* sizes = fields.find("trained_sizes")) {
        if (!sizes->is_array()) {
            return fields.wrong("trained_sizes", "a list of [width, height]");
        }
        for (const Json& size : *sizes) {
            if (!Fields::is_pair_of_counts(size)) {
                return fields.wrong("trained_sizes", "a list of [width, height]");
            }
            info.trained_sizes.push_back(size.get<std::array<int, 2>>());
        }
    }
    if (const Json* views = fields.find("trained_views")) {
        if (!Fields::is_pair_of_counts(*views) || (*views)[0] > (*views)[1]) {
            return fields.wrong("trained_views", "[fewest, most] input views");
        }
        info.trained_views = views->get<std::array<int, 2>>();
    }
    LACT_TRY(info.train_radius, fields.positive("train_radius"));
    LACT_TRY(const auto background, fields.text("background"));
    if (background && *background != "white" && *background != "any") {
        return fields.wrong("background", R"("white" or "any")");
    }
    info.background = background.value_or("");
    return parse_families(fields, info);
}

}  // namespace

Result<WeightsInfo> parse_weights_info(const std::string& json_text) {
    LACT_TRY(const Json json, parse_object(json_text));
    const Fields fields(json, "lact.");
    WeightsInfo info;
    info.metadata_json = json_text;
    LACT_TRY(const auto name, fields.text("name"));
    info.name = name.value_or("");
    LACT_TRY(const auto precision, fields.text("ns_precision"));
    if (precision && *precision != "bf16" && *precision != "fp16" && *precision != "fp32") {
        return fields.wrong("ns_precision", R"("bf16", "fp16" or "fp32")");
    }
    info.ns_precision = precision.value_or(info.ns_precision);
    LACT_CHECK(parse_rule(fields, info));
    LACT_CHECK(parse_training(fields, info));
    LACT_CHECK(parse_declared_config(json_text));
    return info;
}

Result<DeclaredConfig> parse_declared_config(const std::string& json_text) {
    LACT_TRY(const Json json, parse_object(json_text));
    DeclaredConfig declared;
    const Fields all(json, "lact.");
    const Json* config = all.find("config");
    if (config == nullptr) {
        return declared;
    }
    if (!config->is_object()) {
        return all.wrong("config", "an object");
    }
    const Fields fields(*config, "lact.config.");
    LACT_TRY(declared.layers, fields.count("layers"));
    LACT_TRY(declared.d, fields.count("d"));
    LACT_TRY(declared.attention_head, fields.count("attention_head"));
    LACT_TRY(declared.ttt_head, fields.count("ttt_head"));
    LACT_TRY(declared.hidden_multiple, fields.positive("hidden_multiple"));
    LACT_TRY(declared.patch, fields.count("patch"));
    LACT_TRY(declared.query_is_key, fields.boolean("query_is_key"));
    return declared;
}

}  // namespace lact
