#pragma once

#include "app/gfx/display.h"

#include <condition_variable>
#include <mutex>
#include <optional>

namespace lact::gfx {

/// Creates the contexts of ImGui and ImPlot and destroys them; the first member of a display.
class ImGuiOwner {
  public:
    ImGuiOwner();
    ImGuiOwner(const ImGuiOwner&) = delete;
    ImGuiOwner& operator=(const ImGuiOwner&) = delete;
    ~ImGuiOwner();
};

/// Implements Display::wait() and Display::wake() without a window system.
class Waker {
  public:
    Wake wait(std::optional<double> seconds);
    void wake();

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
};

}  // namespace lact::gfx
