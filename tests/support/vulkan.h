#pragma once

#include "app/gfx/display.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace lact::app::test {

/// LACT_REQUIRE_VULKAN=1 in the environment: without a Vulkan device or its validation layer, tests that need
/// them fail.
inline bool vulkan_is_required() {
    const char* value = std::getenv("LACT_REQUIRE_VULKAN");
    return value != nullptr && std::string_view(value) == "1";
}

/// A display of `make` (gfx::make_offscreen, gfx::open_window) with the validation layer; without it only
/// where it is not installed, of which Offscreen.IsMadeWithTheValidationLayer tells. Errors: those of `make`,
/// after which the caller skips with LACT_NO_VULKAN.
inline Result<std::unique_ptr<gfx::Display>> with_validation(
    gfx::DisplayOptions options, Result<std::unique_ptr<gfx::Display>> (*make)(const gfx::DisplayOptions&)) {
    options.validation = true;
    auto validated = make(options);
    if (validated || vulkan_is_required()) {
        return validated;
    }
    const bool installed =
        validated.error().what.find("layer is requested but not installed") == std::string::npos;
    options.validation = false;
    auto plain = make(options);
    EXPECT_FALSE(plain && installed) << "only without validation: " << validated.error().message();
    return plain;
}

}  // namespace lact::app::test

/// Skips the test because of the error of a display, or fails it where Vulkan is required.
#define LACT_NO_VULKAN(error)                                         \
    do {                                                              \
        if (::lact::app::test::vulkan_is_required()) {                \
            FAIL() << "LACT_REQUIRE_VULKAN=1: " << (error).message(); \
        }                                                             \
        GTEST_SKIP() << "SKIPPED: " << (error).what;                  \
    } while (false)
