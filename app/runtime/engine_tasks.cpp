#include "app/runtime/engine_tasks.h"

#include "app/runtime/experiment_task.h"
#include "engine/core/guarded.h"
#include "engine/scene/camera.h"

#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <malloc.h>

namespace lact::app {

namespace {

using FrameResult = Result<std::shared_ptr<const Frame>>;
using PairResult = Result<std::shared_ptr<const ComparedPair>>;

constexpr const char* memory_hint = "Use fewer input views or a smaller size.";

/// SSIM of larger images takes longer than some models take to render them: it comes after the pair.
constexpr int largest_with_ssim = 128 * 128;

/// Decoding photos and set-up leave much freed memory in the allocator's arenas, more by chance with every
/// scene.
void give_back_freed_memory() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

/// The result of work on the engine's thread.
template <class Work>
auto engine_work(const Work& work) -> decltype(work()) {
    return guarded("engine", work, memory_hint);
}

template <class T>
bool was_stopped(const Result<T>& result) {
    return !result && result.error().cancelled;
}

class EngineTask : public Task {
  public:
    explicit EngineTask(const EngineContext& context)
        : state_(context.state), worker_(context.worker), log_(context.log), jobs_(context.jobs) {}

  protected:
    /// Begins work that is not listed as a job.
    std::stop_source begin() {
        std::stop_source stop;
        job_ = Job{};
        job_.stop = stop.get_token();
        return stop;
    }
    /// Begins work that is listed as a job until the ticket is finished.
    std::stop_source begin(std::string title) {
        ticket_ = jobs_.start(std::move(title));
        job_ = ticket_.job();
        return ticket_.stop();
    }
    [[nodiscard]] ComparisonState& comparison() const { return state_.comparison; }
    [[nodiscard]] FrameResult rendered(const Camera& from) {
        LACT_TRY(Frame frame, engine_work([&] { return worker_.render(from, job_); }));
        return std::make_shared<const Frame>(std::move(frame));
    }

    EngineState& state_;
    EngineWorker& worker_;
    ErrorLog& log_;
    JobRegistry& jobs_;
    Job job_;
    JobTicket ticket_;
};

/// Executes in rounds: it loads, takes in what was requested meanwhile, loads that too if need be, and then
/// builds one state for all of it.
class SetUpTask final : public EngineTask {
  public:
    using EngineTask::EngineTask;

    bool due() const override { return state_.set_up_due(); }
    StopReasons stopped_by() const override {
        // Loading goes on where a new request does not change what is loaded.
        return {stage_ == Stage::load ? StopReason::load : StopReason::set_up, StopReason::cancel};
    }
    std::stop_source take() override {
        taken_ = std::exchange(state_.pending, {});
        stage_ = taken_.need_loading() ? Stage::load : Stage::set_up;
        std::stop_source stop = begin(taken_.title());
        job_.note = [this](std::string_view sentence) { log_.say(Severity::note, std::string(sentence)); };
        return stop;
    }
    void execute() override {
        try {
            if (stage_ == Stage::load) {
                result_ = worker_.load(taken_, job_).map([] { return false; });
            } else {
                result_ = worker_.set_up(taken_, job_);
            }
        } catch (const std::exception& problem) {
            const Error error{problem.what(), "engine", memory_hint, false};
            result_ = tl::unexpected<SetUpError>({error, SetUpStage::state});
        }
    }
    Next commit(StopReasons raised) override {
        if (stage_ == Stage::load && result_) {
            stage_ = next_stage();
            return Next::execute_again;
        }
        if (!result_) {
            log_.add(result_.error().error);
        }
        if (result_ && *result_) {
            publish_set_up();
        } else if (worker_.offer() != offer_) {
            state_.publish([&](Snapshot& next) { publish_offer(next); });
        }
        give_back_requests(raised);
        return Next::done;
    }
    void finish() override {
        if (nothing_left_) {
            worker_.forget_loaded();
        }
        if (std::exchange(other_scene_, false)) {
            give_back_freed_memory();
        }
        ticket_.finish(result_ ? Result<void>() : tl::unexpected<Error>(result_.error().error));
    }

  private:
    enum class Stage { load, set_up };

    /// After loading. Requests that came meanwhile join.
    Stage next_stage() {
        if (job_.stopped()) {
            return Stage::set_up;  // which ends at once
        }
        const EngineRequests newer = std::exchange(state_.pending, {});
        taken_.add(newer);
        return newer.need_loading() ? Stage::load : Stage::set_up;
    }

