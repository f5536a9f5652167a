#include "app/core/engine_threads.h"

#include <gtest/gtest.h>

namespace lact::app {
namespace {

TEST(EngineThreads, LeaveRoomForTheInterface) {
    EXPECT_EQ(engine_threads_beside_window(0, false), 1);  // unknown
    EXPECT_EQ(engine_threads_beside_window(1, true), 1);
    EXPECT_EQ(engine_threads_beside_window(2, true), 1);
    EXPECT_EQ(engine_threads_beside_window(2, false), 1);
    EXPECT_EQ(engine_threads_beside_window(16, true), 8);
    EXPECT_EQ(engine_threads_beside_window(16, false), 15);
}

}  // namespace
}  // namespace lact::app
