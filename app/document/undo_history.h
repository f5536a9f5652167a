#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace lact::app {

/// Earlier values of something that the user edits. It gets the current value every frame; changes without a
/// pause between them (a drag) are one step. `T` is copied and compared.
template <class T>
class UndoHistory {
  public:
    explicit UndoHistory(T begin, std::size_t most = 100) : kept_(begin), last_(begin), most_(most) {}

    /// Once a frame: the value at `seconds` (any steady clock). `now` is a T, or a view of one that compares
    /// with it and converts to it: it is copied only when it has changed.
    template <class View>
    void update(const View& now, double seconds) {
        if (!(last_ == now)) {
            last_ = T(now);
            changed_at_ = seconds;
        }
        if (!(kept_ == now) && seconds - changed_at_ >= pause) {
            keep(T(now));
        }
    }
    [[nodiscard]] bool can_undo() const { return !earlier_.empty() || !(last_ == kept_); }
    [[nodiscard]] bool can_redo() const { return !later_.empty(); }
    /// The value before the last step; empty where there is none.
    [[nodiscard]] std::optional<T> undo(const T& now) {
        if (!(now == kept_)) {
            keep(now);  // An unfinished change is a step, too.
        }
        return step(earlier_, later_);
    }
    /// The value before the last undo(); empty where it was changed since then.
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
    T last_;  ///< The value of the last frame.
    double changed_at_ = 0;
    std::size_t most_;
    std::deque<T> earlier_;
    std::deque<T> later_;
};

}  // namespace lact::app