    /// The worker's offer, with the weights that were requested together with the scene.
    void publish_offer(Snapshot& next) {
        if (worker_.offer() == offer_) {
            return;
        }
        offer_ = worker_.offer();
        next.offer = offer_;
        if (offer_ && taken_.weights) {
            MemoryOffer with_weights = *offer_;
            with_weights.weights = taken_.weights->value;
            next.offer = std::make_shared<const MemoryOffer>(std::move(with_weights));
        }
    }

    /// What was taken and is not fulfilled waits, or is tried again, with the newer requests on top.
    void give_back_requests(StopReasons raised) {
        const bool stopped = !result_ && result_.error().error.cancelled;
        // Otherwise the user stopped the job, perhaps after asking for a change that does not stop it.
        const bool superseded = !state_.pending.empty() && raised.overlaps(stopped_by());
        if (raised.contains(StopReason::cancel) || (stopped && !superseded)) {
            taken_ = {};  // the user gave it up
        } else if (!result_ && !stopped) {
            drop_failed(taken_, result_.error().stage);
        }
        nothing_left_ = taken_.empty();
        taken_.add(state_.pending);
        state_.pending = std::exchange(taken_, {});
    }

    void publish_set_up() {
        const auto before = state_.snapshot->scene;
        const auto scene = worker_.scene();
        other_scene_ = scene && (!before || before->sequence != scene->sequence);
        const auto& matrix = state_.matrix.value;
        state_.matrix.unread = worker_.ready() && matrix && worker_.has_matrix(*matrix);
        state_.publish([&](Snapshot& next) {
            next.weights = worker_.weights();
            next.scene = scene;
            next.state = worker_.state();
            publish_offer(next);
            if (other_scene_) {
                next.pair = nullptr;
                next.table = nullptr;
            }
            if (!state_.matrix.unread) {
                next.matrix = nullptr;  // these weights have no such layer or head
            }
            next.sides_pending = next.state && comparison().request;
        });
        if (scene) {
            refit_camera(before.get(), *scene);
        }
        state_.camera.put_again();
        // Where a comparison was ended meanwhile, its sides are still to be let go.
        comparison().sides_due = comparison().sides_due || comparison().request.has_value();
        comparison().ready = false;
    }

    /// A new scene begins at its first input view, unless a camera was set after it was requested; a new size
    /// is that of the camera, too.
    void refit_camera(const SceneSummary* before, const SceneSummary& scene) {
        std::optional<Camera>& camera = state_.camera.value;
        if (other_scene_) {
            for (const SceneRemark& remark : scene.remarks) {  // The Scene panel shows them.
                log_.list(Severity::warning, remark.text, scene.name);
            }
            if (state_.camera_sequence < worker_.scene_opening()) {
                camera = scene.views[scene.inputs.front()].camera;
            }
        } else if (camera && before->size == camera->size()) {
            camera = make_camera(camera->c2w, lens_of(*camera), scene.size);
        }
    }

    EngineRequests taken_;
    Stage stage_ = Stage::load;
    tl::expected<bool, SetUpError> result_ = false;  ///< True where anything changed.
    std::shared_ptr<const MemoryOffer> offer_;       ///< The worker's, as it was published last.
    bool other_scene_ = false;
    bool nothing_left_ = false;
};

/// Without a request it lets the sides go.
class SidesTask final : public EngineTask {
  public:
    using EngineTask::EngineTask;

    bool due() const override { return state_.has_state() && comparison().sides_due; }
    StopReasons stopped_by() const override {
        return {StopReason::set_up, StopReason::sides, StopReason::cancel};
    }
    std::stop_source take() override {
        request_ = comparison().request;
        comparison().sides_due = false;
        comparison().ready = false;
        return request_ ? begin("Compare") : begin();
    }
    void execute() override {
        if (request_) {
            result_ = engine_work([&] { return worker_.set_sides(*request_, job_); });
        } else {
            worker_.end_comparison();
            result_ = {};
        }
    }
    Next commit(StopReasons raised) override {
        if (!request_) {
            end({});
            comparison().table_left.clear();
        } else if (comparison().request == request_) {
            if (result_) {
                begin_pairs();
            } else if (was_stopped(result_) && raised.contains(StopReason::set_up)) {
                comparison().sides_due = true;  // still requested after the set-up
            } else {
                log_.add(result_.error());
                end(was_stopped(result_) ? "The sides were not made: stopped." : result_.error().message());
            }
        }
        return Next::done;
    }
    void finish() override { ticket_.finish(result_); }

  private:
    /// There are no sides, and why.
    void end(const std::string& problem) {
        state_.publish([&](Snapshot& next) {
            next.pair = nullptr;
            next.table = nullptr;
            next.compare_problem = problem;
            next.sides_pending = comparison().sides_due;  // requested meanwhile
        });
        if (comparison().frame_left_out) {
            state_.camera.put_again();
        }
    }

