// The parameters of generated worlds: the same to the bit everywhere, and sound.
#include "engine/procedural/world.h"

#include "engine/procedural/exact_math.h"
#include "engine/procedural/generated_views.h"
#include "engine/procedural/make_world.h"
#include "engine/procedural/random.h"
#include "tests/engine/procedural/fingerprint.h"

#include <array>
#include <cmath>
#include <set>

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::fingerprint_of;

struct Promise {
    const WorldFamily* family;
    std::uint64_t seed;
    std::uint64_t world;
    std::uint64_t camera;  ///< View 7 before normalisation.
};

// That these numbers never change is what the generator's version promises. If one does, images that
// weights were trained and measured on have changed: raise generator_version.
const std::array<Promise, 12> promises{{
    {&general_family(), 0, 0xEED41887AEC4282EULL, 0x942CA9537006A76CULL},
    {&general_family(), 1, 0x787BA53395487380ULL, 0x2CD3E33DFE6128B6ULL},
    {&general_family(), 123456, 0x48565B82D4D42177ULL, 0x10A65F6776D4E397ULL},
    {&general_family(), 90500000, 0x82CE01B6FB920219ULL, 0xDCCF130739BE7B73ULL},
    {&general_family(), 90500199, 0x6FFF6C4D103C5705ULL, 0x006B07FB45599362ULL},
    {&vehicles_family(), 0, 0x1F0987A486462247ULL, 0x137B822E294E9A40ULL},
    {&vehicles_family(), 123456, 0xDA02A93D09EF4879ULL, 0xA4B45515ABA31A0DULL},
    {&vehicles_family(), 90700000, 0x287AEACFE9A895F5ULL, 0xCE28110C5EA44992ULL},
    {&vehicles_family(), 90700199, 0x0A8FB5BE8E803106ULL, 0x825DCE5FCE8FCB40ULL},
    {&scenes_family(), 2, 0x349DBE134733BF5AULL, 0x1E5CC6FDDB603107ULL},
    {&scenes_family(), 90600000, 0xFCCC28CE833A73B6ULL, 0x5FF8F54DE491155AULL},
    {&scenes_family(), 90600099, 0x218EC3E29DFFCAC7ULL, 0x74F10428DA97226BULL},
}};

TEST(World, ParametersAreEqualToTheBitOnEveryMachine) {
    ASSERT_EQ(generator_version, 1);
    for (const Promise& promise : promises) {
        const World world = make_world(*promise.family, promise.seed);
        EXPECT_EQ(fingerprint_of(world), promise.world) << promise.seed;
        EXPECT_EQ(fingerprint_of(rig_camera(world.rig, promise.seed, 7, 64)), promise.camera) << promise.seed;
    }
}

TEST(World, SeedsAndFamiliesDiffer) {
    std::set<std::uint64_t> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        for (const WorldFamily* const family : built_in_families()) {
            EXPECT_TRUE(seen.insert(fingerprint_of(make_world(*family, seed))).second) << seed;
        }
    }
}

void expect_sound_part(const World& world, const Part& part) {
    EXPECT_LT(part.material, world.materials.size());
    EXPECT_LE(part.first_edge + part.edge_count, world.edges.size());
    EXPECT_LE(part.edge_count, max_edges_of_part);
    EXPECT_LE(part.first_decal + part.decal_count, world.decals.size());
    EXPECT_EQ(part.edge_count > 0, part.shape == ShapeKind::lathe || part.shape == ShapeKind::extrusion);
    for (int axis = 0; axis < 3; ++axis) {
        EXPECT_TRUE(std::isfinite(part.center[axis]));
        EXPECT_GT(absolute(part.size[axis]), 1e-4F);
        for (int other = 0; other < 3; ++other) {
            const float product = dot(part.rotation.column(axis), part.rotation.column(other));
            EXPECT_NEAR(product, axis == other ? 1 : 0, 1e-4F);
        }
    }
    EXPECT_GT(part.bound_radius, 0);
    EXPECT_TRUE(std::isfinite(part.bound_radius));
}

TEST(World, HoldsWhatItsLimitsAllowAndNumbersThatMakeSense) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        for (const WorldFamily* const family : built_in_families()) {
            const World world = make_world(*family, seed);
            SCOPED_TRACE(seed);
            EXPECT_FALSE(world.parts.empty());
            EXPECT_LE(world.parts.size(), family->kind == WorldKind::object ? max_parts : max_scene_parts);
            for (const Part& part : world.parts) {
                expect_sound_part(world, part);
            }
            for (const OutlineEdge& edge : world.edges) {
                EXPECT_LE(larger(absolute(edge.x0), absolute(edge.y0)), 1.00001F);
            }
            EXPECT_EQ(world.background.kind == Surroundings::white, family->kind == WorldKind::object);
        }
    }
}

TEST(World, ObjectsFillAboutTheUnitCube) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        const World world = make_world(general_family(), seed);
        for (const Part& part : world.parts) {
            EXPECT_LE(largest(absolute(part.center)), 1.05F) << seed;
        }
    }
}

TEST(ExactMath, AgreesWithTheLibrary) {
    for (int i = -300; i < 300; ++i) {
        const float turns = 0.0137F * static_cast<float>(i);
        const auto [s, c] = sine_cosine(turns);
        EXPECT_NEAR(s, std::sin(2 * M_PI * static_cast<double>(turns)), 2e-6);
        EXPECT_NEAR(c, std::cos(2 * M_PI * static_cast<double>(turns)), 2e-6);
    }
    for (int i = -60; i < 60; ++i) {
        const float x = 0.173F * static_cast<float>(i);
        EXPECT_NEAR(static_cast<double>(exp2_exact(x)) / std::exp2(static_cast<double>(x)), 1, 1e-6);
    }
}

TEST(Random, IsUniformAndItsStreamsDiffer) {
    Random random(1, 0);
    Random other(1, 1);
    EXPECT_NE(random.next(), other.next());
    double sum = 0;
    std::array<int, 7> counts{};
    constexpr int draws = 70000;
    for (int i = 0; i < draws; ++i) {
        const float u = random.unit();
        EXPECT_TRUE(u >= 0 && u < 1);
        sum += static_cast<double>(u);
        ++counts.at(static_cast<std::size_t>(random.below(7)));
    }
    EXPECT_NEAR(sum / draws, 0.5, 0.005);
    for (const int count : counts) {
        EXPECT_NEAR(count, draws / 7.0, 400);
    }
}

}  // namespace
}  // namespace lact
