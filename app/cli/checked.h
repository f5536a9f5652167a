#pragma once

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

}  // namespace lact::app
