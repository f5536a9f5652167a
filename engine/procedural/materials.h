#pragma once

#include "engine/procedural/random.h"
#include "engine/procedural/world.h"

#include <array>

namespace lact {

/// Colours and surface properties shared by the parts of one object.
struct Theme {
    enum class Kind { mixed, toy, wood, cream, dark, metal, pastel, plain } kind = Kind::mixed;
    std::array<Vec3f, 4> palette{};
    float textured = 0.5F;  ///< Probability of a pattern.
    float glossy = 0.3F;
    float grainy = 0.35F;      ///< Probability of fine noise.
    float pattern_octave = 1;  ///< Patterns have about 2^this periods per unit length.
};

[[nodiscard]] Vec3f color_of_hsv(float hue, float saturation, float value);
/// A random colour: vivid, wood, cream, skin, grey or pastel.
[[nodiscard]] Vec3f random_color(Random& random);
[[nodiscard]] Vec3f wood_color(Random& random);
[[nodiscard]] Vec3f skin_color(Random& random);

[[nodiscard]] Theme random_theme(Random& random);
/// Saturated colours without patterns or gloss.
[[nodiscard]] Theme plain_theme(Random& random);
/// A random material in the colours of the theme.
[[nodiscard]] Material random_material(const Theme& theme, Random& random);
[[nodiscard]] Material plain_material(const Vec3f& color, Random& random);
[[nodiscard]] Material wood_material(Random& random);
/// A material with this pattern in the colours of the theme.
[[nodiscard]] Material patterned(MaterialKind kind, const Theme& theme, Random& random);

}  // namespace lact
