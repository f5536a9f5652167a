#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace lact::app {

/// Why running work is asked to end early.
enum class StopReason : unsigned {
    load = 1U << 0U,        ///< A set-up request came for which weights or photos are loaded.
    set_up = 1U << 1U,      ///< Any set-up request came: the state is about to change.
    camera = 1U << 2U,      ///< The camera moved.
    sides = 1U << 3U,       ///< Other sides are compared.
    cancel = 1U << 4U,      ///< The user gives up what runs, or the program ends.
    experiment = 1U << 5U,  ///< The running experiment is given up.
};

/// A set of reasons.
class StopReasons {
  public:
    constexpr StopReasons() = default;
    constexpr StopReasons(std::initializer_list<StopReason> reasons) {
        for (const StopReason reason : reasons) {
            bits_ |= static_cast<unsigned>(reason);
        }
    }
    [[nodiscard]] constexpr bool contains(StopReason reason) const { return overlaps({reason}); }
    [[nodiscard]] constexpr bool overlaps(StopReasons other) const { return (bits_ & other.bits_) != 0; }
    constexpr StopReasons& operator|=(StopReasons other) {
        bits_ |= other.bits_;
        return *this;
    }

  private:
    unsigned bits_ = 0;
};

/// One kind of work of a TaskQueue. The queue calls due(), take(), stopped_by() and commit() under its lock,
/// execute() and finish() without it, on its thread. due() and stopped_by() may be called from any thread:
/// they read only what the lock guards.
class Task {
  public:
    enum class Next { done, execute_again };

    Task() = default;
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    virtual ~Task() = default;

    /// There is something to do.
    [[nodiscard]] virtual bool due() const = 0;
    /// Takes a snapshot of what execute() needs. Returns what stops execute(); of no state where nothing can.
    [[nodiscard]] virtual std::stop_source take() = 0;
    /// The reasons for which execute() is stopped.
    [[nodiscard]] virtual StopReasons stopped_by() const { return {}; }
    virtual void execute() = 0;
    /// Publishes the result. `raised`: all reasons since take(), those for which it does not stop included.
    [[nodiscard]] virtual Next commit(StopReasons raised) = 0;
    /// After the last commit: what would hold the lock for too long.
    virtual void finish() {}
};

/// Runs tasks on a thread of its own, one at a time: always the first of the list that is due. Its lock
/// guards everything that due(), take() and commit() touch; others reach that through post() and read().
class TaskQueue {
  public:
    /// `tasks`: in order of priority. `wake` is called on the queue's thread, without the lock, after every
    /// task and whenever nothing is due any more; it may read() and post(), and must not wait.
    TaskQueue(std::vector<std::unique_ptr<Task>> tasks, std::function<void()> wake);
    /// Stops the running task and joins; tasks that are due are dropped.
    ~TaskQueue();
    TaskQueue(const TaskQueue&) = delete;
    TaskQueue& operator=(const TaskQueue&) = delete;

    /// Applies a change to what the lock guards. `change` returns the reasons to stop that it raises.
    template <class Change>
    void post(const Change& change) {
        {
            const std::scoped_lock lock(mutex_);
            raise(change());
        }
        work_came_.notify_one();
        went_idle_.notify_all();  // the change may have taken back what was due
    }
    /// A value of what the lock guards.
    template <class Read>
    [[nodiscard]] auto read(const Read& reader) const {
        const std::scoped_lock lock(mutex_);
        return reader();
    }

    /// Nothing runs and nothing is due.
    [[nodiscard]] bool idle() const;
    /// The same, but the last task of the list may run or be due.
    [[nodiscard]] bool idle_but_for_last() const;
    /// The first task of the list neither runs nor is due; others may.
    [[nodiscard]] bool first_is_idle() const;
    /// False where it is still busy after `limit`.
    [[nodiscard]] bool wait_until_idle(std::chrono::milliseconds limit) const;

  private:
    void run(const std::stop_token& quit);
    [[nodiscard]] Task* begin_next(const std::stop_token& quit);
    [[nodiscard]] Task::Next commit(Task& task);
    void wait_for_work(const std::stop_token& quit);
    void raise(StopReasons reasons);
    [[nodiscard]] Task* first_due() const;
    [[nodiscard]] bool nothing_to_do() const { return !busy_ && first_due() == nullptr; }

    const std::vector<std::unique_ptr<Task>> tasks_;
    const std::function<void()> wake_;

    mutable std::mutex mutex_;
    std::condition_variable_any work_came_;
    mutable std::condition_variable went_idle_;
    // Under the mutex.
    bool busy_ = false;        ///< From one task to the next, too.
    Task* running_ = nullptr;  ///< From take() to the last commit().
    std::stop_source stop_{std::nostopstate};
    StopReasons raised_;  ///< Since take().

    std::jthread thread_;
};

}  // namespace lact::app
