#pragma once

#include "engine/scene/colour_map.h"

#include <functional>

#include <imgui.h>

namespace lact::gfx {

using lact::ColourMap;

/// mapped_colour() for ImGui, opaque.
[[nodiscard]] ImVec4 colour_at(ColourMap map, float t);

/// A horizontal colour bar with its end values and, where there is room, the middle one, at the cursor of the
/// current ImGui window. `width` 0: all that is available.
void colour_bar(ColourMap map, float low, float high, float width = 0);

/// A bar that `paint` fills between two corners, with numbers as those of colour_bar() below it.
void labelled_bar(float low, float high, float width,
                  const std::function<void(ImVec2 min, ImVec2 max)>& paint);

/// Height of a colour bar with its labels and the gap below it, in pixels.
[[nodiscard]] float colour_bar_height();

}  // namespace lact::gfx
