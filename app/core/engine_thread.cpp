#include "app/core/engine_thread.h"

#include "app/core/engine_requests.h"
#include "app/core/engine_worker.h"
#include "app/core/navigation.h"

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include <malloc.h>

namespace lact::app {
namespace {

/// The result of work that must not end the program: an exception of it (out of memory) becomes an error.
template <class Work>
auto guarded(const Work& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::exception& problem) {
        return fail("engine", problem.what(), "Use fewer input views or a smaller size.");
    }
}

/// Decoding photos and set-up leave much freed memory in the allocator's arenas, more by chance with every
/// scene: the system gets it back when a scene was opened.
void give_back_freed_memory() {
#ifdef __GLIBC__
    ::malloc_trim(0);
#endif
}

}  // namespace

struct EngineThread::Shared {
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
    void answer(std::unique_lock<std::mutex>& lock);
    /// A question that the current state has not answered.
    [[nodiscard]] const Questions::value_type* open_question() const;

    void request(const EngineRequests& newer);
    /// Requests for a scene wait for weights, all others for both.
    [[nodiscard]] bool set_up_due() const {
        return pending.weights || (has_weights && !pending.empty() && (pending.scene || has_scene));
    }
    [[nodiscard]] bool work_due() const {
        return set_up_due() || (has_state && ((camera && camera_due) || (matrix && matrix_due) ||
                                              open_question() != nullptr));
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
    EngineRequests pending;
    std::optional<Camera> camera;
    std::uint64_t camera_sequence = 0;
    bool camera_due = false;
    std::optional<MatrixKey> matrix;
    bool matrix_due = false;
    Questions questions;
    bool busy = false;
    bool answering = false;  ///< Work that gives way to a moved camera.
    Stage stage = Stage::none;
    bool superseded = false;  ///< Newer set-up requests came while working.
    bool abandoned = false;   ///< cancel() was called while working.
    std::stop_source work{std::nostopstate};
    bool has_weights = false;  ///< What the worker has, for those who must not touch it.
    bool has_scene = false;
    bool has_state = false;
    Published published;

    EngineWorker worker;  ///< Of the thread alone.
    std::jthread thread;
};

void EngineThread::Shared::request(const EngineRequests& newer) {
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

void EngineThread::Shared::run(const std::stop_token& quit) {
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
        } else if (matrix_due && matrix) {
            read_matrix(lock);
        } else if (camera_due && camera) {
            render(lock);
        } else {
            answer(lock);
        }
    }
    busy = false;
    went_idle.notify_all();
}

