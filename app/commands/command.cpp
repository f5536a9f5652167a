#include "app/commands/command.h"

#include "app/document/parameter_value.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/json_field.h"

#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace lact::app {

bool ArgumentReader::contains(const char* name) const {
    return with_->contains(name);
}

Result<void> ArgumentReader::refuse(const char* name, std::string_view expected) const {
    return fail(std::string(command_),
                fmt::format("the {} {} is not {}", name, shown_json(with_->at(name)), expected),
                "The help window (F1) says what each argument is.");
}

Result<void> ArgumentReader::read(const char* name, std::string& text) const {
    if (!with_->at(name).is_string()) {
        return refuse(name, "a text");
    }
    text = with_->at(name).get<std::string>();
    return {};
}

Result<void> ArgumentReader::read(const char* name, bool& on) const {
    if (!with_->at(name).is_boolean()) {
        return refuse(name, "true or false");
    }
    on = with_->at(name).get<bool>();
    return {};
}

Result<void> ArgumentReader::read(const char* name, double& number) const {
    const auto& value = with_->at(name);
    if (!value.is_number() || !std::isfinite(value.get<double>())) {
        return refuse(name, "a number");
    }
    number = value.get<double>();
    return {};
}

Result<void> ArgumentReader::read(const char* name, std::uint64_t& whole) const {
    const auto& value = with_->at(name);
    if (!value.is_number_integer() || value < 0) {
        return refuse(name, "a whole number from 0 on");
    }
    whole = value.get<std::uint64_t>();
    return {};
}

Result<void> ArgumentReader::read(const char* name, std::vector<std::size_t>& indices) const {
    const auto& list = with_->at(name);
    if (!list.is_array()) {
        return refuse(name, "a list of indices such as [0, 8, 20]");
    }
    for (const auto& entry : list) {
        if (!entry.is_number_integer() || entry < 0) {
            return refuse(name, "a list of indices such as [0, 8, 20]");
        }
        indices.push_back(entry.get<std::size_t>());
    }
    return {};
}

Result<void> ArgumentReader::read(const char* name, Eigen::Matrix4d& pose) const {
    const JsonField rows(with_->at(name), std::string(command_), name);
    LACT_TRY(pose, read_pose(rows));
    return {};
}

}  // namespace lact::app
