#include "app/document/parameter_value.h"

#include "engine/core/text_file.h"

#include <limits>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

std::string ParameterValue::shown() const {
    nlohmann::json json;
    to_json(json, *this);
    return shown_json(json);
}

void to_json(nlohmann::json& json, const ParameterValue& value) {
    if (value.is_switch()) {
        json = value.get<bool>();
    } else if (value.is_whole()) {
        json = value.get<long long>();
    } else if (value.is_number()) {
        json = value.get<double>();
    } else {
        json = value.get<std::string>();
    }
}

Result<ParameterValue> value_from_json(const nlohmann::json& json) {
    if (json.is_boolean()) {
        return json.get<bool>();
    }
    if (json.is_number_unsigned() &&
        json.get<unsigned long long>() >
            static_cast<unsigned long long>(std::numeric_limits<long long>::max())) {
        return json.get<double>();
    }
    if (json.is_number_integer()) {
        return json.get<long long>();
    }
    if (json.is_number()) {
        return json.get<double>();
    }
    if (json.is_string()) {
        return json.get<std::string>();
    }
    return fail({}, fmt::format("{} is neither a number, a text, true nor false", shown_json(json)));
}

std::string shown_json(const nlohmann::json& json) {
    constexpr std::size_t longest = 60;
    std::string text = dump_json(json);
    return text.size() > longest ? text.substr(0, longest - 3) + "..." : text;
}

}  // namespace lact::app
