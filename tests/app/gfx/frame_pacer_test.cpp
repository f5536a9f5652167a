#include "app/gfx/frame_pacer.h"

#include <gtest/gtest.h>

namespace lact::gfx {

namespace {

/// Draws all that is due from `from` until `to`, as the loop does; the number of frames.
int frames_between(FramePacer& pacer, double from, double to) {
    int frames = 0;
    double now = from;
    while (true) {
        const auto wait = pacer.wait(now);
        if (!wait || now + *wait > to) {
            return frames;
        }
        now += *wait;
        if (pacer.due(now)) {
            pacer.drawn(now);
            ++frames;
        }
        now += 0.001;  // What a frame takes.
    }
}

TEST(FramePacer, DrawsTheFirstFramesThenNone) {
    FramePacer pacer;
    EXPECT_EQ(frames_between(pacer, 0, 1), 3);
    EXPECT_EQ(frames_between(pacer, 1, 1000), 0);
    EXPECT_FALSE(pacer.wait(1000).has_value());
}

TEST(FramePacer, InputSettlesAndTooltipsGetTheirFrames) {
    FramePacer pacer;
    frames_between(pacer, 0, 1);
    pacer.input(10);
    EXPECT_EQ(frames_between(pacer, 10, 10.1), 3);
    EXPECT_EQ(frames_between(pacer, 10.1, 10.3), 1);
    EXPECT_EQ(frames_between(pacer, 10.3, 11), 1);
    EXPECT_EQ(frames_between(pacer, 11, 100), 0);
}

TEST(FramePacer, AChangeIsOneFrameNowAndOneLater) {
    FramePacer pacer;
    frames_between(pacer, 0, 1);
    pacer.changed(10);
    EXPECT_EQ(frames_between(pacer, 10, 10.1), 1);
    pacer.changed(10.1);
    EXPECT_EQ(frames_between(pacer, 10.1, 10.2), 1);
    EXPECT_EQ(frames_between(pacer, 10.2, 20), 1);
}

TEST(FramePacer, AnimationAsksAgainEachFrame) {
    FramePacer pacer;
    frames_between(pacer, 0, 1);
    pacer.animate_once();
    EXPECT_TRUE(pacer.due(2));
    pacer.drawn(2);
    EXPECT_FALSE(pacer.due(2));
}

TEST(FramePacer, WhatEndsByItselfGetsOneFrameThenWhateverComesBefore) {
    FramePacer pacer;
    frames_between(pacer, 0, 1);
    pacer.at(15);
    pacer.at(18);  // Asked for again with the frame at 15.
    EXPECT_EQ(frames_between(pacer, 1, 14.9), 0);
    pacer.input(14);
    EXPECT_EQ(frames_between(pacer, 14, 14.9), 5);
    EXPECT_EQ(frames_between(pacer, 14.9, 100), 1);
    EXPECT_FALSE(pacer.wait(100).has_value());
}

}  // namespace

}  // namespace lact::gfx
