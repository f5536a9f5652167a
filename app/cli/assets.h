#pragma once

#include "engine/core/error.h"

#include <filesystem>
#include <string_view>

namespace lact::app {

/// A bundled file or folder ("weights/nano64.safetensors", "scenes/bouquet"): looked for in $LACT_ASSETS, in
/// the checkout the program was built in, beside the program and in ../share/lactscope. The error lists
/// where.
[[nodiscard]] Result<std::filesystem::path> find_asset(std::string_view name);

}  // namespace lact::app
