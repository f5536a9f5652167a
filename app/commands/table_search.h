#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lact::app {

/// Score of a match of `text`, empty where there is none: every word of `query` must be a subsequence of the
/// text, case ignored. Contiguous runs and starts of words count more, skipped letters less. An empty query
/// matches everything with 0.
[[nodiscard]] std::optional<int> fuzzy_score(std::string_view text, std::string_view query);

/// Rows of a table whose title, id, group or tooltip match the query, best first; equal scores keep the order
/// of the table. A match in the title weighs most.
template <class Row>
std::vector<const Row*> search_table(const std::deque<Row>& rows, std::string_view query) {
    constexpr int title_bonus = 40;
    constexpr int id_bonus = 20;
    std::vector<std::pair<int, const Row*>> found;
    for (const Row& row : rows) {
        std::optional<int> best;
        const auto consider = [&](std::string_view text, int bonus) {
            if (const auto score = fuzzy_score(text, query)) {
                best = std::max(best.value_or(*score + bonus), *score + bonus);
            }
        };
        consider(row.title, title_bonus);
        consider(row.id, id_bonus);
        consider(row.group, 0);
        // Long texts contain most subsequences: a tooltip counts only where it contains the query as it is.
        if (row.tooltip.find(query) != std::string::npos) {
            consider(row.tooltip, 0);
        }
        if (best) {
            found.emplace_back(query.empty() ? 0 : *best, &row);
        }
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    std::vector<const Row*> order;
    order.reserve(found.size());
    for (const auto& [score, row] : found) {
        order.push_back(row);
    }
    return order;
}

}  // namespace lact::app
