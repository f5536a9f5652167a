#include "app/video/bounded_queue.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

TEST(BoundedQueue, KeepsOrderAndNeverHoldsMoreThanItMay) {
    BoundedQueue<int> queue(3);
    std::atomic<int> pushed{0};
    std::atomic<int> popped{0};
    std::atomic<bool> overfull{false};
    std::thread producer([&] {
        for (int i = 0; i < 1000; ++i) {
            if (!queue.push(i)) {
                return;
            }
            // Read in this order the difference is at most what the queue holds and the one being taken out.
            const int in = ++pushed;
            if (in - popped > 3 + 1) {
                overfull = true;
            }
        }
        queue.close();
    });
    std::vector<int> got;
    while (const auto item = queue.pop()) {
        ++popped;
        got.push_back(*item);
    }
    producer.join();
    EXPECT_FALSE(overfull);
    ASSERT_EQ(got.size(), 1000U);
    for (int i = 0; i < 1000; ++i) {
        ASSERT_EQ(got[static_cast<std::size_t>(i)], i);
    }
    EXPECT_FALSE(queue.push(1));
    EXPECT_FALSE(queue.aborted());
}

/// Runs `wait` on another thread and `wake` when it most likely waits, and returns when it has come back. A
/// wait that begins later comes back as well: only what this finds depends on the moment.
void wake_from(const std::function<void()>& wait, const std::function<void()>& wake) {
    std::promise<void> begins;
    std::thread waiting([&] {
        begins.set_value();
        wait();
    });
    begins.get_future().wait();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    wake();
    waiting.join();
}

TEST(BoundedQueue, AbortWakesBothSidesAndDropsTheRest) {
    BoundedQueue<int> full(1);
    ASSERT_TRUE(full.push(1));
    wake_from([&] { EXPECT_FALSE(full.push(2)); }, [&] { full.abort(); });
    EXPECT_FALSE(full.pop().has_value());
    EXPECT_TRUE(full.aborted());

    BoundedQueue<int> empty(1);
    wake_from([&] { EXPECT_FALSE(empty.pop().has_value()); }, [&] { empty.abort(); });
    EXPECT_TRUE(empty.aborted());
}

TEST(BoundedQueue, CloseWakesBothSidesAndKeepsTheRest) {
    BoundedQueue<int> full(1);
    ASSERT_TRUE(full.push(1));
    wake_from([&] { EXPECT_FALSE(full.push(2)); }, [&] { full.close(); });
    EXPECT_EQ(full.pop(), 1);
    EXPECT_FALSE(full.pop().has_value());
    EXPECT_FALSE(full.aborted());

    BoundedQueue<int> empty(1);
    wake_from([&] { EXPECT_FALSE(empty.pop().has_value()); }, [&] { empty.close(); });
    EXPECT_FALSE(empty.aborted());
}

}  // namespace

}  // namespace lact::app
