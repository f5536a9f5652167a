#pragma once

#include "engine/procedural/random.h"
#include "engine/procedural/world.h"

#include <array>

namespace lact {

/// The colours and surfaces that the parts of one object have in common.
struct Theme {
    enum class Kind { mixed, toy, wood, cream, dark, metal, pastel, plain } kind = Kind::mixed;
    std::array<Vec3f, 4> palette{};
    float textured = 0.5F;  ///< How often a material has a pattern.
    float glossy = 0.3F;
    float grainy = 0.35F;      ///< How often a material has fine noise.
    float pattern_octave = 1;  ///< Patterns have about 2^this periods per unit.
};

[[nodiscard]] Vec3f color_of_hsv(float hue, float saturation, float value);
/// Any colour: vivid, of wood and cream and skin, grey, pastel.
[[nodiscard]] Vec3f random_color(Random& random);
[[nodiscard]] Vec3f wood_color(Random& random);
[[nodiscard]] Vec3f skin_color(Random& random);

[[nodiscard]] Theme random_theme(Random& random);
/// Saturated colours without patterns or gloss.
[[nodiscard]] Theme plain_theme(Random& random);
/// A material in the theme's colours.
[[nodiscard]] Material random_material(const Theme& theme, Random& random);
[[nodiscard]] Material plain_material(const Vec3f& color, Random& random);
[[nodiscard]] Material wood_material(Random& random);
/// A pattern of this kind in these colours.
[[nodiscard]] Material patterned(MaterialKind kind, const Theme& theme, Random& random);

}  // namespace lact
