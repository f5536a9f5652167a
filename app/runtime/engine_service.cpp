#include "app/runtime/engine_service.h"

#include "app/runtime/engine_service_state.h"
#include "engine/scene/camera.h"

#include <cstdint>
#include <exception>
#include <utility>

#include <malloc.h>

namespace lact::app {

namespace {

/// Decoding photos and set-up leave much freed memory in the allocator's arenas, more by chance with every
/// scene: the system gets it back when a scene was opened.
void give_back_freed_memory() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

}  // namespace

void EngineService::Shared::request(const EngineRequests& newer) {
    {
        const std::scoped_lock lock(mutex);
        pending.add(newer);
        superseded = true;
        // A frame is stopped too: it would show a state that is about to go. Loading goes on where the new
        // request does not change what is loaded.
        if (stage == Stage::loading ? newer.need_loading() : set_up_due() || stage == Stage::set_up) {
            work.request_stop();
        }
    }
    work_came.notify_one();
}

void EngineService::Shared::run(const std::stop_token& quit) {
    std::unique_lock lock(mutex);
    while (true) {
        if (!work_due()) {
            busy = false;
            went_idle.notify_all();
            lock.unlock();
            tell();
            lock.lock();
        }
        work_came.wait(lock, quit, [this] { return work_due(); });
        if (quit.stop_requested()) {
            break;
        }
        busy = true;
        superseded = false;
        abandoned = false;
        if (set_up_due()) {
            set_up(lock);
        } else if (sides_due) {
            make_sides(lock);
        } else if (matrix_due && matrix) {
            read_matrix(lock);
        } else if (camera_due && camera) {
            render(lock);
        } else if (pair_incomplete()) {
            complete_pair(lock);
        } else if (frame_due()) {
            render_left_out(lock);
        } else if (open_query() != nullptr) {
            answer(lock);
        } else {
            add_table_row(lock);
        }
    }
    busy = false;
    went_idle.notify_all();
}

/// Loads what is needed; requests that came meanwhile join `taken`. The lock is held before and after.
tl::expected<void, SetUpError> EngineService::Shared::load(std::unique_lock<std::mutex>& lock,
                                                           EngineRequests& taken, const Job& job) {
    stage = Stage::loading;
    while (taken.need_loading()) {
        lock.unlock();
        auto loaded = worker.load(taken, job);
        lock.lock();
        if (!loaded || job.stopped()) {
            return loaded;
        }
        const EngineRequests newer = std::exchange(pending, {});
        taken.add(newer);
        superseded = false;
        if (!newer.need_loading()) {
            break;
        }
    }
    return {};
}

void EngineService::Shared::set_up(std::unique_lock<std::mutex>& lock) {
    EngineRequests taken = std::exchange(pending, {});
    JobTicket ticket = jobs.start(taken.title());
    work = ticket.stop();
    Job job = ticket.job();
    job.note = [this](std::string_view sentence) { log.say(Severity::note, std::string(sentence)); };
    tl::expected<bool, SetUpError> result = false;
    try {
        if (const auto loaded = load(lock, taken, job); !loaded) {
            result = tl::unexpected<SetUpError>(loaded.error());
            lock.unlock();
        } else {
            stage = Stage::set_up;
            lock.unlock();
            result = worker.set_up(taken, job);
        }
    } catch (const std::exception& problem) {
        const Error error{problem.what(), "engine", "Use fewer input views or a smaller size.", false};
        result = tl::unexpected<SetUpError>({error, SetUpStage::state});
        if (lock.owns_lock()) {
            lock.unlock();
        }
    }
    {
        const std::scoped_lock guard(mutex);
        snapshot.offer = worker.offer();
    }
    if (!result) {
        log.add(result.error().error);
        ticket.finish(tl::unexpected<Error>(result.error().error));
        tell();
    } else if (*result) {
        publish_set_up();
    }
    ticket.finish();
    lock.lock();
    stage = Stage::none;
    work = std::stop_source(std::nostopstate);
    after_set_up(std::move(taken), result);
}

void EngineService::Shared::after_set_up(EngineRequests taken, const tl::expected<bool, SetUpError>& result) {
    const bool stopped = !result && result.error().error.cancelled;
    if (abandoned || (stopped && !superseded)) {
        taken = {};  // the person does not want it any more
    } else if (!result && !stopped) {
        drop_failed(taken, result.error().stage);
    }
    if (taken.empty()) {
        worker.forget_loaded();
    }
    // What is left waits, or is tried again, with the newer requests on top.
    taken.add(pending);
    pending = std::move(taken);
}

void EngineService::Shared::publish_set_up() {
    bool other_scene = false;
    {
        const std::scoped_lock lock(mutex);
        const auto before = std::exchange(snapshot.scene, worker.scene());
        other_scene =
            snapshot.scene != nullptr && (before == nullptr || before->sequence != snapshot.scene->sequence);
        snapshot.weights = worker.weights();
        snapshot.state = worker.state();
        ++snapshot.version;
        has_weights = snapshot.weights != nullptr;
        has_scene = snapshot.scene != nullptr;
        has_state = worker.ready();
        if (has_scene) {
            refit_camera(before.get(), *snapshot.scene);
        }
        camera_due = camera.has_value();
        sides_due = compare_request.has_value();
        comparing = false;
        if (other_scene) {
            snapshot.pair = nullptr;
            snapshot.table = nullptr;
        }
        matrix_due = has_state && matrix && worker.has_matrix(*matrix);
        if (!matrix_due) {
            snapshot.matrix = nullptr;  // these weights have no such layer or head
        }
    }
    if (other_scene) {
        give_back_freed_memory();
    }
    tell();
}

/// The camera mailbox of a new scene or size.
void EngineService::Shared::refit_camera(const SceneSummary* before, const SceneSummary& scene) {
    const bool new_world = before == nullptr || before->sequence != scene.sequence;
    if (new_world) {
        for (const std::string& warning : scene.warnings) {
            log.say(Severity::warning, warning, scene.name);
        }
        if (camera_sequence < worker.scene_opening()) {
            camera = scene.views[scene.inputs.front()].camera;
        }
    } else if (camera && before->size == Size{camera->width, camera->height}) {
        camera = make_camera(camera->c2w, lens_of(*camera), scene.size);
    }
}

void EngineService::Shared::read_matrix(std::unique_lock<std::mutex>& lock) {
    const MatrixKey key = *matrix;
    matrix_due = false;
    lock.unlock();
    auto result = guarded([&] { return worker.matrix(key); });
    if (!result) {
        log.add(result.error());
        tell();
        lock.lock();
        return;
    }
    auto made = std::make_shared<const Matrix>(std::move(*result));
    lock.lock();
    snapshot.matrix = std::move(made);
    ++snapshot.version;
    lock.unlock();
    tell();
    lock.lock();
}

Result<std::shared_ptr<const Frame>> EngineService::Shared::frame_from(const Camera& from, const Job& job) {
    LACT_TRY(Frame frame, guarded([&] { return worker.render(from, job); }));
    return std::make_shared<const Frame>(std::move(frame));
}

void EngineService::Shared::render(std::unique_lock<std::mutex>& lock) {
    const Camera requested = *camera;
    const Camera from = worker.fitted(requested);
    Result<std::shared_ptr<const Frame>> frame = comparing ? frame_at(from) : nullptr;
    const bool pair_alone = comparing && frame_is_of_state() && !worker.comparison().shows_base();
    camera_due = false;
    work = std::stop_source();
    Job job;
    job.stop = work.get_token();
    lock.unlock();
    Result<std::shared_ptr<const ComparedPair>> pair;
    if (!*frame && !pair_alone) {
        frame = frame_from(from, job);
    }
    if (frame) {
        pair = guarded([&] { return pair_from(from, *frame, job); });
    } else {
        log.add(frame.error());
    }
    lock.lock();
    work = std::stop_source(std::nostopstate);
    const bool stopped = frame ? !pair && pair.error().cancelled : frame.error().cancelled;
    if (frame && !stopped) {
        frame_left_out = *frame == nullptr;
        snapshot.frame = *frame ? std::move(*frame) : snapshot.frame;
        publish_pair(std::move(pair));
        ++snapshot.version;
    } else if (stopped && !abandoned) {
        camera_due = true;  // stopped for a set-up: still wanted after it
    }
    lock.unlock();
    tell();
    lock.lock();
}

const StateQueries::value_type* EngineService::Shared::open_query() const {
    for (const auto& query : queries) {
        const auto known = snapshot.answers.find(query.first);
        if (known == snapshot.answers.end() || !snapshot.state ||
            known->second->generation != snapshot.state->generation ||
            !same(known->second->query, query.second)) {
            return &query;
        }
    }
    return nullptr;
}

void EngineService::Shared::answer(std::unique_lock<std::mutex>& lock) {
    const auto [name, query] = *open_query();
    work = std::stop_source();
    answering = true;
    Job job;
    job.stop = work.get_token();
    lock.unlock();
    auto result = guarded([&] { return worker.answer(query, job); });
    lock.lock();
    answering = false;
    const bool stopped = !result && result.error().cancelled;
    work = std::stop_source(std::nostopstate);
    if (stopped) {
        return;  // asked again unless the person gave up
    }
    Answered answered{query, snapshot.state->generation, {}, {}, 0};
    if (result) {
        answered = std::move(*result);
    } else {
        answered.problem = result.error().what;
    }
    if (queries.contains(name)) {
        snapshot.answers[name] = std::make_shared<const Answered>(std::move(answered));
        ++snapshot.version;
    }
    lock.unlock();
    tell();
    lock.lock();
}

EngineService::EngineService(ComputeOptions compute, ErrorLog& log, JobRegistry& jobs,
                             std::function<void()> wake)
    : shared_(std::make_unique<Shared>(std::move(compute), log, jobs, std::move(wake))) {
    shared_->thread =
        std::jthread([shared = shared_.get()](const std::stop_token& quit) { shared->run(quit); });
}

EngineService::~EngineService() {
    shared_->thread.request_stop();
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->abandoned = true;
        shared_->work.request_stop();
    }
    shared_->thread.join();
}

