#pragma once

#include "app/runtime/engine_service.h"
#include "app/runtime/engine_worker.h"
#include "app/runtime/setup_request.h"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

// What the files of the engine thread share; nobody else includes this.
namespace lact::app {

/// The result of work that must not end the program: an exception of it (out of memory) becomes an error.
template <class Work>
auto guarded(const Work& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception& problem) {
        return fail("engine", problem.what(), "Use fewer input views or a smaller size.");
    }
}

struct EngineService::Shared {
    enum class Stage { none, loading, set_up };

    Shared(ComputeOptions compute, ErrorLog& error_log, JobRegistry& job_registry,
           std::function<void()> on_wake)
        : log(error_log), jobs(job_registry), wake(std::move(on_wake)), worker(std::move(compute)) {}

    void run(const std::stop_token& quit);
    void set_up(std::unique_lock<std::mutex>& lock);
    tl::expected<void, SetUpError> load(std::unique_lock<std::mutex>& lock, EngineRequests& taken,
                                        const Job& job);
    void after_set_up(EngineRequests taken, const tl::expected<bool, SetUpError>& result);
    void publish_set_up();
    void refit_camera(const SceneSummary* before, const SceneSummary& scene);
    void read_matrix(std::unique_lock<std::mutex>& lock);
    void render(std::unique_lock<std::mutex>& lock);
    void render_left_out(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] Result<std::shared_ptr<const Frame>> frame_from(const Camera& from, const Job& job);
    void answer(std::unique_lock<std::mutex>& lock);
    // engine_thread_compare.cpp
    void make_sides(std::unique_lock<std::mutex>& lock);
    void sides_made(const Result<void>& result);
    void publish_pair(Result<std::shared_ptr<const ComparedPair>> pair);
    void complete_pair(std::unique_lock<std::mutex>& lock);
    void add_table_row(std::unique_lock<std::mutex>& lock);
    /// Views without a row that are not waiting any more, because work was cancelled or failed.
    void take_up_table();
    /// The pair from a camera, where one is wanted; `frame`, where there is one, is from there. On the
    /// engine's thread, without the lock.
    [[nodiscard]] Result<std::shared_ptr<const ComparedPair>> pair_from(
        const Camera& from, const std::shared_ptr<const Frame>& frame, const Job& job);
    /// A question that the current state has not answered.
    [[nodiscard]] const StateQueries::value_type* open_query() const;

    void request(const EngineRequests& newer);
    /// Requests for a scene wait for weights, all others for both.
    [[nodiscard]] bool set_up_due() const {
        return pending.weights || (has_weights && !pending.empty() && (pending.scene || has_scene));
    }
    [[nodiscard]] bool pair_incomplete() const { return comparing && snapshot.pair && !snapshot.pair->whole; }
    [[nodiscard]] bool frame_is_of_state() const {
        return snapshot.frame && snapshot.state && snapshot.frame->generation == snapshot.state->generation;
    }
    /// The published frame where it is what is open from that camera; else null.
    [[nodiscard]] std::shared_ptr<const Frame> frame_at(const Camera& from) const;
    /// The last pair came without the frame of its camera, and that is asked for.
    [[nodiscard]] bool frame_due() const { return frame_left_out && frame_requested && camera; }
    [[nodiscard]] bool table_due() const { return comparing && table_requested && !table_left.empty(); }
    [[nodiscard]] bool work_due() const {
        return set_up_due() ||
               (has_state && (sides_due || (camera && camera_due) || (matrix && matrix_due) ||
                              pair_incomplete() || frame_due() || open_query() != nullptr || table_due()));
    }
    void tell() const {
        if (wake) {
            wake();
        }
    }

    ErrorLog& log;
    JobRegistry& jobs;
    std::function<void()> wake;

    mutable std::mutex mutex;
    std::condition_variable_any work_came;
    mutable std::condition_variable went_idle;

    // Under the mutex.
    std::uint64_t sequence = 0;  ///< Of all requests.
    std::uint64_t scenes_asked = 0;
    EngineRequests pending;
    std::optional<Camera> camera;
    std::uint64_t camera_sequence = 0;
    bool camera_due = false;
    std::optional<MatrixKey> matrix;
    bool matrix_due = false;
    StateQueries queries;
    std::optional<CompareRequest> compare_request;
    bool sides_due = false;        ///< The sides are not (known to be) those of the wish.
    bool comparing = false;        ///< The worker has the sides of the wish.
    bool making_sides = false;     ///< Right now.
    bool frame_left_out = false;   ///< The last pair came without the frame of its camera.
    bool frame_requested = false;  ///< Beside such a pair.
    bool table_requested = false;
    std::vector<std::size_t> table_views;  ///< Of all its rows.
    std::vector<std::size_t> table_left;   ///< Views whose rows are still to be computed.
    bool busy = false;
    bool answering = false;  ///< Work that gives way to a moved camera.
    Stage stage = Stage::none;
    bool superseded = false;  ///< Newer set-up requests came while working.
    bool abandoned = false;   ///< cancel() was called while working.
    std::stop_source work{std::nostopstate};
    bool has_weights = false;  ///< What the worker has, for those who must not touch it.
    bool has_scene = false;
    bool has_state = false;
    Snapshot snapshot;

    EngineWorker worker;  ///< Of the thread alone.
    std::jthread thread;
};

}  // namespace lact::app
