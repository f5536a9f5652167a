#pragma once

#include "app/commands/script.h"
#include "app/document/frame_clock.h"
#include "app/runtime/log.h"

#include <cstddef>
#include <functional>
#include <optional>

namespace lact::app {

/// What plays by itself: a script, what follows it, and beside it the step of a tour.
class ScriptPlayer {
  public:
    ScriptPlayer(const CommandTable& commands, const ParameterTable& parameters, const FrameClock& clock,
                 ErrorLog& log)
        : commands_(&commands), parameters_(&parameters), clock_(&clock), log_(&log) {}

    /// From its beginning, in place of what plays; `then` follows unless it fails. A script may do this by
    /// one of its own steps: the other one begins when that step is over.
    void play(Script script, std::optional<Script> then = std::nullopt);
    void play_tour_step(Script script);
    void end_tour();

    /// Once a frame: at most one step of each. `settled`: nothing is computed and nothing moves. A failure is
    /// logged. Returns whether something plays.
    bool step(const std::function<bool()>& settled);

    [[nodiscard]] bool playing() const { return running(script_); }
    [[nodiscard]] bool touring() const { return running(tour_); }
    /// Of the script: why it ended before its end.
    [[nodiscard]] std::optional<Error> failure() const;
    /// The script's step to be done.
    [[nodiscard]] std::size_t place() const { return script_ ? script_->next() : 0; }
    /// How long the script still takes, but for what it waits to be computed.
    [[nodiscard]] double seconds_left() const;

  private:
    struct Next {
        Script script;
        std::optional<Script> then;
    };
    [[nodiscard]] static bool running(const std::optional<ScriptRunner>& script) {
        return script && script->state() == ScriptRunner::State::running;
    }
    [[nodiscard]] ScriptRunner runner(Script script) const {
        return {std::move(script), *commands_, *parameters_, [this] { return clock_->now(); }};
    }
    /// Returns whether it failed, which is logged.
    bool step_one(ScriptRunner& script, bool settled);
    void begin_next();

    const CommandTable* commands_;
    const ParameterTable* parameters_;
    const FrameClock* clock_;
    ErrorLog* log_;
    std::optional<ScriptRunner> script_;
    std::optional<Script> then_;
    std::optional<ScriptRunner> tour_;
    bool stepping_ = false;            ///< Runners must not be replaced now.
    std::optional<Next> next_;         ///< Wanted meanwhile.
    std::optional<Script> next_tour_;  ///< Likewise.
    bool tour_ends_ = false;           ///< Likewise.
};

}  // namespace lact::app