void EngineService::open_weights(const std::filesystem::path& path) {
    EngineRequests newer;
    {
        const std::scoped_lock lock(shared_->mutex);
        newer.weights = {path, ++shared_->sequence};
    }
    shared_->request(newer);
}

void EngineService::open_scene(const std::filesystem::path& path) {
    SceneRequest request;
    request.path = path;
    open_scene(request);
}

void EngineService::open_scene(const SceneRequest& request) {
    EngineRequests newer;
    newer.size = request.size;
    {
        const std::scoped_lock lock(shared_->mutex);
        newer.scene = {request, ++shared_->sequence};
        ++shared_->scenes_asked;
    }
    shared_->request(newer);
}

void EngineService::open_generated(const SceneOrder& order, const std::filesystem::path& folder) {
    EngineRequests newer;
    newer.generate = order;
    {
        const std::scoped_lock lock(shared_->mutex);
        SceneRequest request;
        request.path = folder;
        newer.scene = {request, ++shared_->sequence};
        ++shared_->scenes_asked;
    }
    shared_->request(newer);
}

std::uint64_t EngineService::scenes_asked() const {
    const std::scoped_lock lock(shared_->mutex);
    return shared_->scenes_asked;
}

void EngineService::set_inputs(std::vector<std::size_t> inputs) {
    EngineRequests newer;
    newer.inputs = std::move(inputs);
    shared_->request(newer);
}

