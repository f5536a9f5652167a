// Keys as a user presses them: down and up within one frame, also again right after a dialog was closed.
#include "app/ui/keys.h"

#include "tests/app/application/running.h"
#include "tests/app/application/simulated_keyboard.h"

#include <memory>

#include <gtest/gtest.h>
#include <imgui.h>
#include <imgui_internal.h>

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

TEST(Keys, AChordCountsWhereItsModifierIsReleasedFirstWithinOneFrame) {
    const test::Running running = test::start_null();
    ImGuiIO& io = ImGui::GetIO();
    const auto theme = running.program->shell().theme();
    const bool ground_truth = running.program->document().ground_truth_large;
    io.AddKeyEvent(ImGuiMod_Ctrl, true);
    io.AddKeyEvent(ImGuiKey_LeftCtrl, true);
    io.AddKeyEvent(ImGuiKey_T, true);
    io.AddKeyEvent(ImGuiMod_Ctrl, false);
    io.AddKeyEvent(ImGuiKey_LeftCtrl, false);
    io.AddKeyEvent(ImGuiKey_T, false);
    for (int i = 0; i < 8; ++i) {
        ASSERT_TRUE(running.program->shell().frame().has_value());
    }
    EXPECT_NE(running.program->shell().theme(), theme) << "Ctrl+T";
    EXPECT_EQ(running.program->document().ground_truth_large, ground_truth) << "not T";
    EXPECT_FALSE(io.KeyCtrl);
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

TEST(Keys, EscThatClosesAMenuDoesNothingElse) {
    const test::Running running = test::start_null();
    test::set(running, "selection.patch", "1,1");
    ASSERT_TRUE(running.program->document().selection.pinned);
    ImGuiIO& io = ImGui::GetIO();
    const auto frames = [&] {
        for (int i = 0; i < 4; ++i) {
            ASSERT_TRUE(running.program->shell().frame().has_value());
        }
    };
    io.AddMousePosEvent(12, 8);  // the first menu
    frames();
    io.AddMouseButtonEvent(0, true);
    frames();
    io.AddMouseButtonEvent(0, false);
    frames();
    ASSERT_TRUE(ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup));
    press(running, ImGuiKey_Escape);
    EXPECT_FALSE(ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup));
    EXPECT_TRUE(running.program->document().selection.pinned) << "the pin stays";
    press(running, ImGuiKey_Escape);
    EXPECT_FALSE(running.program->document().selection.pinned);
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
            EXPECT_NE(us_chord(*chord), ImGuiKey_None) << command.id << " " << command.key;
            const MappedChord mapped = running.program->shell().keys().map(*chord);
            EXPECT_EQ(mapped.chord, us_chord(*chord)) << command.id;
            EXPECT_EQ(mapped.shown, command.key) << command.id;
        }
    }
}

/// A program with a keyboard.
struct Typing {
    explicit Typing(test::Layout layout)
        : keyboard(std::make_shared<test::SimulatedKeyboard>(std::move(layout))) {
        gfx::DisplayOptions options;
        options.keyboard = keyboard;
        running = test::start(gfx::make_null(options), test::options_for("bouquet"));
    }

    [[nodiscard]] const Document& document() const { return running.program->document(); }
    [[nodiscard]] const KeyMap& keys() const { return running.program->shell().keys(); }
    /// A command's key as the menu and the help window show it.
    [[nodiscard]] std::string shown(const char* id) const {
        return keys().map(running.program->commands().find(id)->chord).shown;
    }
    void frames(int count) const {
        for (int i = 0; i < count; ++i) {
            ASSERT_TRUE(running.program->shell().frame().has_value());
        }
    }
    void tap(ImGuiKey place, bool ctrl = false) const {
        ImGuiIO& io = ImGui::GetIO();
        io.AddKeyEvent(ImGuiMod_Ctrl, ctrl);
        keyboard->press(place, true);
        keyboard->press(place, false);
        io.AddKeyEvent(ImGuiMod_Ctrl, false);
        frames(8);
    }
    /// Where the camera goes while the key is held for some frames, in its own axes: right, down, forward.
    [[nodiscard]] Eigen::Vector3d flight(ImGuiKey place) const {
        const Camera before = document().viewpoint().camera({64, 64});
        keyboard->press(place, true);
        frames(6);
        keyboard->press(place, false);
        frames(3);
        const Camera after = document().viewpoint().camera({64, 64});
        const Eigen::Matrix3d axes = before.c2w.block<3, 3>(0, 0);
        return axes.transpose() * (after.position() - before.position());
    }
    /// Flies, with the pointer over the view.
    void fly() const {
        const ImGuiWindow* view = ImGui::FindWindowByName("###View");
        ASSERT_NE(view, nullptr);
        const ImVec2 centre = view->Rect().GetCenter();
        ImGui::GetIO().AddMousePosEvent(centre.x, centre.y);
        test::run(running, "camera.fly");
        ASSERT_TRUE(document().flying);
    }

