#pragma once

#include "engine/core/error.h"
#include "engine/scene/image.h"
#include "engine/train/held_out.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// One labelled row of a contact sheet, with images of one size.
struct SheetRow {
    std::string label;
    std::vector<Image8> images;  ///< RGB
};

/// Draws rows of images under their labels on a dark background, under a title.
[[nodiscard]] Image8 contact_sheet(std::string_view title, const std::vector<SheetRow>& rows);

/// Ground truth above rendering for every measured view, eight per row, enlarged to a width of at least 128
/// pixels without smoothing. Errors: images too large.
[[nodiscard]] Result<Image8> evaluation_sheet(std::string_view title,
                                              std::span<const EvaluationImage> images);

}  // namespace lact::app
