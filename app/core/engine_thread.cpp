#include "app/core/engine_thread.h"

#include "app/core/engine_thread_shared.h"
#include "app/core/navigation.h"

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
        } else if (open_question() != nullptr) {
            answer(lock);
        } else {
            add_table_row(lock);
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
    {
        const std::scoped_lock guard(mutex);
        published.offer = worker.offer();
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
        sides_due = compare_wish.has_value();
        comparing = false;
        if (other_scene) {
            published.pair = nullptr;
            published.table = nullptr;
        }
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

Result<std::shared_ptr<const Frame>> EngineThread::Shared::frame_from(const Camera& from, const Job& job) {
    LACT_TRY(Frame frame, guarded([&] { return worker.render(from, job); }));
    return std::make_shared<const Frame>(std::move(frame));
}

void EngineThread::Shared::render(std::unique_lock<std::mutex>& lock) {
    const Camera wanted = *camera;
    const Camera from = worker.fitted(wanted);
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
        published.frame = *frame ? std::move(*frame) : published.frame;
        publish_pair(std::move(pair));
        ++published.version;
    } else if (stopped && !abandoned) {
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
        ++shared_->scenes_asked;
    }
    shared_->request(newer);
}

void EngineThread::open_generated(const SceneOrder& order, const std::filesystem::path& folder) {
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

std::uint64_t EngineThread::scenes_asked() const {
    const std::scoped_lock lock(shared_->mutex);
    return shared_->scenes_asked;
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

void EngineThread::compare(std::optional<CompareWish> wish) {
    {
        const std::scoped_lock lock(shared_->mutex);
        if (wish == shared_->compare_wish) {
            return;
        }
        shared_->compare_wish = std::move(wish);
        shared_->sides_due = true;
        if (shared_->making_sides || shared_->answering) {
            shared_->work.request_stop();
        }
    }
    shared_->work_came.notify_one();
}

void EngineThread::want_table(bool wanted) {
    {
        const std::scoped_lock lock(shared_->mutex);
        if (wanted && !shared_->table_wanted) {
            shared_->take_up_table();
        }
        shared_->table_wanted = wanted;
    }
    shared_->work_came.notify_one();
}

void EngineThread::want_frame(bool wanted) {
    {
        const std::scoped_lock lock(shared_->mutex);
        shared_->frame_wanted = wanted;
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
    shared_->table_left.clear();
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
