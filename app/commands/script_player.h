#pragma once

#include "app/commands/script.h"
#include "app/document/frame_clock.h"
#include "app/runtime/log.h"

#include <cstddef>
#include <functional>
#include <optional>

namespace lact::app {

/// Plays scripts: one script, the script that follows it, and beside them the step of a tour.
class ScriptPlayer {
  public:
    ScriptPlayer(const CommandTable& commands, const ParameterTable& parameters, const FrameClock& clock,
                 ErrorLog& log)
        : commands_(&commands), parameters_(&parameters), clock_(&clock), log_(&log) {}

    /// Plays a script from its beginning, in place of the current one; `then` follows unless it fails. A step
    /// of a script may call this: the other script begins when that step is over.
    void play(Script script, std::optional<Script> then = std::nullopt);
    /// Plays a script once no other plays: after the session that is being opened, which is a script too.
    void play_afterwards(Script script, std::optional<Script> then = std::nullopt);
    /// Plays a script in place of the current one; where that restores a session, after it.
    void play_after_session(Script script, std::optional<Script> then = std::nullopt);
    void play_tour_step(Script script);
    void end_tour();

    /// Once a frame: runs at most one step of each. `settled`: nothing is computed and nothing moves. A
    /// failure is logged. Returns whether a script plays.
    bool step(const std::function<bool()>& settled);

    [[nodiscard]] bool playing() const { return running(script_) || afterwards_; }
    [[nodiscard]] bool touring() const { return running(tour_); }
    /// Why the script failed; empty where it did not.
    [[nodiscard]] std::optional<Error> failure() const;
    /// Index of the next step of the script.
    [[nodiscard]] std::size_t place() const { return script_ ? script_->next() : 0; }
    /// Seconds left of the script, without waits for idle.
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
        if (!script.refused) {
            script.refused = [log = log_](const Error& step) {
                log->say(Severity::warning, step.what, step.where);
            };
        }
        return {std::move(script), *commands_, *parameters_, [this] { return clock_->now(); }};
    }
    /// Runs one step. Returns whether it failed, and logs that.
    bool step_one(ScriptRunner& script, bool settled);
    void begin_next();

    const CommandTable* commands_;
    const ParameterTable* parameters_;
    const FrameClock* clock_;
    ErrorLog* log_;
    std::optional<ScriptRunner> script_;
    std::optional<Script> then_;
    std::optional<Next> afterwards_;
    std::optional<ScriptRunner> tour_;
    bool stepping_ = false;            ///< In a step: runners must not be replaced.
    std::optional<Next> next_;         ///< Requested during a step.
    std::optional<Script> next_tour_;  ///< Likewise.
    bool tour_ends_ = false;           ///< Likewise.
};

}  // namespace lact::app
