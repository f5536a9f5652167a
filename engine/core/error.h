#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace lact {

/// Why something could not be done, in the words a person needs: what went wrong with the observed values,
/// where (a file, a field, a tensor), and what to do about it.
struct Error {
    std::string what;
    std::string where;       ///< May be empty.
    std::string hint;        ///< What to do; may be empty.
    bool cancelled = false;  ///< The person stopped the job: not a failure to report.

    /// `where: what` and, on a second line, the hint.
    [[nodiscard]] std::string message() const {
        std::string text = where.empty() ? what : where + ": " + what;
        if (!hint.empty()) {
            text += "\n  " + hint;
        }
        return text;
    }
};

/// A value or the reason why there is none. Everything that crosses from the engine to the program is one of
/// these: no exception does.
template <class T>
using Result = tl::expected<T, Error>;

/// `return fail(where, what, hint);` from any function that returns a Result.
inline tl::unexpected<Error> fail(std::string where, std::string what, std::string hint = {}) {
    return tl::unexpected<Error>(Error{std::move(what), std::move(where), std::move(hint), false});
}

/// The error of a job that was stopped on request.
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
/// The same for a Result<void>, or for a value that is not needed.
#define LACT_CHECK(...)                                                 \
    do {                                                                \
        if (auto lact_check = (__VA_ARGS__); !lact_check.has_value()) { \
            return ::tl::unexpected<::lact::Error>(lact_check.error()); \
        }                                                               \
    } while (false)
