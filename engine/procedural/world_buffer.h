#pragma once

#include "engine/procedural/world.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lact {

/// A world as 32-bit words for the storage buffer of shaders/world_buffer.glsl: parts, outlines, materials,
/// decals and lights as stored in memory, and the letters. Without the background.
struct PackedWorld {
    std::vector<std::uint32_t> words;
};

/// Layout: a header, the letters, then the records of the world one after the other.
namespace packed {
inline constexpr std::size_t part_count = 0;  ///< Index of the word with the number of parts.
/// Indices of the words with the first record of each kind.
inline constexpr std::size_t parts = 1;
inline constexpr std::size_t edges = 2;
inline constexpr std::size_t materials = 3;
inline constexpr std::size_t decals = 4;
inline constexpr std::size_t lighting = 8;  ///< First word of `Lighting`.
inline constexpr std::size_t letters = 28;  ///< Two words per letter, 36 letters: bit 5 * row + column.
inline constexpr std::size_t records = letters + std::size_t{2} * 36;
/// Number of words of one record.
inline constexpr std::size_t part_words = 39;
inline constexpr std::size_t edge_words = 8;
inline constexpr std::size_t material_words = 25;
inline constexpr std::size_t decal_words = 25;
}  // namespace packed

/// Packs a world. For WorldKind::object: the background is left out.
[[nodiscard]] PackedWorld pack_world(const World& world);
/// The words with the parts nearest to `eye` first, in the order of draw_world(): where faces of two parts
/// coincide, the first one is visible.
[[nodiscard]] std::vector<std::uint32_t> seen_from(const PackedWorld& world, const Vec3f& eye);

}  // namespace lact
