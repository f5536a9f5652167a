#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace lact::app {

/// A queue between two threads that holds at most `capacity` items: the producer waits while it is full,
/// which bounds the memory when the encoder is slower than the renderer.
template <class T>
class BoundedQueue {
  public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    /// Appends an item, waiting for space. False, with the item dropped, once the queue is closed or aborted.
    [[nodiscard]] bool push(T item) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return closed_ || items_.size() < capacity_; });
        if (closed_) {
            return false;
        }
        items_.push_back(std::move(item));
        changed_.notify_all();
        return true;
    }

    /// Removes the oldest item, waiting for one. Empty once the queue is closed and empty, or aborted.
    [[nodiscard]] std::optional<T> pop() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return closed_ || !items_.empty(); });
        if (items_.empty()) {
            return std::nullopt;
        }
        std::optional<T> item(std::move(items_.front()));
        items_.pop_front();
        changed_.notify_all();
        return item;
    }

    /// Ends the input; the remaining items can still be popped.
    void close() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        changed_.notify_all();
    }

    /// Drops all items and wakes both threads.
    void abort() {
        const std::lock_guard lock(mutex_);
        closed_ = true;
        aborted_ = true;
        items_.clear();
        changed_.notify_all();
    }

    [[nodiscard]] bool aborted() const {
        const std::lock_guard lock(mutex_);
        return aborted_;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<T> items_;
    std::size_t capacity_;
    bool closed_ = false;
    bool aborted_ = false;
};

}  // namespace lact::app
