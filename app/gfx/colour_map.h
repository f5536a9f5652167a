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

}  // namespace lact::gfx
