#pragma once

#include <algorithm>
#include <cstdint>

namespace lact {

/// Input tokens that set-up processes at once, in whole views. Gradients are sums over tokens and everything
/// else is per view or per token, so more inputs take more time and no more memory beyond the tokens
/// themselves. 16 views of 256x256 with patches of 8.
inline constexpr std::int64_t set_up_tile = 16384;

/// The tokens of the whole views that a tile of `tile` tokens holds: of one at least.
[[nodiscard]] constexpr std::int64_t whole_views(std::int64_t tile, std::int64_t tokens_per_view) {
    return std::max<std::int64_t>(tile / tokens_per_view, 1) * tokens_per_view;
}

}  // namespace lact
