#pragma once

#include <optional>
#include <string_view>

namespace lact::app {

/// How well `text` fits what was typed, nothing where it does not: every word of `query` must stand in the
/// text as a subsequence, case ignored. Unbroken runs and starts of words count more, skipped letters less.
/// An empty query fits everything with 0.
[[nodiscard]] std::optional<int> fuzzy_score(std::string_view text, std::string_view query);

}  // namespace lact::app
