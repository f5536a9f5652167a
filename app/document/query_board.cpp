#include "app/document/query_board.h"

#include <algorithm>

namespace lact::app {

std::shared_ptr<const Answered> QueryBoard::ask(const std::string& name, StateQuery query) {
    asked_.insert_or_assign(name, std::move(query));
    const auto known = answers_.find(name);
    return known == answers_.end() ? nullptr : known->second;
}

bool QueryBoard::fresh(const std::string& name) const {
    const auto query = asked_.find(name);
    const auto answer = answers_.find(name);
    return query != asked_.end() && answer != answers_.end() && answer->second->generation == generation_ &&
           same(answer->second->query, query->second);
}

void QueryBoard::begin_frame(const Answers& answers, std::uint64_t generation) {
    answers_ = answers;
    generation_ = generation;
    asked_.clear();
}

std::optional<StateQueries> QueryBoard::changed() {
    const bool equal = std::ranges::equal(asked_, sent_, [](const auto& a, const auto& b) {
        return a.first == b.first && same(a.second, b.second);
    });
    settled_ = equal;
    if (equal) {
        return std::nullopt;
    }
    sent_ = asked_;
    return asked_;
}

}  // namespace lact::app
