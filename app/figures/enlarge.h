#pragma once

#include "engine/core/error.h"
#include "engine/scene/image.h"

#include <string_view>

namespace lact::app {

/// Interpolation for enlarged renderings.
enum class EnlargeFilter { nearest, bicubic };

[[nodiscard]] Result<EnlargeFilter> parse_enlarge_filter(std::string_view text);  ///< "nearest|bicubic"

/// Enlarges an RGB image by `factor` >= 1 each way; 1 returns it unchanged. Errors: too large; out of memory;
/// bicubic in a build without LACT_VIDEO.
[[nodiscard]] Result<Image8> enlarge(const Image8& rgb, int factor, EnlargeFilter filter);

}  // namespace lact::app
