#include "app/program/question_board.h"

#include <algorithm>

namespace lact::app {

std::shared_ptr<const Answered> QuestionBoard::ask(const std::string& name, Question question) {
    asked_.insert_or_assign(name, std::move(question));
    const auto known = answers_.find(name);
    return known == answers_.end() ? nullptr : known->second;
}

bool QuestionBoard::fresh(const std::string& name) const {
    const auto question = asked_.find(name);
    const auto answer = answers_.find(name);
    return question != asked_.end() && answer != answers_.end() &&
           answer->second->generation == generation_ && same(answer->second->question, question->second);
}

void QuestionBoard::begin_frame(const Answers& answers, std::uint64_t generation) {
    answers_ = answers;
    generation_ = generation;
    asked_.clear();
}

std::optional<Questions> QuestionBoard::changed() {
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
