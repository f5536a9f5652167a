#pragma once

#include "engine/core/printable.h"

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace lact {

/// The reason for a failure, written for the user: what is wrong, with the values found; where (a file, a
/// field, a tensor); and how to correct it.
struct Error {
    std::string what;
    std::string where;       ///< May be empty.
    std::string hint;        ///< How to correct it; may be empty.
    bool cancelled = false;  ///< The user stopped the job; not reported as a failure.

    /// `where: what`, and the hint on a second line.
    [[nodiscard]] std::string message() const {
        std::string text = where.empty() ? what : printable_line(where) + ": " + what;
        if (!hint.empty()) {
            text += "\n  " + hint;
        }
        return text;
    }
};

/// A value, or the error that prevented it. Every function of the engine that can fail returns one; no
/// exception crosses from the engine to the program.
template <class T>
using Result = tl::expected<T, Error>;

/// Makes an error to return from a function that returns a Result: `return fail(where, what, hint);`.
inline tl::unexpected<Error> fail(std::string where, std::string what, std::string hint = {}) {
    return tl::unexpected<Error>(Error{std::move(what), std::move(where), std::move(hint), false});
}

/// The error of a job that the user stopped.
inline tl::unexpected<Error> cancelled() {
    return tl::unexpected<Error>(Error{"cancelled", {}, {}, true});
}

}  // namespace lact

/// `LACT_TRY(auto image, load_image(path));` declares `image`, or returns the error to the caller.
#define LACT_CONCAT_(a, b) a##b
#define LACT_CONCAT(a, b) LACT_CONCAT_(a, b)
#define LACT_TRY_(result, declaration, ...)                       \
    auto result = (__VA_ARGS__);                                  \
    if (!(result).has_value()) {                                  \
        return ::tl::unexpected<::lact::Error>((result).error()); \
    }                                                             \
    declaration = std::move(*(result))
#define LACT_TRY(declaration, ...) LACT_TRY_(LACT_CONCAT(lact_try_, __LINE__), declaration, __VA_ARGS__)
/// The same for a Result<void>, or where the value is not needed.
#define LACT_CHECK(...)                                                 \
    do {                                                                \
        if (auto lact_check = (__VA_ARGS__); !lact_check.has_value()) { \
            return ::tl::unexpected<::lact::Error>(lact_check.error()); \
        }                                                               \
    } while (false)