/// Loads what is needed; requests that came meanwhile join `taken`. The lock is held before and after.
tl::expected<void, SetUpError> EngineThread::Shared::load(std::unique_lock<std::mutex>& lock,
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

void EngineThread::Shared::set_up(std::unique_lock<std::mutex>& lock) {
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

void EngineThread::Shared::after_set_up(EngineRequests taken, const tl::expected<bool, SetUpError>& result) {
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

void EngineThread::Shared::publish_set_up() {
    bool other_scene = false;
    {
        const std::scoped_lock lock(mutex);
        const auto before = std::exchange(published.scene, worker.scene());
        other_scene = published.scene != nullptr &&
                      (before == nullptr || before->sequence != published.scene->sequence);
        published.weights = worker.weights();
        published.state = worker.state();
        ++published.version;
        has_weights = published.weights != nullptr;
        has_scene = published.scene != nullptr;
        has_state = worker.ready();
        if (has_scene) {
            refit_camera(before.get(), *published.scene);
        }
        camera_due = camera.has_value();
        matrix_due = has_state && matrix && worker.has_matrix(*matrix);
        if (!matrix_due) {
            published.matrix = nullptr;  // these weights have no such layer or head
        }
    }
    if (other_scene) {
        give_back_freed_memory();
    }
    tell();
}

/// The camera mailbox of a new scene or size.
void EngineThread::Shared::refit_camera(const SceneSummary* before, const SceneSummary& scene) {
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

void EngineThread::Shared::read_matrix(std::unique_lock<std::mutex>& lock) {
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
    published.matrix = std::move(made);
    ++published.version;
    lock.unlock();
    tell();
    lock.lock();
}

void EngineThread::Shared::render(std::unique_lock<std::mutex>& lock) {
    const Camera wanted = *camera;
    camera_due = false;
    work = std::stop_source();
    Job job;
    job.stop = work.get_token();
    lock.unlock();
    auto result = guarded([&] { return worker.render(worker.fitted(wanted), job); });
    std::shared_ptr<const Frame> frame;
    if (result) {
        frame = std::make_shared<const Frame>(std::move(*result));
    } else {
        log.add(result.error());
    }
    lock.lock();
    work = std::stop_source(std::nostopstate);
    if (frame) {
        published.frame = std::move(frame);
        ++published.version;
    } else if (result.error().cancelled && !abandoned) {
        camera_due = true;  // stopped for a set-up: still wanted after it
    }
    lock.unlock();
    tell();
    lock.lock();
}

const Questions::value_type* EngineThread::Shared::open_question() const {
    for (const auto& question : questions) {
        const auto known = published.answers.find(question.first);
        if (known == published.answers.end() || !published.state ||
            known->second->generation != published.state->generation ||
            !same(known->second->question, question.second)) {
            return &question;
        }
    }
    return nullptr;
}

void EngineThread::Shared::answer(std::unique_lock<std::mutex>& lock) {
    const auto [name, question] = *open_question();
    work = std::stop_source();
    answering = true;
    Job job;
    job.stop = work.get_token();
    lock.unlock();
    auto result = guarded([&] { return worker.answer(question, job); });
    lock.lock();
    answering = false;
    const bool stopped = !result && result.error().cancelled;
    work = std::stop_source(std::nostopstate);
    if (stopped) {
        return;  // asked again unless the person gave up
    }
    Answered answered{question, published.state->generation, {}, {}, 0};
    if (result) {
        answered = std::move(*result);
    } else {
        answered.problem = result.error().what;
    }
    if (questions.contains(name)) {
        published.answers[name] = std::make_shared<const Answered>(std::move(answered));
        ++published.version;
    }
    lock.unlock();
    tell();
    lock.lock();
}

EngineThread::EngineThread(ComputeOptions compute, ErrorLog& log, JobRegistry& jobs,
                           std::function<void()> wake)
    : shared_(std::make_unique<Shared>(std::move(compute), log, jobs, std::move(wake))) {
    shared_->thread =
        std::jthread([shared = shared_.get()](const std::stop_token& quit) { shared->run(quit); });
}

EngineThread::~EngineThread() {
    shared_->thread.request_stop();
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->abandoned = true;
        shared_->work.request_stop();
    }
    shared_->thread.join();
}

void EngineThread::open_weights(const std::filesystem::path& path) {
    EngineRequests newer;
    {
        const std::scoped_lock lock(shared_->mutex);
        newer.weights = {path, ++shared_->sequence};
    }
    shared_->request(newer);
}

void EngineThread::open_scene(const std::filesystem::path& path) {
    SceneRequest request;
    request.path = path;
    open_scene(request);
}

void EngineThread::open_scene(const SceneRequest& request) {
    EngineRequests newer;
    newer.size = request.size;
    {
        const std::scoped_lock lock(shared_->mutex);
        newer.scene = {request, ++shared_->sequence};
    }
    shared_->request(newer);
}

void EngineThread::set_inputs(std::vector<std::size_t> inputs) {
    EngineRequests newer;
    newer.inputs = std::move(inputs);
    shared_->request(newer);
}

void EngineThread::set_rule(const UpdateRule& rule) {
    EngineRequests newer;
    newer.rule = rule;
    shared_->request(newer);
}

void EngineThread::set_size(Size size) {
    EngineRequests newer;
    newer.size = size;
    shared_->request(newer);
}

void EngineThread::look(const Camera& camera) {
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

void EngineThread::ask(Questions questions) {
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->questions = std::move(questions);
        std::erase_if(shared_->published.answers,
                      [&](const auto& answer) { return !shared_->questions.contains(answer.first); });
    }
    shared_->work_came.notify_one();
}

void EngineThread::want_matrix(const MatrixKey& key) {
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->matrix = key;
        shared_->matrix_due = true;
    }
    shared_->work_came.notify_one();
}

void EngineThread::cancel() {
    const std::scoped_lock lock(shared_->mutex);
    shared_->pending = {};
    shared_->camera_due = false;
    shared_->matrix_due = false;
    shared_->abandoned = true;
    shared_->work.request_stop();
    shared_->went_idle.notify_all();
}

Published EngineThread::published() const {
    const std::scoped_lock lock(shared_->mutex);
    return shared_->published;
}

bool EngineThread::idle() const {
    const std::scoped_lock lock(shared_->mutex);
    return !shared_->busy && !shared_->work_due();
}

bool EngineThread::wait_until_idle(std::chrono::milliseconds limit) const {
    std::unique_lock lock(shared_->mutex);
    return shared_->went_idle.wait_for(lock, limit,
                                       [this] { return !shared_->busy && !shared_->work_due(); });
}

}  // namespace lact::app