    std::shared_ptr<test::SimulatedKeyboard> keyboard;
    test::Running running;
};

/// Whether a motion is along one axis of the camera (0 right, 1 down, 2 forward), in the direction of `sign`.
testing::AssertionResult goes_along(const Eigen::Vector3d& motion, int axis, double sign) {
    Eigen::Vector3d rest = motion;
    rest[axis] = 0;
    const bool along = motion[axis] * sign > 1e-3 && rest.norm() < 1e-9 * std::abs(motion[axis]) + 1e-12;
    return (along ? testing::AssertionSuccess() : testing::AssertionFailure()) << motion.transpose();
}

class KeysByPlace : public testing::TestWithParam<test::Layout (*)()> {};

TEST_P(KeysByPlace, FlyWithTheSameFingersOnEveryLayout) {
    const Typing typing(GetParam()());
    typing.fly();
    EXPECT_TRUE(goes_along(typing.flight(ImGuiKey_W), 2, 1));
    EXPECT_TRUE(goes_along(typing.flight(ImGuiKey_S), 2, -1));
    EXPECT_TRUE(goes_along(typing.flight(ImGuiKey_D), 0, 1));
    EXPECT_TRUE(goes_along(typing.flight(ImGuiKey_A), 0, -1));
    const Eigen::Vector3d up = typing.flight(ImGuiKey_E);
    EXPECT_GT(up.norm(), 1e-3);
    EXPECT_LT((up + typing.flight(ImGuiKey_Q)).norm(), 1e-9);
    // No command ran instead.
    EXPECT_TRUE(typing.document().flying);
    EXPECT_EQ(test::errors(*typing.running.program), 0);
}

TEST_P(KeysByPlace, ArrowsAndPageKeysFlyAsTheLettersDo) {
    const Typing typing(GetParam()());
    typing.fly();
    EXPECT_TRUE(goes_along(typing.flight(ImGuiKey_UpArrow), 2, 1));
    EXPECT_TRUE(goes_along(typing.flight(ImGuiKey_DownArrow), 2, -1));
    EXPECT_TRUE(goes_along(typing.flight(ImGuiKey_RightArrow), 0, 1));
    EXPECT_TRUE(goes_along(typing.flight(ImGuiKey_LeftArrow), 0, -1));
    const Eigen::Vector3d up = typing.flight(ImGuiKey_PageUp);
    const Eigen::Vector3d down = typing.flight(ImGuiKey_PageDown);
    EXPECT_GT(up.norm(), 1e-3);
    EXPECT_LT(up.dot(down), 0);
    EXPECT_FALSE(ImGui::GetIO().NavVisible);  // The arrows did not move the highlight.
}

TEST_P(KeysByPlace, OppositeKeysAndKeysWithCtrlDoNotFly) {
    const Typing typing(GetParam()());
    typing.fly();
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, true);
    EXPECT_EQ(typing.flight(ImGuiKey_E).norm(), 0);  // No layout has a command with Ctrl there.
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, false);
    typing.frames(2);
    // Opposite keys cancel, also a letter and an arrow.
    typing.keyboard->press(ImGuiKey_S, true);
    typing.keyboard->press(ImGuiKey_UpArrow, true);
    const Camera before = typing.document().viewpoint().camera({64, 64});
    typing.frames(6);
    EXPECT_EQ(typing.document().viewpoint().camera({64, 64}), before);
    typing.keyboard->press(ImGuiKey_S, false);
    typing.frames(6);
    EXPECT_FALSE(typing.document().viewpoint().camera({64, 64}) == before);
}

