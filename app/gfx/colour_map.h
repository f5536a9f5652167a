#pragma once

#include <imgui.h>

namespace lact::gfx {

/// Colour maps of heat maps, the same as in shaders/heat_map.frag.
enum class ColourMap {
    diverging,   ///< Negative blue, zero near white, positive red; tellable apart by colour-blind people.
    sequential,  ///< viridis: dark blue to yellow.
};

/// Colour at t in 0 … 1 (clamped) from the low to the high end, opaque; for colour bars and legends.
[[nodiscard]] ImVec4 colour_at(ColourMap map, float t);

/// A horizontal colour bar with its end values and, for a range around zero, the middle one, at the cursor of
/// the current ImGui window. `width` 0: all that is available.
void colour_bar(ColourMap map, float low, float high, float width = 0);

}  // namespace lact::gfx
