#include "app/commands/script_player.h"

#include <utility>

namespace lact::app {

void ScriptPlayer::play(Script script, std::optional<Script> then) {
    next_ = Next{std::move(script), std::move(then)};
    begin_next();
}

void ScriptPlayer::play_afterwards(Script script, std::optional<Script> then) {
    afterwards_ = Next{std::move(script), std::move(then)};
    begin_next();
}

void ScriptPlayer::play_after_session(Script script, std::optional<Script> then) {
    const bool restores =
        next_ ? next_->script.restores_session : running(script_) && script_->restores_session();
    if (restores) {
        play_afterwards(std::move(script), std::move(then));
    } else {
        play(std::move(script), std::move(then));
    }
}

void ScriptPlayer::play_tour_step(Script script) {
    next_tour_ = std::move(script);
    begin_next();
}

void ScriptPlayer::end_tour() {
    tour_ends_ = true;
    next_tour_.reset();
    begin_next();
}

void ScriptPlayer::begin_next() {
    if (stepping_) {
        return;
    }
    if (std::exchange(tour_ends_, false)) {
        tour_.reset();
    }
    if (!next_ && !then_ && afterwards_ && !running(script_)) {
        next_ = std::exchange(afterwards_, std::nullopt);
    }
    if (next_) {
        Next next = std::move(*std::exchange(next_, std::nullopt));
        script_.emplace(runner(std::move(next.script)));
        then_ = std::move(next.then);
    }
    if (next_tour_) {
        tour_.emplace(runner(std::move(*std::exchange(next_tour_, std::nullopt))));
    }
}

bool ScriptPlayer::step_one(ScriptRunner& script, bool settled) {
    stepping_ = true;
    const bool failed = script.step(settled) == ScriptRunner::State::failed;
    stepping_ = false;
    if (failed) {
        log_->add(script.error());
    }
    return failed;
}

bool ScriptPlayer::step(const std::function<bool()>& settled) {
    const bool plays = playing() || touring();
    if (touring()) {
        (void)step_one(*tour_, settled());
        begin_next();
    }
    if (running(script_) && step_one(*script_, settled() && !touring())) {
        then_.reset();
    }
    // A script without steps is over before its first step.
    if (script_ && !running(script_) && then_ && !next_) {
        next_ = Next{std::move(*std::exchange(then_, std::nullopt)), std::nullopt};
    }
    begin_next();
    return plays;
}

std::optional<Error> ScriptPlayer::failure() const {
    return script_ && script_->state() == ScriptRunner::State::failed ? std::optional(script_->error())
                                                                      : std::nullopt;
}

double ScriptPlayer::seconds_left() const {
    return running(script_) ? script_->seconds_left() : 0;
}

}  // namespace lact::app
