#pragma once

#include "engine/procedural/random.h"
#include "engine/procedural/world.h"

#include <vector>

namespace lact {

/// A vertex of an outline; at a smooth one both edges share one normal.
struct OutlinePoint {
    float x = 0;
    float y = 0;
    bool smooth = false;
};
using Outline = std::vector<OutlinePoint>;

/// The edges of a closed, counter-clockwise outline with their normals.
[[nodiscard]] std::vector<OutlineEdge> edges_of(const Outline& outline);

/// Outlines of solids of revolution about z: x is the radius, y the height; they fill [0, 1] x [-1, 1].
enum class LatheKind {
    vase,
    bowl,
    cup,
    capsule,
    wheel,
    bottle,
    dome,
    ring,
    shade,
    egg,
    goblet,
    spindle,
    plate,
    tube
};
[[nodiscard]] Outline lathe_outline(LatheKind kind, Random& random);
[[nodiscard]] Outline random_lathe_outline(Random& random);

/// Outlines of extrusions: they fill [-1, 1]^2 in at least one direction.
enum class FlatKind {
    polygon,
    star,
    gear,
    cross,
    corner,
    tee,
    channel,
    arrow,
    heart,
    arch,
    rounded,
    wedge,
    trapezoid,
    blob,
    house,
    car,
    crescent,
    shoe,
    leaf
};
[[nodiscard]] Outline flat_outline(FlatKind kind, Random& random);
[[nodiscard]] Outline random_flat_outline(Random& random);

}  // namespace lact
