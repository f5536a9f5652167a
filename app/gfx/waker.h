#pragma once

#include "app/gfx/display.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace lact::gfx {

/// wait() and wake() of displays without a window system.
class Waker {
  public:
    Wake wait(std::optional<double> seconds) {
        std::unique_lock lock(mutex_);
        const auto woken = [this] { return woken_; };
        if (!seconds) {
            changed_.wait(lock, woken);
        } else {
            changed_.wait_for(lock, std::chrono::duration<double>(*seconds), woken);
        }
        const bool was = woken_;
        woken_ = false;
        return was ? Wake::request : Wake::timeout;
    }
    void wake() {
        {
            const std::scoped_lock lock(mutex_);
            woken_ = true;
        }
        changed_.notify_one();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
};

}  // namespace lact::gfx
