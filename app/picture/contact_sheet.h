#pragma once

#include "engine/scene/image.h"

#include <string>
#include <string_view>
#include <vector>

namespace lact::app {

/// One labelled row of a contact sheet: pictures of one size.
struct SheetRow {
    std::string label;
    std::vector<Image8> pictures;  ///< RGB
};

/// Rows of pictures under their labels on a dark ground, with a gap between them; `title` stands on top.
[[nodiscard]] Image8 contact_sheet(std::string_view title, const std::vector<SheetRow>& rows);

}  // namespace lact::app
