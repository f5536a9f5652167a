#pragma once

#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <string_view>

namespace lact::app {

/// How a model's small picture is shown large: its pixels as they are, or smoothed.
enum class EnlargeFilter { nearest, bicubic };

[[nodiscard]] Result<EnlargeFilter> parse_enlarge_filter(std::string_view text);  ///< "nearest|bicubic"

/// The RGB picture `factor` times as wide and high; `factor` >= 1 (1 returns it unchanged).
[[nodiscard]] Result<Image8> enlarge(const Image8& rgb, int factor, EnlargeFilter filter);

}  // namespace lact::app
