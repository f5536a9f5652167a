#pragma once

#include "engine/core/error.h"

#include <string>
#include <string_view>

namespace lact {

inline constexpr std::string_view png_signature = "\x89PNG\r\n\x1a\n";

/// Checks that the chunks of a PNG are whole, from the header to the end. Errors, which name `where`: it is
/// cut short, with the place; its chunks are damaged; those of check_png_header().
[[nodiscard]] Result<void> check_png(std::string_view bytes, const std::string& where);

/// Checks that a PNG, or its beginning, has its header first, as far as the bytes reach. Error: another chunk
/// is there, as in the form of Apple's programs (CgBI), whose red and blue a decoder would swap.
[[nodiscard]] Result<void> check_png_header(std::string_view bytes, const std::string& where);

}  // namespace lact
