#pragma once

#include "engine/core/error.h"

#include <csignal>
#include <memory>
#include <stop_token>

namespace lact::app {

/// Turns Ctrl-C (SIGINT), SIGTERM and a closed terminal (SIGHUP, unless started by nohup) into a stop
/// request, so that a job ends in order and leaves no partial file. A second such signal ends the program
/// at once. Ignores SIGPIPE: writing to a closed pipe then fails with an error.
///
/// At most one instance exists at a time; its destructor restores the earlier handlers. May be installed
/// while other threads run.
class Interrupt {
  public:
    /// Errors: an instance exists; the system refuses.
    [[nodiscard]] static Result<std::unique_ptr<Interrupt>> install();
    virtual ~Interrupt() = default;

    /// For a Job. Stop callbacks run on a thread of this object, not in a signal handler.
    [[nodiscard]] virtual std::stop_token token() const = 0;
    /// The first signal received, 0 without one. By convention the exit code is 128 + this.
    [[nodiscard]] virtual int signal() const = 0;
};

}  // namespace lact::app
