#include "engine/procedural/world_buffer.h"

#include "engine/procedural/make_world.h"
#include "engine/procedural/surface.h"

#include <algorithm>
#include <bit>

#include <gtest/gtest.h>

namespace lact {
namespace {

/// Reads words in the order the shader counts on, field by field.
class Reader {
  public:
    Reader(const std::vector<std::uint32_t>& words, std::size_t at) : words_(words), at_(at) {}
    std::uint32_t whole() { return words_.at(at_++); }
    float number() { return std::bit_cast<float>(whole()); }
    void expect(float value) { EXPECT_EQ(number(), value) << "word " << at_ - 1; }
    void expect(const Vec3f& value) {
        expect(value.x);
        expect(value.y);
        expect(value.z);
    }
    [[nodiscard]] std::size_t at() const { return at_; }

  private:
    const std::vector<std::uint32_t>& words_;
    std::size_t at_;
};

void expect_part(Reader& read, const Part& part) {
    EXPECT_EQ(read.whole(), static_cast<std::uint32_t>(part.shape));
    EXPECT_EQ(read.whole(), part.material);
    EXPECT_EQ(read.whole(), part.first_edge);
    EXPECT_EQ(read.whole(), part.edge_count);
    EXPECT_EQ(read.whole(), part.first_decal);
    EXPECT_EQ(read.whole(), part.decal_count);
    read.expect(part.center);
    for (const Vec3f& row : part.rotation.row) {
        read.expect(row);
    }
    read.expect(part.size);
    read.expect(part.bound_radius);
    for (const float value : part.numbers) {
        read.expect(value);
    }
    EXPECT_EQ(read.whole(), static_cast<std::uint32_t>(part.holes.kind));
    EXPECT_EQ(static_cast<int>(read.whole()), part.holes.columns);
    EXPECT_EQ(static_cast<int>(read.whole()), part.holes.rows);
    for (const float value : {part.holes.half_width, part.holes.half_height, part.holes.fill_x,
                              part.holes.fill_y, part.holes.floor}) {
        read.expect(value);
    }
}

void expect_material(Reader& read, const Material& material) {
    EXPECT_EQ(read.whole(), static_cast<std::uint32_t>(material.kind));
    EXPECT_EQ(read.whole(), material.seed);
    for (const Vec3f& color : material.color) {
        read.expect(color);
    }
    read.expect(material.direction);
    read.expect(material.offset);
    for (const float value :
         {material.frequency, material.threshold, material.grain, material.specular, material.hardness}) {
        read.expect(value);
    }
}

void expect_decal(Reader& read, const Decal& decal) {
    EXPECT_EQ(read.whole(), static_cast<std::uint32_t>(decal.kind));
    EXPECT_EQ(read.whole(), decal.seed);
    for (const Vec3f& vector : {decal.center, decal.right, decal.up, decal.normal}) {
        read.expect(vector);
    }
    read.expect(decal.half_width);
    read.expect(decal.half_height);
    for (const Vec3f& color : decal.color) {
        read.expect(color);
    }
}

TEST(WorldBuffer, EveryFieldOfAWorldIsWhereTheShaderReadsIt) {
    for (std::uint64_t seed = 91000000; seed < 91000012; ++seed) {
        SCOPED_TRACE(seed);
        const World world = make_world(general_family(), seed);
        const std::vector<std::uint32_t> words = pack_world(world).words;
        ASSERT_EQ(words.at(packed::part_count), world.parts.size());
        Reader light(words, packed::lighting);
        const Lighting& l = world.lighting;
        for (const Vec3f& vector :
             {l.ambient, l.sky, l.key.direction, l.key.color, l.fill.direction, l.fill.color}) {
            light.expect(vector);
        }
        light.expect(l.shadow);
        EXPECT_LE(light.at(), packed::letters);

        ASSERT_EQ(words.at(packed::parts), packed::records);
        Reader read(words, words.at(packed::parts));
        for (const Part& part : world.parts) {
            expect_part(read, part);
        }
        ASSERT_EQ(read.at(), words.at(packed::edges));
        for (const OutlineEdge& e : world.edges) {
            for (const float value : {e.x0, e.y0, e.x1, e.y1, e.nx0, e.ny0, e.nx1, e.ny1}) {
                read.expect(value);
            }
        }
        ASSERT_EQ(read.at(), words.at(packed::materials));
        for (const Material& material : world.materials) {
            expect_material(read, material);
        }
        ASSERT_EQ(read.at(), words.at(packed::decals));
        for (const Decal& decal : world.decals) {
            expect_decal(read, decal);
        }
        EXPECT_EQ(read.at(), words.size());
    }
}

TEST(WorldBuffer, NearPartsComeFirstAndNothingElseMoves) {
    const World world = make_world(general_family(), 91000004);
    ASSERT_GT(world.parts.size(), 3U);
    const PackedWorld packed_world = pack_world(world);
    const Vec3f eye{2, -1.5F, 0.7F};
    const auto distance = [&](const Part& part) { return length(eye - part.center) - part.bound_radius; };
    std::vector<Part> sorted = world.parts;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [&](const Part& a, const Part& b) { return distance(a) < distance(b); });
    const std::vector<std::uint32_t> words = seen_from(packed_world, eye);
    ASSERT_EQ(words.size(), packed_world.words.size());
    EXPECT_NE(words, packed_world.words);
    Reader read(words, words.at(packed::parts));
    for (const Part& part : sorted) {
        expect_part(read, part);
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i < words.at(packed::parts) || i >= read.at()) {
            ASSERT_EQ(words[i], packed_world.words[i]) << i;
        }
    }
}

TEST(WorldBuffer, LettersAreTheTable) {
    const std::vector<std::uint32_t> words = pack_world(World{}).words;
    int dots = 0;
    for (std::uint32_t letter = 0; letter < 36; ++letter) {
        for (std::uint32_t row = 0; row < 7; ++row) {
            for (std::uint32_t column = 0; column < 5; ++column) {
                const std::uint32_t bit = 5 * row + column;
                const bool set = (words.at(packed::letters + 2 * letter + bit / 32) >> (bit % 32) & 1U) != 0;
                const float u = (static_cast<float>(column) + 0.3F) / 5;
                const float v = 1 - (static_cast<float>(row) + 0.7F) / 7;
                EXPECT_EQ(set, letter_covers(letter, u, v)) << letter << " " << row << " " << column;
                dots += set ? 1 : 0;
            }
        }
    }
    EXPECT_GT(dots, 36 * 10);
    EXPECT_LT(dots, 36 * 25);
}

}  // namespace
}  // namespace lact