void EngineService::set_rule(const UpdateRule& rule) {
    EngineRequests newer;
    newer.rule = rule;
    shared_->request(newer);
}

void EngineService::set_size(Size size) {
    EngineRequests newer;
    newer.size = size;
    shared_->request(newer);
}

void EngineService::set_camera(const Camera& camera) {
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->camera = camera;
        shared_->camera_sequence = ++shared_->sequence;
        shared_->camera_due = true;
        if (shared_->answering) {
            shared_->work.request_stop();
        }
    }
    shared_->work_came.notify_one();
}

void EngineService::ask(StateQueries queries) {
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->queries = std::move(queries);
        std::erase_if(shared_->snapshot.answers,
                      [&](const auto& answer) { return !shared_->queries.contains(answer.first); });
    }
    shared_->work_came.notify_one();
}

void EngineService::compare(std::optional<CompareRequest> request) {
    {
        const std::scoped_lock lock(shared_->mutex);
        if (request == shared_->compare_request) {
            return;
        }
        shared_->compare_request = std::move(request);
        shared_->sides_due = true;
        if (shared_->making_sides || shared_->answering) {
            shared_->work.request_stop();
        }
    }
    shared_->work_came.notify_one();
}

void EngineService::request_table(bool requested) {
    {
        const std::scoped_lock lock(shared_->mutex);
        if (requested && !shared_->table_requested) {
            shared_->take_up_table();
        }
        shared_->table_requested = requested;
    }
    shared_->work_came.notify_one();
}

void EngineService::request_frame(bool requested) {
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->frame_requested = requested;
    }
    shared_->work_came.notify_one();
}

void EngineService::request_matrix(const MatrixKey& key) {
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->matrix = key;
        shared_->matrix_due = true;
    }
    shared_->work_came.notify_one();
}

void EngineService::cancel() {
    const std::scoped_lock lock(shared_->mutex);
    shared_->pending = {};
    shared_->camera_due = false;
    shared_->matrix_due = false;
    shared_->table_left.clear();
    shared_->abandoned = true;
    shared_->work.request_stop();
    shared_->went_idle.notify_all();
}

Snapshot EngineService::snapshot() const {
    const std::scoped_lock lock(shared_->mutex);
    return shared_->snapshot;
}

bool EngineService::idle() const {
    const std::scoped_lock lock(shared_->mutex);
    return !shared_->busy && !shared_->work_due();
}

bool EngineService::wait_until_idle(std::chrono::milliseconds limit) const {
    std::unique_lock lock(shared_->mutex);
    return shared_->went_idle.wait_for(lock, limit,
                                       [this] { return !shared_->busy && !shared_->work_due(); });
}

}  // namespace lact::app
