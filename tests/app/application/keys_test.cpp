// Keys as a user presses them: down and up within one frame, also again right after a dialog was closed.
#include "app/ui/keys.h"

#include "tests/app/application/running.h"

#include <gtest/gtest.h>
#include <imgui.h>

namespace lact::app {

namespace {

/// Presses and releases a key with Ctrl, as one burst of events, and draws until ImGui has digested it.
void press(const test::Running& running, ImGuiKey key, bool ctrl = false) {
    ImGuiIO& io = ImGui::GetIO();
    if (ctrl) {
        io.AddKeyEvent(ImGuiMod_Ctrl, true);
        io.AddKeyEvent(ImGuiKey_LeftCtrl, true);
    }
    io.AddKeyEvent(key, true);
    io.AddKeyEvent(key, false);
    if (ctrl) {
        io.AddKeyEvent(ImGuiMod_Ctrl, false);
        io.AddKeyEvent(ImGuiKey_LeftCtrl, false);
    }
    for (int i = 0; i < 8; ++i) {
        ASSERT_TRUE(running.program->shell().frame().has_value());
    }
}

TEST(Keys, OpenADialogAgainAndAgain) {
    const test::Running running = test::start_null();
    for (int i = 0; i < 4; ++i) {
        press(running, ImGuiKey_O, true);
        EXPECT_TRUE(test::dialog_is_open()) << i;
        press(running, ImGuiKey_Escape);
        EXPECT_FALSE(test::dialog_is_open()) << i;
    }
}

TEST(Keys, MoveTheCameraAndChangeTheMode) {
    const test::Running running = test::start_null();
    const auto moves = running.program->document().moves();
    press(running, ImGuiKey_Period);
    EXPECT_GT(running.program->document().moves(), moves);
    press(running, ImGuiKey_V);
    EXPECT_TRUE(running.program->document().flying);
    press(running, ImGuiKey_V);
    EXPECT_FALSE(running.program->document().flying);
    const auto theme = running.program->shell().theme();
    press(running, ImGuiKey_T, true);
    EXPECT_NE(running.program->shell().theme(), theme);
}

TEST(Keys, ThatCanDoNothingNowSayNothing) {
    const test::Running running = test::start_null();
    press(running, ImGuiKey_Escape);  // nothing runs that could be stopped
    EXPECT_EQ(test::errors(*running.program), 0);
}

TEST(Keys, OfEveryActionAreKnownToImGui) {
    const test::Running running = test::start_null();
    for (const Command& command : running.program->commands().all()) {
        if (!command.key.empty()) {
            const auto chord = parse_key_chord(command.key);
            ASSERT_TRUE(chord.has_value()) << command.key;
            EXPECT_NE(imgui_chord(*chord), ImGuiKey_None) << command.id << " " << command.key;
        }
    }
}

}  // namespace

}  // namespace lact::app
