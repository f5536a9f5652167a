#pragma once

#include "app/gfx/display.h"

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <thread>

namespace lact::app::test {

/// A null display that slows the engine down on request: the engine's thread calls wake() after each of its
/// tasks and waits there. The call may hold locks, so that the wait is short and of a fixed length.
class SlowEngineDisplay final : public gfx::Display {
  public:
    std::atomic<bool> slow = false;

    void wake() override {
        if (slow && std::this_thread::get_id() != owner_) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        inner_->wake();
    }
    [[nodiscard]] const gfx::DisplayInfo& info() const override { return inner_->info(); }
    [[nodiscard]] gfx::Canvas& canvas() override { return inner_->canvas(); }
    gfx::Wake wait(std::optional<double> seconds) override { return inner_->wait(seconds); }
    [[nodiscard]] bool should_close() const override { return inner_->should_close(); }
    void set_should_close(bool close) override { inner_->set_should_close(close); }
    void resize(int width, int height) override { inner_->resize(width, height); }
    [[nodiscard]] std::array<int, 2> size() const override { return inner_->size(); }
    [[nodiscard]] Result<bool> begin_frame() override { return inner_->begin_frame(); }
    [[nodiscard]] Result<void> end_frame(Image8* capture) override { return inner_->end_frame(capture); }

  private:
    std::unique_ptr<gfx::Display> inner_ = gfx::make_null({});
    const std::thread::id owner_ = std::this_thread::get_id();
};

}  // namespace lact::app::test
