#pragma once

#include "app/window/canvas.h"

#include <string>

namespace lact::app {

/// The largest rectangle of the picture's shape in the space, whole multiples of its pixels where that is
/// near.
[[nodiscard]] window::Rect fit_picture(ImVec2 min, ImVec2 space, int width, int height);

/// The space beside the picture: what the picture covers is not painted twice.
void fill_around(ImDrawList& list, const window::Rect& all, const window::Rect& picture, ImU32 colour);

/// Words on a dark ground that any picture lets one read; in lines of at most `wrap` pixels (0: one line).
/// Returns how much space they took.
ImVec2 text_on_picture(ImDrawList& list, ImVec2 at, ImU32 colour, const std::string& text, float wrap = 0);

inline constexpr ImU32 white_on_picture = IM_COL32(235, 238, 243, 255);

}  // namespace lact::app
