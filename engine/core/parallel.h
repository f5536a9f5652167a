#pragma once

#include <cstddef>
#include <functional>

namespace lact {

/// Calls `work(i)` for every i in [0, count) on at most `threads` threads (0: one per core) and returns when
/// all calls have returned. Indices start in ascending order and finish in any order. After an exception no
/// further call begins, and the first one reaches the caller.
void parallel_for(std::size_t count, const std::function<void(std::size_t)>& work, unsigned threads = 0);

}  // namespace lact