    void begin_pairs() {
        comparison().ready = true;
        state_.camera.put_again();
        CompareTable table = worker_.comparison().empty_table();
        const auto& known = state_.snapshot->table;
        const bool other_sides = !known || known->sides != table.sides;
        if (other_sides) {
            comparison().table_views = worker_.comparison().held_out();
            comparison().table_left = comparison().table_views;
        }
        state_.publish([&](Snapshot& next) {
            next.compare_problem.clear();
            next.sides_pending = comparison().sides_due;  // requested meanwhile
            if (other_sides) {
                next.table = std::make_shared<const CompareTable>(std::move(table));
            }
        });
    }

    std::optional<CompareRequest> request_;
    Result<void> result_;
};

class MatrixTask final : public EngineTask {
  public:
    using EngineTask::EngineTask;

    bool due() const override { return state_.has_state() && state_.matrix.due(); }
    std::stop_source take() override {
        key_ = state_.matrix.take();
        return std::stop_source(std::nostopstate);
    }
    void execute() override {
        const auto read = [&]() -> Result<std::shared_ptr<const Matrix>> {
            LACT_TRY(Matrix matrix, worker_.matrix(key_));
            return std::make_shared<const Matrix>(std::move(matrix));
        };
        matrix_ = engine_work(read);
    }
    Next commit(StopReasons /*raised*/) override {
        if (matrix_) {
            state_.publish([&](Snapshot& next) { next.matrix = std::exchange(*matrix_, nullptr); });
        } else {
            log_.add(matrix_.error());
        }
        return Next::done;
    }

  private:
    MatrixKey key_;
    Result<std::shared_ptr<const Matrix>> matrix_;
};

/// Frame and pair are published together: they never show different cameras. Where no side shows the current
/// state, the pair comes alone.
class FrameTask final : public EngineTask {
  public:
    using EngineTask::EngineTask;

    bool due() const override { return state_.has_state() && state_.camera.due(); }
    StopReasons stopped_by() const override { return {StopReason::set_up, StopReason::cancel}; }
    std::stop_source take() override {
        from_ = worker_.fitted(state_.camera.take());
        comparing_ = comparison().ready;
        frame_ = state_.frame_at(from_);
        pair_alone_ = comparing_ && state_.frame_is_of_state() && !worker_.comparison().shows_base();
        return begin();
    }
    void execute() override {
        if (!*frame_ && !pair_alone_) {
            frame_ = rendered(from_);
        }
        pair_ = nullptr;
        if (frame_ && comparing_) {
            pair_ = engine_work([&] { return compared(*frame_); });
        }
    }
    Next commit(StopReasons /*raised*/) override {
        if (was_stopped(frame_) || was_stopped(pair_)) {
            state_.camera.put_again();  // the window still asks for it
        } else if (frame_) {
            publish_frame_and_pair();
        } else {
            log_.add(frame_.error());
        }
        frame_ = nullptr;
        pair_ = nullptr;
        return Next::done;
    }

  private:
    PairResult compared(const std::shared_ptr<const Frame>& frame) {
        const bool with_ssim = from_.width * from_.height <= largest_with_ssim;
        LACT_TRY(ComparedPair pair, worker_.comparison().pair(from_, frame, with_ssim, job_));
        return std::make_shared<const ComparedPair>(std::move(pair));
    }

    void publish_frame_and_pair() {
        comparison().frame_left_out = *frame_ == nullptr;
        if (!pair_) {
            log_.add(pair_.error());
            comparison().ready = false;  // it would fail from the next camera, too
            if (comparison().frame_left_out) {
                state_.camera.put_again();
            }
        }
        state_.publish([&](Snapshot& next) {
            next.frame = *frame_ ? *frame_ : next.frame;
            next.pair = pair_ ? *pair_ : nullptr;
            if (!pair_) {
                next.compare_problem = pair_.error().message();
            }
        });
    }

    Camera from_;
    bool comparing_ = false;
    bool pair_alone_ = false;
    FrameResult frame_;
    PairResult pair_;
};

class CompletePairTask final : public EngineTask {
  public:
    using EngineTask::EngineTask;

    bool due() const override { return state_.has_state() && state_.pair_incomplete(); }
    std::stop_source take() override {
        before_ = state_.snapshot->pair;
        return std::stop_source(std::nostopstate);
    }
    void execute() override {
        completed_ = engine_work([&]() -> PairResult {
            ComparedPair pair = *before_;
            worker_.comparison().complete(pair);
            return std::make_shared<const ComparedPair>(std::move(pair));
        });
    }
    Next commit(StopReasons /*raised*/) override {
        if (!completed_) {
            log_.add(completed_.error());
            ComparedPair without = *before_;  // Its SSIM stays NaN. It must not be due again and again.
            without.whole = true;
            completed_ = std::make_shared<const ComparedPair>(std::move(without));
        }
        if (state_.snapshot->pair == before_) {
            state_.publish([&](Snapshot& next) { next.pair = *completed_; });
        }
        before_ = nullptr;
        completed_ = nullptr;
        return Next::done;
    }

