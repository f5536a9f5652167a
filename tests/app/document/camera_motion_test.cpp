#include "app/document/camera_motion.h"

#include "app/document/frame_clock.h"

#include <gtest/gtest.h>

namespace lact::app {

namespace {

Viewpoint somewhere() {
    return look_at(frame_all({}), {3, 0, 1}, {0, 0, 0});
}

TEST(Glide, TurnsByTheWholeAngleAndEnds) {
    Glide glide;
    EXPECT_FALSE(glide.advance(0).has_value());
    const Viewpoint from = somewhere();
    glide.orbit(from, 1.2, 0.1, 2, 10);
    ASSERT_TRUE(glide.active());
    EXPECT_TRUE(glide.advance(10)->c2w.isApprox(from.c2w, 1e-9));
    const auto half = glide.advance(11);
    ASSERT_TRUE(half.has_value());
    EXPECT_TRUE(half->c2w.isApprox(orbit(from, 0.6, 0.05).c2w, 1e-9));
    const auto end = glide.advance(12.5);
    ASSERT_TRUE(end.has_value());
    EXPECT_TRUE(end->c2w.isApprox(orbit(from, 1.2, 0.1).c2w, 1e-9));
    EXPECT_FALSE(glide.active());
    EXPECT_FALSE(glide.advance(13).has_value());
}

TEST(Glide, ReachesItsTargetExactly) {
    Glide glide;
    const Viewpoint from = somewhere();
    const Viewpoint target = orbit(from, 2, 0.3);
    glide.to(from, target, 1, 0);
    EXPECT_FALSE(glide.advance(0.5)->c2w.isApprox(target.c2w, 1e-3));
    EXPECT_EQ(glide.advance(1)->c2w, target.c2w);
    EXPECT_FALSE(glide.active());
    glide.to(from, target, 0, 5);
    EXPECT_EQ(glide.advance(5)->c2w, target.c2w);
}

TEST(FrameClock, IsHeldAndReleased) {
    FrameClock clock;
    const double real = clock.now();
    clock.hold(42);
    EXPECT_EQ(clock.now(), 42);
    clock.release();
    EXPECT_GE(clock.now(), real);
}

}  // namespace

}  // namespace lact::app
