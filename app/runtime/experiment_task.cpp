#include "app/runtime/experiment_task.h"

#include "engine/experiment/experiment.h"

#include <exception>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace lact::app {

namespace {

/// A run and its job live over many turns of the task. What stops a piece lets the run go on; the user ends
/// it by its job, by cancel, or by a request for another one.
class ExperimentTask final : public Task {
  public:
    explicit ExperimentTask(const EngineContext& context)
        : state_(context.state), worker_(context.worker), log_(context.log), jobs_(context.jobs) {}

    bool due() const override { return state_.experiment_due(); }
    StopReasons stopped_by() const override {
        return {StopReason::set_up, StopReason::camera, StopReason::sides, StopReason::cancel,
                StopReason::experiment};
    }
    std::stop_source take() override {
        if (!state_.experiment.running) {
            begin(*std::exchange(state_.experiment.request, std::nullopt));
        }
        given_up_ = state_.experiment.given_up;
        piece_ = std::stop_source();
        ended_by_user_.emplace(ticket_.stop().get_token(),
                               [piece = piece_]() mutable { piece.request_stop(); });
        return piece_;
    }
    void execute() override {
        try {
            result_ = do_piece();
            if (run_) {
                outcome_.report = std::make_shared<const ExperimentReport>(run_->report());
                ticket_.job().progress("measuring", outcome_.report->fraction);
            }
        } catch (const std::exception& problem) {
            result_ = fail("experiment", problem.what(), "Use fewer input views or a smaller size.");
        }
    }
    Next commit(StopReasons /*raised*/) override {
        ended_by_user_.reset();
        const bool stopped = !result_ && result_.error().cancelled;
        const bool ended = given_up_ || state_.experiment.given_up || ticket_.stop().stop_requested();
        if (stopped && !ended) {
            return Next::done;  // the same piece comes again after what stopped it
        }
        outcome_.running = result_ && *result_;
        if (stopped) {
            outcome_.problem = "Stopped before its end.";
        } else if (!result_) {
            outcome_.problem = result_.error().message();
            log_.add(result_.error());
        }
        state_.experiment.running = outcome_.running;
        state_.experiment.given_up = state_.experiment.given_up && outcome_.running;
        state_.publish([&](Snapshot& next) {
            next.experiments[outcome_.request.id] = std::make_shared<const ExperimentOutcome>(outcome_);
            const auto& waits = state_.experiment.request;
            next.requested_experiment = waits ? waits->id : std::string();
        });
        return Next::done;
    }
    void finish() override {
        if (outcome_.running) {
            return;
        }
        ticket_.finish(result_ ? Result<void>() : tl::unexpected<Error>(result_.error()));
        run_.reset();
    }

  private:
    /// The lock is held.
    void begin(ExperimentRequest request) {
        state_.experiment.running = true;
        outcome_ = {};
        outcome_.generation = state_.snapshot->state->generation;
        outcome_.scene = state_.snapshot->scene->sequence;
        outcome_.running = true;
        const Experiment* experiment = find_experiment(request.id);
        ticket_ = jobs_.start(experiment != nullptr ? std::string(experiment->title) : request.id);
        outcome_.request = std::move(request);
    }

    /// True while there is more.
    Result<bool> do_piece() {
        if (given_up_ || piece_.stop_requested()) {
            return cancelled();
        }
        if (!run_) {
            LACT_TRY(run_,
                     start_experiment(outcome_.request.id, worker_.experiment_input(outcome_.request.camera),
                                      outcome_.request.settings));
            return true;
        }
        Job job;
        job.stop = piece_.get_token();
        job.note = [this](std::string_view sentence) { log_.say(Severity::note, std::string(sentence)); };
        return run_->advance(job);
    }

    EngineState& state_;
    EngineWorker& worker_;
    ErrorLog& log_;
    JobRegistry& jobs_;

    // Of the run.
    ExperimentOutcome outcome_;
    std::unique_ptr<ExperimentRun> run_;
    JobTicket ticket_;
    // Of its current piece.
    bool given_up_ = false;
    std::stop_source piece_{std::nostopstate};
    std::optional<std::stop_callback<std::function<void()>>> ended_by_user_;
    Result<bool> result_ = false;
};

}  // namespace

std::unique_ptr<Task> make_experiment_task(const EngineContext& context) {
    return std::make_unique<ExperimentTask>(context);
}

}  // namespace lact::app
