#pragma once

#include "app/core/session_file.h"

#include <memory>
#include <optional>

#include <nlohmann/json.hpp>

namespace lact::app {

/// The script over time that a film plays; part of the view's state.
struct ScriptState {
    nlohmann::json steps = nlohmann::json::array();  ///< None: a film follows the camera path.
    /// What the window shows when it begins; null: whatever is shown then.
    std::shared_ptr<const SessionFile> begin;
    friend bool operator==(const ScriptState&, const ScriptState&) = default;
};

/// Of a take that goes on: what the person does becomes the script.
struct TakeProgress {
    double seconds = 0;
    std::size_t steps = 0;
};

}  // namespace lact::app
