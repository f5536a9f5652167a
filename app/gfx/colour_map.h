#pragma once

#include "engine/scene/colour_map.h"

#include <imgui.h>

namespace lact::gfx {

using lact::ColourMap;

/// mapped_colour() for ImGui, opaque.
[[nodiscard]] ImVec4 colour_at(ColourMap map, float t);

/// A horizontal colour bar with its end values and, for a range around zero, the middle one, at the cursor of
/// the current ImGui window. `width` 0: all that is available.
void colour_bar(ColourMap map, float low, float high, float width = 0);

/// Height of a colour bar with its labels and the gap below it, in pixels.
[[nodiscard]] float colour_bar_height();

/// The numbers below a bar of this width: both ends, and the middle where there is room.
void bar_labels(ImVec2 at, float width, float low, float high);

}  // namespace lact::gfx
