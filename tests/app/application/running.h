#pragma once

#include "app/application/application.h"
#include "app/application/recorder.h"

#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>
#include <imgui.h>
#include <nlohmann/json.hpp>

namespace lact::app::test {

/// A program on a display, with the settings of nobody.
struct Running {
    std::unique_ptr<gfx::Display> display;
    std::unique_ptr<Application> program;  ///< Ends before its display.

    [[nodiscard]] Result<void> run(const std::string& id,
                                   const nlohmann::json& with = nlohmann::json::object()) const {
        return program->commands().run(id, with);
    }
};

inline ApplicationOptions options_for(const std::string& scene) {
    ApplicationOptions options;
    options.compute.device = "cpu";
    options.paths = {LACT_ASSETS_DIR "/weights/general.safetensors", LACT_ASSETS_DIR "/scenes/" + scene};
    return options;
}

inline Running start(std::unique_ptr<gfx::Display> display, ApplicationOptions options) {
    Running running;
    running.display = std::move(display);
    auto program = Application::create(*running.display, std::move(options));
    EXPECT_TRUE(program.has_value()) << program.error().message();
    if (program) {
        running.program = std::move(*program);
        const auto settled = running.program->settle();
        EXPECT_TRUE(settled.has_value()) << settled.error().message();
    }
    return running;
}

inline Running start_null(const std::string& scene = "bouquet") {
    return start(gfx::make_null({}), options_for(scene));
}

/// Runs a command and draws until nothing changes.
inline void run(const Running& running, const char* id,
                const nlohmann::json& with = nlohmann::json::object()) {
    const auto done = running.run(id, with);
    ASSERT_TRUE(done.has_value()) << id << ": " << done.error().message();
    ASSERT_TRUE(running.program->settle().has_value()) << id;
}

/// Sets a parameter and draws until nothing changes.
inline void set(const Running& running, const char* id, const ParameterValue& value) {
    const auto done = running.program->parameters().set(id, value);
    ASSERT_TRUE(done.has_value()) << id << ": " << done.error().message();
    ASSERT_TRUE(running.program->settle().has_value()) << id;
}

inline void draw_frames(const Running& running, int count) {
    for (int i = 0; i < count; ++i) {
        running.program->shell().wake();
        ASSERT_TRUE(running.program->shell().frame().has_value());
    }
}

/// Holds a key for some frames, as fingers do.
inline void hold_key(const Running& running, ImGuiKey key) {
    ImGui::GetIO().AddKeyEvent(key, true);
    draw_frames(running, 6);
    ImGui::GetIO().AddKeyEvent(key, false);
    draw_frames(running, 2);
}

/// Types into the field that has the keyboard.
inline void type_text(const Running& running, const std::string& text) {
    ImGui::GetIO().AddInputCharactersUTF8(text.c_str());
    draw_frames(running, 3);
}

inline bool dialog_is_open() {
    return ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup);
}

inline int errors(const Application& program) {
    int count = 0;
    for (const LogEntry& entry : program.log().after(0)) {
        count += entry.severity == Severity::error ? 1 : 0;
    }
    return count;
}

/// A program on pixels of its own, as `lactscope record` uses one: nothing is open yet.
struct RecordingProgram {
    std::unique_ptr<gfx::Display> display;
    std::unique_ptr<Application> program;  ///< Ends before its display.
};

/// Errors: there is no Vulkan device; those of Application::create().
inline Result<RecordingProgram> start_recording_program(int width, int height) {
    gfx::DisplayOptions size;
    size.width = width;
    size.height = height;
    RecordingProgram started;
    LACT_TRY(started.display, gfx::make_offscreen(size));
    ApplicationOptions options;
    options.compute.device = "cpu";
    LACT_TRY(started.program, Application::create(*started.display, std::move(options)));
    return started;
}

}  // namespace lact::app::test
