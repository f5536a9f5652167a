#pragma once

#include "app/document/document.h"

#include <string_view>

#include <nlohmann/json.hpp>

namespace lact::app {

/// What panels read and do things with; nothing else of the program.
struct PanelServices {
    const Snapshot* snapshot = nullptr;  ///< Refreshed before every frame.
    Document* document = nullptr;
    const class CommandTable* commands = nullptr;
    const class ParameterTable* parameters = nullptr;
    const class JobRegistry* jobs = nullptr;
    class ErrorLog* log = nullptr;
    QueryBoard* queries = nullptr;

    /// Runs an action for a widget; what it refuses is logged, so that the person is told.
    void run(std::string_view id, const nlohmann::json& with = nlohmann::json::object()) const;
};

}  // namespace lact::app