INSTANTIATE_TEST_SUITE_P(Layouts, KeysByPlace,
                         testing::Values([] { return test::Layout{}; }, test::azerty, test::dvorak,
                                         test::bepo));

TEST(KeysByLetter, AzertyRunsCommandsByWhatItsKeysType) {
    const Typing typing(test::azerty());
    EXPECT_EQ(typing.keys().flight_keys(), "Z Q S D A E or arrows");
    // Letters, wherever they are.
    EXPECT_EQ(typing.shown("edit.undo"), "Ctrl+Z");
    EXPECT_EQ(typing.shown("file.quit"), "Ctrl+Q");
    typing.tap(ImGuiKey_A, true);  // The key that types q.
    EXPECT_TRUE(typing.running.display->should_close());
    // Characters that need AltGr: the key at their place, with its own label.
    EXPECT_EQ(typing.shown("camera.next_input"), "$");
    EXPECT_EQ(typing.shown("camera.previous_input"), "^");
    EXPECT_EQ(typing.shown("camera.previous_held_out"), ",");
    EXPECT_EQ(typing.shown("camera.next_held_out"), ":");
    EXPECT_EQ(typing.shown("view.smaller"), "Ctrl+-");
    EXPECT_EQ(typing.shown("inputs.reset"), "8");
    const auto moves = typing.document().moves();
    typing.tap(ImGuiKey_M);  // Types a comma.
    EXPECT_GT(typing.document().moves(), moves);
}

TEST(KeysByLetter, DvorakRunsCommandsByWhatItsKeysType) {
    const Typing typing(test::dvorak());
    EXPECT_EQ(typing.keys().flight_keys(), ", A O E ' . or arrows");
    EXPECT_EQ(typing.shown("camera.next_input"), "]");
    EXPECT_EQ(typing.shown("view.larger"), "Ctrl++");
    typing.tap(ImGuiKey_Period);  // Types v.
    EXPECT_TRUE(typing.document().flying);
    typing.tap(ImGuiKey_Period);
    EXPECT_FALSE(typing.document().flying);
    // At rest the key at the place of W types a comma, which steps through the photos.
    const auto moves = typing.document().moves();
    typing.tap(ImGuiKey_W);
    EXPECT_GT(typing.document().moves(), moves);
    typing.tap(ImGuiKey_S, true);  // Types o: the Open dialog.
    EXPECT_TRUE(test::dialog_is_open());
}

TEST(KeysByLetter, LayoutsWithoutLatinLettersKeepThePlaces) {
    // Russian: the keys type these letters, in UTF-8.
    const Typing typing({{ImGuiKey_W, {"\xD1\x86", ImGuiKey_W}},
                         {ImGuiKey_V, {"\xD0\xBC", ImGuiKey_V}},
                         {ImGuiKey_F, {"\xD0\xB0", ImGuiKey_F}}});
    EXPECT_EQ(typing.shown("camera.fly"), "\xD0\x9C");
    EXPECT_EQ(typing.keys().label(ImGuiKey_W), "\xD0\xA6");
    typing.tap(ImGuiKey_V);
    EXPECT_TRUE(typing.document().flying);
}

TEST(KeysByLetter, AnotherLayoutCountsAtOnce) {
    const Typing typing({});
    EXPECT_EQ(typing.keys().flight_keys(), "W A S D Q E or arrows");
    typing.keyboard->set_layout(test::azerty());
    typing.frames(2);
    EXPECT_EQ(typing.keys().flight_keys(), "Z Q S D A E or arrows");
    typing.tap(ImGuiKey_A, true);
    EXPECT_TRUE(typing.running.display->should_close());
}

}  // namespace

}  // namespace lact::app
