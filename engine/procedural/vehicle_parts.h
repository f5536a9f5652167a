#pragma once

#include "engine/procedural/builder.h"

namespace lact {

// Parts shared by the classes of the `vehicles` family. x is forward, y left, z up; the ground is z = 0.

inline constexpr Vec3f side_axis{0, 1, 0};

/// The materials of one vehicle.
struct Paint {
    std::uint32_t body = 0;
    std::uint32_t second = 0;
    std::uint32_t accent = 0;
    std::uint32_t glass = 0;
    std::uint32_t tyre = 0;
    std::uint32_t rim = 0;
    std::uint32_t trim = 0;  ///< Bumpers, chassis, undercarriage.
    std::uint32_t lamp = 0;
    std::uint32_t tail_lamp = 0;
    Vec3f second_color;
    Vec3f accent_color;
    Vec3f glass_color;
};

/// Random paint in two contrasting colours.
Paint choose_paint(Builder& b);
/// Adds a part from its side view in (x, z), counter-clockwise, with a width: centred at y = 0.
std::size_t add_profile(Builder& b, Outline outline, float half_width, std::uint32_t material);
/// Adds a part from its top view in (x, y), with a height.
std::size_t add_planform(Builder& b, Outline outline, float z, float half_height, std::uint32_t material);
/// A decal on both sides of a profile, centred at (x, z) in the world.
void decal_sides(Builder& b, std::size_t profile, DecalKind kind, float x, float z, float half_width,
                 float half_height, const Vec3f& color);
/// A decal on the front (1) or the back (-1) of a profile at height z.
void decal_end(Builder& b, std::size_t profile, float end, float z, float half_width, float half_height,
               const Vec3f& color);
/// A window pane on the edge from (x0, z0) to (x1, z1) of a profile.
void add_pane(Builder& b, float x0, float z0, float x1, float z1, float half_width, std::uint32_t material);
/// A wheel on the left and its mirror image; `y` is the centre of its tread.
void add_wheel_pair(Builder& b, const Paint& paint, float x, float y, float radius, float half_width);
/// Adds a part and its mirror image across y = 0.
void add_pair(Builder& b, ShapeKind shape, const Vec3f& center, const Vec3f& size, std::uint32_t material);
/// Adds two head lamps and two tail lamps at +-y.
void add_lamps(Builder& b, const Paint& paint, float front, float back, float y, float front_z, float back_z);
/// A bar of warning lights, red and blue, or a sign of one colour.
void add_beacon(Builder& b, const Paint& paint, float x, float z, float half_width);

}  // namespace lact
