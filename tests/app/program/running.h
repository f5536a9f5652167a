#pragma once

#include "app/program/window_program.h"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace lact::app::test {

/// A program on a display, with the settings of nobody.
struct Running {
    std::unique_ptr<window::Display> display;
    std::unique_ptr<WindowProgram> program;  ///< Ends before its display.

    [[nodiscard]] Result<void> run(const std::string& id,
                                   const nlohmann::json& with = nlohmann::json::object()) const {
        return program->actions().run(id, with);
    }
};

inline WindowOptions options_for(const std::string& scene) {
    WindowOptions options;
    options.compute.device = "cpu";
    options.paths = {LACT_ASSETS_DIR "/weights/nano64.safetensors", LACT_ASSETS_DIR "/scenes/" + scene};
    return options;
}

inline Running start(std::unique_ptr<window::Display> display, WindowOptions options) {
    Running running;
    running.display = std::move(display);
    auto program = WindowProgram::create(*running.display, std::move(options));
    EXPECT_TRUE(program.has_value()) << program.error().message();
    if (program) {
        running.program = std::move(*program);
        const auto settled = running.program->settle();
        EXPECT_TRUE(settled.has_value()) << settled.error().message();
    }
    return running;
}

inline Running start_null(const std::string& scene = "bouquet") {
    return start(window::make_null({}), options_for(scene));
}

inline int errors(const WindowProgram& program) {
    int count = 0;
    for (const LogEntry& entry : program.log().after(0)) {
        count += entry.severity == Severity::error ? 1 : 0;
    }
    return count;
}

}  // namespace lact::app::test
