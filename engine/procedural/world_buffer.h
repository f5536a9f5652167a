#pragma once

#include "engine/procedural/world.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lact {

/// A world as 32-bit words for a storage buffer, what shaders/world_buffer.glsl reads: parts, outlines,
/// materials, marks and lights as they lie in memory, and the letters. Not the surroundings.
struct PackedWorld {
    std::vector<std::uint32_t> words;
};

/// The layout: a header, then the letters and the records of a world one after the other.
namespace packed {
inline constexpr std::size_t part_count = 0;  ///< Word that says how many parts there are.
/// Words that say where the first record of each kind begins.
inline constexpr std::size_t parts = 1;
inline constexpr std::size_t edges = 2;
inline constexpr std::size_t materials = 3;
inline constexpr std::size_t decals = 4;
inline constexpr std::size_t lighting = 8;  ///< First word of `Lighting`.
inline constexpr std::size_t letters = 28;  ///< Two words for each of 36: bit 5 * row + column.
inline constexpr std::size_t records = letters + std::size_t{2} * 36;
/// Words of one record.
inline constexpr std::size_t part_words = 39;
inline constexpr std::size_t edge_words = 8;
inline constexpr std::size_t material_words = 25;
inline constexpr std::size_t decal_words = 25;
}  // namespace packed

/// Of the object family: what surrounds a scene is left out.
[[nodiscard]] PackedWorld pack_world(const World& world);
/// The words with the parts nearest to `eye` first, as draw_world() meets them: where faces of two parts
/// coincide, the first one is seen.
[[nodiscard]] std::vector<std::uint32_t> seen_from(const PackedWorld& world, const Vec3f& eye);

}  // namespace lact