  private:
    std::shared_ptr<const ComparedPair> before_;
    PairResult completed_;
};

/// Work in the background, which gives way to everything that the user does to the view.
class BackgroundTask : public EngineTask {
  public:
    using EngineTask::EngineTask;

    StopReasons stopped_by() const override {
        return {StopReason::set_up, StopReason::camera, StopReason::sides, StopReason::cancel};
    }
};

class LeftOutFrameTask final : public BackgroundTask {
  public:
    using BackgroundTask::BackgroundTask;

    bool due() const override { return state_.has_state() && state_.left_out_frame_due(); }
    std::stop_source take() override {
        from_ = worker_.fitted(*state_.camera.value);
        return begin();
    }
    void execute() override { frame_ = rendered(from_); }
    Next commit(StopReasons /*raised*/) override {
        if (was_stopped(frame_)) {
            return Next::done;  // due again after what stopped it
        }
        comparison().frame_left_out = false;
        if (frame_) {
            state_.publish([&](Snapshot& next) { next.frame = std::exchange(*frame_, nullptr); });
        } else {
            log_.add(frame_.error());
        }
        return Next::done;
    }

  private:
    Camera from_;
    FrameResult frame_;
};

class QueryTask final : public BackgroundTask {
  public:
    using BackgroundTask::BackgroundTask;

    bool due() const override { return state_.has_state() && state_.open_query() != nullptr; }
    std::stop_source take() override {
        query_ = *state_.open_query();
        return begin();
    }
    void execute() override {
        result_ = engine_work([&] { return worker_.answer(query_.second, job_); });
    }
    Next commit(StopReasons /*raised*/) override {
        const std::string& name = query_.first;
        if (was_stopped(result_) || !state_.queries.contains(name)) {
            return Next::done;  // due again after what stopped it, if it is still asked
        }
        Answered answered{query_.second, state_.snapshot->state->generation, {}, {}, 0};
        if (result_) {
            answered = std::move(*result_);
        } else {
            answered.problem = result_.error().what;
        }
        state_.publish([&](Snapshot& next) {
            next.answers[name] = std::make_shared<const Answered>(std::move(answered));
        });
        return Next::done;
    }
    void finish() override { result_ = {}; }

  private:
    std::pair<std::string, StateQuery> query_;
    Result<Answered> result_;
};

class TableRowTask final : public BackgroundTask {
  public:
    using BackgroundTask::BackgroundTask;

    bool due() const override { return state_.has_state() && state_.table_row_due(); }
    std::stop_source take() override {
        view_ = comparison().table_left.front();
        return begin();
    }
    void execute() override {
        row_ = engine_work([&] { return worker_.comparison().row(view_, job_); });
    }
    Next commit(StopReasons /*raised*/) override {
        std::vector<std::size_t>& left = comparison().table_left;
        if (was_stopped(row_)) {
            return Next::done;  // due again after what stopped it
        }
        if (!row_) {
            log_.add(row_.error());
            left.clear();
        } else if (!left.empty() && !comparison().sides_due) {
            left.erase(left.begin());
            CompareTable table = *state_.snapshot->table;
            table.rows.push_back(std::move(*row_));
            state_.publish(
                [&](Snapshot& next) { next.table = std::make_shared<const CompareTable>(std::move(table)); });
        }
        return Next::done;
    }

  private:
    std::size_t view_ = 0;
    Result<CompareRow> row_;
};

}  // namespace

std::vector<std::unique_ptr<Task>> engine_tasks(const EngineContext& context) {
    std::vector<std::unique_ptr<Task>> tasks;
    tasks.push_back(std::make_unique<SetUpTask>(context));  // First: EngineService::set_up_settled().
    tasks.push_back(std::make_unique<SidesTask>(context));
    tasks.push_back(std::make_unique<MatrixTask>(context));
    tasks.push_back(std::make_unique<FrameTask>(context));
    tasks.push_back(std::make_unique<CompletePairTask>(context));
    tasks.push_back(std::make_unique<LeftOutFrameTask>(context));
    tasks.push_back(std::make_unique<QueryTask>(context));
    tasks.push_back(std::make_unique<TableRowTask>(context));
    tasks.push_back(make_experiment_task(context));  // Last: EngineService::idle_but_for_experiment().
    return tasks;
}

}  // namespace lact::app
