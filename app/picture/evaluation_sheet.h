#pragma once

#include "engine/core/error.h"
#include "engine/scene/image.h"
#include "engine/train/held_out.h"

#include <span>
#include <string_view>

namespace lact::app {

/// Ground truth above rendering for every measured view, eight in a row, enlarged to at least 128 pixels
/// without smoothing. Errors: images too large.
[[nodiscard]] Result<Image8> evaluation_sheet(std::string_view title,
                                              std::span<const EvaluationPicture> pictures);

}  // namespace lact::app
