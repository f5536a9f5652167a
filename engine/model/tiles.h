#pragma once

#include <cstdint>

namespace lact {

/// Input tokens that set-up processes at once, in whole views. Gradients are sums over tokens and everything
/// else is per view or per token, so more inputs take more time and no more memory beyond the tokens
/// themselves. 16 views of 256x256 with patches of 8.
inline constexpr std::int64_t set_up_tile = 16384;

}  // namespace lact
