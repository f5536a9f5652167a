#pragma once

#include "tests/support/environment.h"

#include <memory>
#include <optional>

namespace lact::gfx::test {

/// An X server of our own (Xvfb) for as long as this lives; DISPLAY names it meanwhile.
class XServer {
  public:
    /// Null, with the reason on stderr, where Xvfb is not installed or does not start.
    [[nodiscard]] static std::unique_ptr<XServer> start();
    XServer(const XServer&) = delete;
    XServer& operator=(const XServer&) = delete;
    ~XServer();

  private:
    XServer() = default;
    int process_ = 0;
    std::optional<lact::test::Environment> display_;
};

}  // namespace lact::gfx::test
