#pragma once

#include <array>
#include <cstddef>

namespace lact {

/// Colour maps of heat maps: those of the window's shaders (shaders/colour_points.inc), of figures and of
/// colour bars.
enum class ColourMap {
    diverging,   ///< ColorBrewer RdBu reversed: low end blue, middle near white, high end red; colour-blind
                 ///< safe.
    sequential,  ///< viridis: dark blue to yellow.
};

/// Red, green and blue in [0, 1], sRGB.
using Colour = std::array<float, 3>;

inline constexpr std::size_t colour_points = 9;
/// The points of a map at equal distances, from the low to the high end.
[[nodiscard]] const std::array<Colour, colour_points>& points_of(ColourMap map);
/// The colour at t in [0, 1] (clamped) from the low to the high end: linear between the points.
[[nodiscard]] Colour mapped_colour(ColourMap map, double t);

}  // namespace lact
