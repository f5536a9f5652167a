#include "app/document/undo_history.h"

#include <gtest/gtest.h>

namespace lact::app {

namespace {

/// Shows a value at several moments, as frames do.
void rest(UndoHistory<int>& history, int value, double from) {
    for (int i = 0; i < 4; ++i) {
        history.update(value, from + 0.2 * i);
    }
}

TEST(UndoHistory, GoesBackAndForth) {
    UndoHistory<int> history(0);
    EXPECT_FALSE(history.can_undo());
    EXPECT_FALSE(history.undo(0).has_value());
    rest(history, 1, 10);
    rest(history, 2, 20);
    ASSERT_TRUE(history.can_undo());
    EXPECT_EQ(history.undo(2), 1);
    EXPECT_EQ(history.undo(1), 0);
    EXPECT_FALSE(history.can_undo());
    ASSERT_TRUE(history.can_redo());
    EXPECT_EQ(history.redo(0), 1);
    rest(history, 7, 30);  // Another way from here: what was undone is gone.
    EXPECT_FALSE(history.can_redo());
    EXPECT_EQ(history.undo(7), 1);
    EXPECT_EQ(history.undo(1), 0);
}

TEST(UndoHistory, ADragIsOneStep) {
    UndoHistory<int> history(0);
    for (int i = 1; i <= 50; ++i) {
        history.update(i, 10 + 0.05 * i);
    }
    EXPECT_TRUE(history.can_undo());  // Also while it goes on.
    EXPECT_EQ(history.undo(50), 0);
    EXPECT_EQ(history.redo(0), 50);
}

TEST(UndoHistory, WhatIsNoEditIsNoStepAndEndsNoRedo) {
    UndoHistory<int> history(0);
    const auto shown = [&history](int value, double from) {
        for (int i = 0; i < 4; ++i) {
            history.update(value, from + 0.2 * i,
                           [](int before, int after) { return before / 10 != after / 10; });
        }
    };
    shown(10, 10);
    shown(11, 20);
    EXPECT_EQ(history.undo(11), 0);
    shown(1, 30);
    ASSERT_TRUE(history.can_redo());
    EXPECT_EQ(history.redo(1), 11);
    EXPECT_EQ(history.undo(11), 1);
    EXPECT_FALSE(history.can_undo());
}

TEST(UndoHistory, KeepsTheNewest) {
    UndoHistory<int> history(0, 3);
    for (int i = 1; i <= 10; ++i) {
        rest(history, i, 10.0 * i);
    }
    int steps = 0;
    int value = 10;
    while (const auto earlier = history.undo(value)) {
        value = *earlier;
        ++steps;
    }
    EXPECT_EQ(steps, 3);
    EXPECT_EQ(value, 7);
}

TEST(UndoHistory, WhatWasStoppedIsNoStepAndNeitherIsItsEnd) {
    UndoHistory<int> history(0);
    rest(history, 1, 10);
    rest(history, 2, 20);
    rest(history, 3, 30);
    history.withdraw(1);  // 2 and 3 were requested, and stopped.
    EXPECT_EQ(history.undo(1), 0);
    history.withdraw(1);  // So was this.
    EXPECT_FALSE(history.can_redo());
    EXPECT_EQ(history.undo(1), 0);
    EXPECT_EQ(history.redo(0), 1);
    history.withdraw(1);  // Nothing was stopped.
    history.withdraw(7);  // No value of before: a change like any other.
    rest(history, 7, 40);
    EXPECT_EQ(history.undo(7), 1);
}

}  // namespace

}  // namespace lact::app
