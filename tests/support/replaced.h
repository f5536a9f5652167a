#pragma once

#include <string>

#include <gtest/gtest.h>

namespace lact::test {

/// `text` with its first `what` replaced by `with`; a failed expectation where it has none.
inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

}  // namespace lact::test
