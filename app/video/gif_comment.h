#pragma once

#include "engine/core/error.h"

#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// A comment extension as it stands in a GIF (GIF89a specification, 24): ASCII in sub-blocks of at most 255
/// bytes.
[[nodiscard]] std::string gif_comment_block(std::string_view text);

/// Whether these bytes begin like a GIF's.
[[nodiscard]] bool is_gif(std::string_view bytes);

/// Bytes before the first block of a GIF: header, logical screen and global colour table. Errors: no GIF,
/// too short. `file` is named in them.
[[nodiscard]] Result<std::size_t> gif_blocks_begin(const std::string& file, std::string_view bytes);

/// The comments that stand before a GIF's first picture. Errors: no GIF; damaged or ended before it.
[[nodiscard]] Result<std::vector<std::string>> gif_comments(const std::string& file, std::string_view bytes);

}  // namespace lact::app
