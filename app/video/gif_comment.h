#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// The comment extension of a GIF (GIF89a specification, section 24): ASCII in sub-blocks of at most 255
/// bytes.
[[nodiscard]] std::string gif_comment_block(std::string_view text);

/// Whether the bytes begin with the signature of a GIF.
[[nodiscard]] bool is_gif(std::string_view bytes);

/// Size in bytes of header, logical screen descriptor and global colour table. Errors, which name `file`: not
/// a GIF; too short.
[[nodiscard]] Result<std::size_t> gif_blocks_begin(const std::string& file, std::string_view bytes);

/// The comments before the first image of a GIF. Errors: not a GIF; damaged or truncated.
[[nodiscard]] Result<std::vector<std::string>> gif_comments(const std::string& file, std::string_view bytes);

}  // namespace lact::app
