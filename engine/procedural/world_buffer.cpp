#include "engine/procedural/world_buffer.h"

#include "engine/procedural/surface.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <utility>

namespace lact {
namespace {

constexpr std::size_t word = sizeof(std::uint32_t);
static_assert(sizeof(Part) == packed::part_words * word && std::is_trivially_copyable_v<Part>);
static_assert(sizeof(OutlineEdge) == packed::edge_words * word && std::is_trivially_copyable_v<OutlineEdge>);
static_assert(sizeof(Material) == packed::material_words * word && std::is_trivially_copyable_v<Material>);
static_assert(sizeof(Decal) == packed::decal_words * word && std::is_trivially_copyable_v<Decal>);
static_assert(sizeof(Lighting) <= (packed::letters - packed::lighting) * word &&
              std::is_trivially_copyable_v<Lighting>);
// Assumptions of shaders/world_buffer.glsl and world_surface.glsl.
static_assert(offsetof(Part, center) == 6 * word && offsetof(Part, rotation) == 9 * word &&
              offsetof(Part, size) == 18 * word && offsetof(Part, bound_radius) == 21 * word &&
              offsetof(Part, numbers) == 22 * word && offsetof(Part, holes) == 31 * word);
static_assert(offsetof(Material, direction) == 14 * word && offsetof(Material, hardness) == 24 * word);
static_assert(offsetof(Decal, normal) == 11 * word && offsetof(Decal, color) == 16 * word);
static_assert(offsetof(Lighting, key) == 6 * word && offsetof(Lighting, shadow) == 18 * word);

template <class T>
void append(std::vector<std::uint32_t>& words, std::size_t where, const std::vector<T>& records) {
    const std::size_t begin = words.size();
    words[where] = static_cast<std::uint32_t>(begin);
    words.resize(begin + records.size() * sizeof(T) / word);
    if (!records.empty()) {
        std::memcpy(&words[begin], records.data(), records.size() * sizeof(T));
    }
}

/// Writes the bitmaps of the letters, sampled at the centre of each dot.
void put_letters(std::vector<std::uint32_t>& words) {
    constexpr std::size_t columns = 5;
    constexpr std::size_t rows = 7;
    for (std::size_t letter = 0; letter < 36; ++letter) {
        for (std::size_t row = 0; row < rows; ++row) {
            for (std::size_t column = 0; column < columns; ++column) {
                const float u = (static_cast<float>(column) + 0.5F) / columns;
                const float v = 1 - (static_cast<float>(row) + 0.5F) / rows;
                const std::size_t bit = columns * row + column;
                if (letter_covers(static_cast<std::uint32_t>(letter), u, v)) {
                    words[packed::letters + 2 * letter + bit / 32] |= 1U << (bit % 32);
                }
            }
        }
    }
}

}  // namespace

PackedWorld pack_world(const World& world) {
    PackedWorld out;
    out.words.resize(packed::records);
    out.words[packed::part_count] = static_cast<std::uint32_t>(world.parts.size());
    std::memcpy(&out.words[packed::lighting], &world.lighting, sizeof(Lighting));
    put_letters(out.words);
    append(out.words, packed::parts, world.parts);
    append(out.words, packed::edges, world.edges);
    append(out.words, packed::materials, world.materials);
    append(out.words, packed::decals, world.decals);
    return out;
}

std::vector<std::uint32_t> seen_from(const PackedWorld& world, const Vec3f& eye) {
    const std::size_t first = world.words[packed::parts];
    std::vector<std::pair<float, std::size_t>> order;  // Distance to the bounding sphere, index of the part.
    for (std::size_t i = 0; i < world.words[packed::part_count]; ++i) {
        const std::size_t at = first + i * packed::part_words;
        const auto number = [&](std::size_t field) { return std::bit_cast<float>(world.words[at + field]); };
        const Vec3f from = eye - Vec3f{number(6), number(7), number(8)};
        order.emplace_back(std::sqrt(dot(from, from)) - number(21), at);
    }
    std::sort(order.begin(), order.end());
    std::vector<std::uint32_t> words = world.words;
    auto to = words.begin() + static_cast<std::ptrdiff_t>(first);
    for (const auto& [distance, at] : order) {
        const auto part = world.words.begin() + static_cast<std::ptrdiff_t>(at);
        to = std::copy_n(part, packed::part_words, to);
    }
    return words;
}

}  // namespace lact
