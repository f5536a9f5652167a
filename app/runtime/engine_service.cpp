#include "app/runtime/engine_service.h"

#include "app/runtime/engine_state.h"
#include "app/runtime/engine_tasks.h"
#include "app/runtime/engine_worker.h"
#include "app/runtime/setup_request.h"
#include "app/runtime/task_queue.h"

#include <utility>

namespace lact::app {

/// The queue ends first: its tasks use the others.
struct EngineService::Parts {
    Parts(ComputeOptions compute, ErrorLog& log, JobRegistry& jobs, std::function<void()> wake)
        : worker(std::move(compute)), queue(engine_tasks({state, worker, log, jobs}), std::move(wake)) {}

    /// `complete` numbers a request under the lock, where it needs a number.
    template <class Complete>
    void request_set_up(EngineRequests newer, const Complete& complete) {
        queue.post([&]() -> StopReasons {
            complete(newer);
            state.pending.add(newer);
            // A frame is stopped, too: it would show a state that is about to go.
            StopReasons reasons{StopReason::set_up};
            if (newer.need_loading()) {
                reasons |= {StopReason::load};
            }
            return reasons;
        });
    }
    void request_set_up(EngineRequests newer) {
        request_set_up(std::move(newer), [](const EngineRequests& /*complete*/) {});
    }
    void request_scene(EngineRequests newer, const SceneRequest& scene) {
        request_set_up(std::move(newer), [&](EngineRequests& requests) {
            requests.size = scene.size;
            requests.scene = {scene, ++state.sequence};
            state.newest_scene = state.sequence;
        });
    }

    EngineState state;
    EngineWorker worker;
    TaskQueue queue;
};

EngineService::EngineService(ComputeOptions compute, ErrorLog& log, JobRegistry& jobs,
                             std::function<void()> wake)
    : parts_(std::make_unique<Parts>(std::move(compute), log, jobs, std::move(wake))) {}

EngineService::~EngineService() = default;

void EngineService::open_weights(const std::filesystem::path& path) {
    parts_->request_set_up({}, [&](EngineRequests& requests) {
        requests.weights = {path, ++parts_->state.sequence};
    });
}

void EngineService::open_scene(const std::filesystem::path& path) {
    SceneRequest request;
    request.path = path;
    open_scene(request);
}

void EngineService::open_scene(const SceneRequest& request) {
    parts_->request_scene({}, request);
}

void EngineService::open_generated(const GenerationSpec& order, const SceneRequest& request) {
    EngineRequests newer;
    newer.generate = order;
    parts_->request_scene(std::move(newer), request);
}

std::uint64_t EngineService::newest_scene() const {
    return parts_->queue.read([&] { return parts_->state.newest_scene; });
}

void EngineService::set_inputs(std::vector<std::size_t> inputs, std::optional<std::uint64_t> scene,
                               std::optional<Size> size) {
    EngineRequests newer;
    newer.inputs = InputChoice{std::move(inputs), scene};
    newer.size = size;
    parts_->request_set_up(std::move(newer));
}

void EngineService::set_rule(const UpdateRule& rule) {
    EngineRequests newer;
    newer.rule = rule;
    parts_->request_set_up(std::move(newer));
}

void EngineService::set_size(Size size) {
    EngineRequests newer;
    newer.size = size;
    parts_->request_set_up(std::move(newer));
}

void EngineService::set_camera(const Camera& camera) {
    parts_->queue.post([&]() -> StopReasons {
        EngineState& state = parts_->state;
        state.camera.put(camera);
        state.camera_sequence = ++state.sequence;
        return {StopReason::camera};
    });
}

void EngineService::request_matrix(const MatrixKey& key) {
    parts_->queue.post([&]() -> StopReasons {
        parts_->state.matrix.put(key);
        return {};
    });
}

void EngineService::ask(StateQueries queries) {
    parts_->queue.post([&]() -> StopReasons {
        parts_->state.set_queries(std::move(queries));
        return {};
    });
}

void EngineService::compare(std::optional<CompareRequest> request) {
    parts_->queue.post([&]() -> StopReasons {
        EngineState& state = parts_->state;
        if (request == state.comparison.request) {
            return {};
        }
        state.comparison.request = std::move(request);
        state.comparison.sides_due = true;
        state.publish([&](Snapshot& next) { next.sides_pending = next.state && state.comparison.request; });
        return {StopReason::sides};
    });
}

void EngineService::request_frame(bool requested) {
    parts_->queue.post([&]() -> StopReasons {
        parts_->state.comparison.frame_requested = requested;
        return {};
    });
}

void EngineService::request_table(bool requested) {
    parts_->queue.post([&]() -> StopReasons {
        EngineState& state = parts_->state;
        if (requested && !state.comparison.table_requested) {
            state.resume_table();
        }
        state.comparison.table_requested = requested;
        return {};
    });
}

bool EngineService::table_stopped() const {
    return parts_->queue.read([&] { return parts_->state.table_stopped(); });
}

void EngineService::start_experiment(ExperimentRequest request) {
    parts_->queue.post([&]() -> StopReasons {
        parts_->state.request_experiment(std::move(request));
        return {StopReason::experiment};
    });
}

void EngineService::cancel_experiment() {
    parts_->queue.post([&]() -> StopReasons {
        parts_->state.give_up_experiment();
        return {StopReason::experiment};
    });
}

void EngineService::cancel() {
    parts_->queue.post([&]() -> StopReasons {
        parts_->state.drop_requests();
        return {StopReason::cancel};
    });
}

std::shared_ptr<const Snapshot> EngineService::latest() const {
    return parts_->queue.read([&] { return parts_->state.snapshot; });
}

bool EngineService::idle() const {
    return parts_->queue.idle();
}

bool EngineService::idle_but_for_experiment() const {
    return parts_->queue.idle_but_for_last();
}

bool EngineService::set_up_settled(const Snapshot& seen) const {
    if (!parts_->queue.first_is_idle()) {
        return false;
    }
    const auto now = latest();
    return now->weights == seen.weights && now->scene == seen.scene && now->state == seen.state;
}

bool EngineService::wait_until_idle(std::chrono::milliseconds limit) const {
    return parts_->queue.wait_until_idle(limit);
}

}  // namespace lact::app
