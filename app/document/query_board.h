#pragma once

#include "app/runtime/query.h"

#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// The queries of the panels. Panels ask while they are drawn: a panel that is not visible does not ask, so
/// nothing is computed for it. RequestSender sends the queries when they change.
class QueryBoard {
  public:
    /// Asks a query under a unique name ("attention.row"). Returns the latest answer under that name, which
    /// may be to an earlier query or of an earlier state (see fresh()); null before the first.
    std::shared_ptr<const Answered> ask(const std::string& name, StateQuery query);
    /// The answer is to the query of this frame, about the newest state.
    [[nodiscard]] bool fresh(const std::string& name) const;

    /// Before the panels are drawn.
    void begin_frame(const Answers& answers, std::uint64_t generation);
    /// After the panels are drawn: the queries of this frame, where they differ from those sent last.
    [[nodiscard]] std::optional<StateQueries> changed();
    /// All queries are sent.
    [[nodiscard]] bool settled() const { return settled_; }

  private:
    Answers answers_;
    std::uint64_t generation_ = 0;
    StateQueries asked_;
    StateQueries sent_;
    bool settled_ = true;
};

}  // namespace lact::app
