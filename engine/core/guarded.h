#pragma once

#include "engine/core/error.h"

#include <exception>
#include <new>
#include <string>
#include <utility>

namespace lact {

/// Returns what `work`, which returns a Result, returns; where it throws, an error that names `where`, with
/// `hint`. For threads and loops that no exception may leave: it would end the program.
template <class Work>
[[nodiscard]] auto guarded(const std::string& where, Work&& work, const std::string& hint = {})
    -> decltype(work()) {
    try {
        return std::forward<Work>(work)();
    } catch (const std::bad_alloc&) {
        return fail(
            where, "there is no memory left for it",
            hint.empty() ? "Close other programs, or work with fewer views or a smaller size." : hint);
    } catch (const std::exception& problem) {
        return fail(where, printable(problem.what()), hint);
    }
}

}  // namespace lact
