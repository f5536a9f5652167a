// Dialogs by keyboard: Enter does what the button does, and a dialog never takes the key press that opened
// it.
#include "tests/app/application/running.h"

#include <string>

#include <gtest/gtest.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

using test::draw_frames;
using test::errors;
using test::hold_key;
using test::run;
using test::Running;
using test::start_null;

bool is_shown(const char* dialog) {
    const ImGuiWindow* window = ImGui::FindWindowByName(dialog);
    return window != nullptr && window->Active;
}

void type_into_the_open_dialog(const Running& running, const char* path) {
    run(running, "file.open");
    draw_frames(running, 3);
    ASSERT_TRUE(is_shown("Open###open"));
    test::type_text(running, path);
}

TEST(Dialogs, EnterInTheOpenDialogShowsTheErrorOfThePath) {
    for (const ImGuiKey enter : {ImGuiKey_Enter, ImGuiKey_KeypadEnter}) {
        const Running running = start_null();
        type_into_the_open_dialog(running, "/no/such/scene");
        hold_key(running, enter);
        ASSERT_TRUE(running.program->settle().has_value());
        EXPECT_EQ(errors(*running.program), 1);
        EXPECT_FALSE(is_shown("Open###open"));
        EXPECT_TRUE(is_shown("Error###error")) << "the press that sent the path must not close it";
        hold_key(running, enter);
        EXPECT_FALSE(is_shown("Error###error"));
    }
}

TEST(Dialogs, EscapeClosesOneDialogAtATime) {
    const Running running = start_null();
    type_into_the_open_dialog(running, "/no/such/scene");
    hold_key(running, ImGuiKey_Escape);
    EXPECT_FALSE(is_shown("Open###open"));
    EXPECT_EQ(errors(*running.program), 0);
}

}  // namespace

}  // namespace lact::app
