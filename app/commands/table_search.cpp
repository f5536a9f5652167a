#include "app/commands/table_search.h"

#include <cctype>
#include <cstddef>

namespace lact::app {

namespace {

constexpr int per_letter = 10;
constexpr int word_start = 15;
constexpr int unbroken = 18;
constexpr int skipped = -1;
constexpr int none = -1'000'000;

char lower(char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool starts_word(std::string_view text, std::size_t i) {
    return i == 0 || std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0;
}

/// Best score of `word` as a subsequence; `none` where it is not one. best[i]: of the letters so far with the
/// last one at text[i].
int word_score(std::string_view text, std::string_view word) {
    std::vector<int> best(text.size(), none);
    for (std::size_t w = 0; w < word.size(); ++w) {
        std::vector<int> next(text.size(), none);
        int reach = w == 0 ? 0 : none;  // best of any earlier position, less what was skipped since
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (lower(text[i]) == lower(word[w])) {
                int before = reach;
                if (w > 0 && i > 0 && best[i - 1] > none) {
                    before = std::max(before, best[i - 1] + unbroken);
                }
                if (before > none) {
                    next[i] = before + per_letter + (starts_word(text, i) ? word_start : 0);
                }
            }
            if (w > 0) {
                reach = std::max(reach > none ? reach + skipped : none, best[i]);
            }
        }
        best = std::move(next);
    }
    int score = none;
    for (const int one : best) {
        score = std::max(score, one);
    }
    return score;
}

}  // namespace

std::optional<int> fuzzy_score(std::string_view text, std::string_view query) {
    int total = 0;
    std::size_t at = 0;
    while (at < query.size()) {
        const auto end = std::min(query.find(' ', at), query.size());
        if (end > at) {
            const int score = word_score(text, query.substr(at, end - at));
            if (score <= none) {
                return std::nullopt;
            }
            total += score;
        }
        at = end + 1;
    }
    return total;
}

}  // namespace lact::app
