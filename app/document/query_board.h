#pragma once

#include "app/runtime/query.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace lact::app {

/// Where panels ask the engine while they are drawn: a panel that is not visible does not ask, so nothing is
/// computed for it. The program sends what was asked when it changes.
class QueryBoard {
  public:
    /// Asks under a name of the panel's own ("attention.row") and returns the latest answer under that name,
    /// which may still be that to an earlier question or of an earlier state (see fresh()); null before any.
    std::shared_ptr<const Answered> ask(const std::string& name, StateQuery query);
    /// The answer is to what was asked this frame, of the newest state.
    [[nodiscard]] bool fresh(const std::string& name) const;

    /// Before the panels are drawn.
    void begin_frame(const Answers& answers, std::uint64_t generation);
    /// After: the questions of this frame where they differ from those of the last one.
    [[nodiscard]] std::optional<StateQueries> changed();
    /// All that is asked has been sent.
    [[nodiscard]] bool settled() const { return settled_; }

  private:
    Answers answers_;
    std::uint64_t generation_ = 0;
    StateQueries asked_;
    StateQueries sent_;
    bool settled_ = true;
};

}  // namespace lact::app
