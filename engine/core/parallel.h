#pragma once

#include <cstddef>
#include <functional>

namespace lact {

/// Calls `work(i)` for every i in [0, count) on at most `threads` threads (0: one per core) and returns when
/// all are done. `work` must not throw; it takes indices in ascending order but finishes in any.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work, unsigned threads = 0);

}  // namespace lact
