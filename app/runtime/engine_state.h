#pragma once

#include "app/compare/comparison.h"
#include "app/runtime/query.h"
#include "app/runtime/setup_request.h"
#include "app/runtime/snapshot.h"
#include "engine/scene/camera.h"
#include "engine/session/matrix.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace lact::app {

/// A request of which the latest counts. The value stays after it is taken: a new state needs it again.
template <class T>
struct Mailbox {
    std::optional<T> value;
    bool unread = false;

    void put(T newer) {
        value = std::move(newer);
        unread = true;
    }
    /// What was taken is requested once more.
    void put_again() { unread = value.has_value(); }
    [[nodiscard]] bool due() const { return value && unread; }
    /// Where there is a value.
    [[nodiscard]] T take() {
        unread = false;
        return *value;
    }
};

/// The two sides that are compared, and the table over held-out views.
struct ComparisonState {
    std::optional<CompareRequest> request;
    bool sides_due = false;        ///< The sides are not (known to be) those of the request.
    bool ready = false;            ///< The worker has the sides of the request.
    bool frame_left_out = false;   ///< The last pair came without the frame of its camera.
    bool frame_requested = false;  ///< Beside such a pair.
    bool table_requested = false;
    std::vector<std::size_t> table_views;  ///< Of all rows of the table.
    std::vector<std::size_t> table_left;   ///< Views whose rows are still to be computed.
};

/// The experiment that is requested, and the one that runs.
struct ExperimentState {
    std::optional<ExperimentRequest> request;  ///< Begins when no other runs.
    bool running = false;                      ///< Begun and not ended.
    bool given_up = false;                     ///< The running one ends before its next piece.
};

/// What the engine is asked for and what it has published. The lock of the engine's TaskQueue guards it.
struct EngineState {
    std::uint64_t sequence = 0;      ///< Rises with every request for weights, a scene or a camera.
    std::uint64_t newest_scene = 0;  ///< `sequence` of the last request for a scene.
    EngineRequests pending;
    Mailbox<Camera> camera;
    std::uint64_t camera_sequence = 0;  ///< Of the last camera that was set.
    Mailbox<MatrixKey> matrix;
    StateQueries queries;
    ComparisonState comparison;
    ExperimentState experiment;
    std::shared_ptr<const Snapshot> snapshot = std::make_shared<const Snapshot>();

    /// There is a session that renders.
    [[nodiscard]] bool has_state() const { return snapshot->state != nullptr; }
    /// Requests for a scene wait for weights, all others for both.
    [[nodiscard]] bool set_up_due() const;
    /// The published frame shows the current state.
    [[nodiscard]] bool frame_is_of_state() const;
    /// The published frame where it shows the current state from that camera; else null.
    [[nodiscard]] std::shared_ptr<const Frame> frame_at(const Camera& from) const;
    /// The SSIM of the published pair is missing.
    [[nodiscard]] bool pair_incomplete() const;
    /// The last pair came without the frame of its camera, and that is requested.
    [[nodiscard]] bool left_out_frame_due() const;
    /// The first query that the current state has not answered; null where there is none.
    [[nodiscard]] const StateQueries::value_type* open_query() const;
    [[nodiscard]] bool table_row_due() const;
    /// Rows of the published table are missing and do not wait any more: work was cancelled or failed.
    [[nodiscard]] bool table_stopped() const;
    /// An experiment is to begin, to go on, or to be given up.
    [[nodiscard]] bool experiment_due() const;

    /// Replaces the snapshot by a changed copy of the next version. Whoever holds the old one keeps it.
    template <class Change>
    void publish(const Change& change) {
        auto next = std::make_shared<Snapshot>(*snapshot);
        change(*next);
        ++next->version;
        snapshot = std::move(next);
    }
    void set_queries(StateQueries newer);
    /// Rows that are missing and do not wait any more, because work was cancelled or failed, wait again.
    void resume_table();
    /// The running experiment ends, and this one begins after it.
    void request_experiment(ExperimentRequest request);
    /// The requested experiment, if any, does not begin, and the running one ends.
    void give_up_experiment();
    /// Nothing waits any more, but for the camera and the matrix: the window shows what was asked for last.
    void drop_requests();
};

}  // namespace lact::app
