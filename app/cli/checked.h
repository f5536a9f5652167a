#pragma once

#include "app/compare/side_spec.h"
#include "engine/core/error.h"

#include <string>

#include <CLI/CLI.hpp>

namespace lact::app {

/// A CLI11 validator that reports the error message of `parse`; a refused value is wrong usage.
template <class Parse>
CLI::Validator checked(Parse parse, const std::string& description) {
    return {[parse](const std::string& text) {
                const auto result = parse(text);
                return result ? std::string() : result.error().message();
            },
            description, description};
}

/// The side of a comparison, which only the window can have captured.
inline CLI::Validator side_validator() {
    const auto parse = [](const std::string& text) -> Result<SideSpec> {
        LACT_TRY(SideSpec side, parse_side_spec(text));
        if (side.kind == SideKind::captured) {
            return fail("side", "only the window keeps captured images",
                        "Use photo, ground-truth or a model.");
        }
        return side;
    };
    return checked(parse, "SIDE");
}

}  // namespace lact::app
