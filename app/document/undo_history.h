#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace lact::app {

/// Earlier values of something that a person edits, told of by showing what it is now: what changes without a
/// pause (a drag) is one step. `T` is copied and compared.
template <class T>
class UndoHistory {
  public:
    explicit UndoHistory(T begin, std::size_t most = 100) : kept_(begin), last_(begin), most_(most) {}

    /// Once a frame: what it is at `seconds` (any steady clock).
    void see(const T& now, double seconds) {
        if (!(now == last_)) {
            last_ = now;
            changed_at_ = seconds;
        }
        if (!(now == kept_) && seconds - changed_at_ >= pause) {
            keep(now);
        }
    }
    [[nodiscard]] bool can_undo() const { return !earlier_.empty() || !(last_ == kept_); }
    [[nodiscard]] bool can_redo() const { return !later_.empty(); }
    /// What it was before the last step; empty where there is none.
    [[nodiscard]] std::optional<T> undo(const T& now) {
        if (!(now == kept_)) {
            keep(now);  // A change that is just being made is a step, too.
        }
        return step(earlier_, later_);
    }
    /// What it was before the last undo(); empty where it was changed since then.
    [[nodiscard]] std::optional<T> redo(const T& now) {
        if (!(now == kept_)) {
            keep(now);
        }
        return step(later_, earlier_);
    }

  private:
    static constexpr double pause = 0.4;  ///< Seconds.

    void keep(const T& now) {
        earlier_.push_back(std::exchange(kept_, now));
        if (earlier_.size() > most_) {
            earlier_.pop_front();
        }
        later_.clear();
        last_ = now;
    }
    std::optional<T> step(std::deque<T>& from, std::deque<T>& to) {
        if (from.empty()) {
            return std::nullopt;
        }
        to.push_back(std::exchange(kept_, std::move(from.back())));
        from.pop_back();
        last_ = kept_;
        return kept_;
    }

    T kept_;  ///< The last value that counts as a step.
    T last_;  ///< As it was shown last.
    double changed_at_ = 0;
    std::size_t most_;
    std::deque<T> earlier_;
    std::deque<T> later_;
};

}  // namespace lact::app
