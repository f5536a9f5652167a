#include "app/runtime/task_queue.h"

#include <utility>

namespace lact::app {

TaskQueue::TaskQueue(std::vector<std::unique_ptr<Task>> tasks, std::function<void()> wake)
    : tasks_(std::move(tasks)), wake_(std::move(wake)) {
    thread_ = std::jthread([this](const std::stop_token& quit) { run(quit); });
}

TaskQueue::~TaskQueue() {
    thread_.request_stop();
    post([] { return StopReasons{StopReason::cancel}; });
    thread_.join();
}

void TaskQueue::run(const std::stop_token& quit) {
    while (!quit.stop_requested()) {
        Task* const task = begin_next(quit);
        if (task != nullptr) {
            do {
                task->execute();
            } while (commit(*task) == Task::Next::execute_again);
            task->finish();
        }
        if (wake_) {
            wake_();
        }
        if (task == nullptr) {
            wait_for_work(quit);
        }
    }
    const std::scoped_lock lock(mutex_);
    busy_ = false;
    went_idle_.notify_all();
}

/// Null where nothing is due: the queue is idle then.
Task* TaskQueue::begin_next(const std::stop_token& quit) {
    const std::scoped_lock lock(mutex_);
    // Asked under the lock: the destructor stops what is running after it has requested to quit.
    running_ = quit.stop_requested() ? nullptr : first_due();
    busy_ = running_ != nullptr;
    if (running_ != nullptr) {
        raised_ = {};
        stop_ = running_->take();
    } else {
        went_idle_.notify_all();
    }
    return running_;
}

Task::Next TaskQueue::commit(Task& task) {
    const std::scoped_lock lock(mutex_);
    const Task::Next next = task.commit(raised_);
    if (next == Task::Next::done) {
        running_ = nullptr;
        stop_ = std::stop_source(std::nostopstate);
    }
    return next;
}

void TaskQueue::wait_for_work(const std::stop_token& quit) {
    std::unique_lock lock(mutex_);
    work_came_.wait(lock, quit, [this] { return first_due() != nullptr; });
}

/// The lock is held.
void TaskQueue::raise(StopReasons reasons) {
    raised_ |= reasons;
    if (running_ != nullptr && running_->stopped_by().overlaps(reasons)) {
        stop_.request_stop();
    }
}

/// The lock is held.
Task* TaskQueue::first_due() const {
    const auto found = std::ranges::find_if(tasks_, [](const auto& task) { return task->due(); });
    return found == tasks_.end() ? nullptr : found->get();
}

bool TaskQueue::idle() const {
    const std::scoped_lock lock(mutex_);
    return nothing_to_do();
}

bool TaskQueue::idle_but_for_last() const {
    const std::scoped_lock lock(mutex_);
    const Task* const due = first_due();
    const auto counts = [&](const Task* task) { return task != nullptr && task != tasks_.back().get(); };
    return !counts(due) && !counts(running_);
}

bool TaskQueue::first_is_idle() const {
    const std::scoped_lock lock(mutex_);
    const Task* const first = tasks_.front().get();
    return running_ != first && !first->due();
}

bool TaskQueue::wait_until_idle(std::chrono::milliseconds limit) const {
    std::unique_lock lock(mutex_);
    return went_idle_.wait_for(lock, limit, [this] { return nothing_to_do(); });
}

}  // namespace lact::app
