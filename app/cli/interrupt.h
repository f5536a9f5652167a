#pragma once

#include "engine/core/error.h"

#include <csignal>
#include <memory>
#include <stop_token>

namespace lact::app {

/// Turns Ctrl-C (SIGINT), SIGTERM and a closed terminal (SIGHUP, unless started by nohup) into a stop
/// request, so that a job ends in order and leaves no half-made file. A second such signal ends the program
/// at once. Ignores SIGPIPE: a reader that goes away is an error of the write, not the end of the program.
///
/// At most one of these exists at a time; its end restores what was set before. May be installed at any time,
/// also when other threads run already.
class Interrupt {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Interrupt>> install();
    virtual ~Interrupt() = default;

    /// To be given to a Job. Stop callbacks run on a thread of this object, not in a signal handler.
    [[nodiscard]] virtual std::stop_token token() const = 0;
    /// The signal that asked to stop, 0 when none did. The program's exit code is by convention 128 + this.
    [[nodiscard]] virtual int signal() const = 0;
};

}  // namespace lact::app
