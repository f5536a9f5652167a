#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
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
        update(now, seconds, [](const T& /*before*/, const T& /*after*/) { return true; });
    }
    /// The same; where `is_edit(before, after)` is false, the change is no step: see rebase().
    template <class View, class IsEdit>
    void update(const View& now, double seconds, const IsEdit& is_edit) {
        if (!(last_ == now)) {
            last_ = T(now);
            changed_at_ = seconds;
        }
        if (kept_ == now || seconds - changed_at_ < pause) {
            return;
        }
        if (T value(now); is_edit(kept_, value)) {
            keep(std::move(value));
        } else {
            rebase(std::move(value));
        }
    }
    /// Takes the value as it is, without a step: for changes that are no edit of the user.
    void rebase(T now) { kept_ = last_ = std::move(now); }
    /// What was requested was stopped or refused, and a value of before is back: the steps since then go.
    void withdraw(const T& now) {
        if (kept_ == now) {
            return;
        }
        if (!later_.empty() && later_.back() == now) {
            (void)step(later_, earlier_);  // It was an undo.
        } else if (const auto before = std::find(earlier_.rbegin(), earlier_.rend(), now);
                   before != earlier_.rend()) {
            earlier_.erase(std::prev(before.base()), earlier_.end());
            rebase(now);
        }
    }
    [[nodiscard]] bool can_undo() const { return !earlier_.empty() || !(last_ == kept_); }
    [[nodiscard]] bool can_redo() const { return !later_.empty(); }
    /// The value that `count` calls of undo() bring back; null where there are fewer steps.
    [[nodiscard]] const T* after_undos(std::size_t count) const {
        if (!(last_ == kept_) && --count == 0) {
            return &kept_;
        }
        return count > 0 && count <= earlier_.size() ? &earlier_[earlier_.size() - count] : nullptr;
    }
    /// Likewise of redo().
    [[nodiscard]] const T* after_redos(std::size_t count) const {
        return count > 0 && count <= later_.size() ? &later_[later_.size() - count] : nullptr;
    }
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

    void keep(T now) {
        earlier_.push_back(std::move(kept_));
        if (earlier_.size() > most_) {
            earlier_.pop_front();
        }
        later_.clear();
        kept_ = last_ = std::move(now);
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
