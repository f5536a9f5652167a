// Rays against single shapes, with distances that geometry gives.
#include "engine/procedural/intersect.h"

#include "engine/procedural/builder.h"
#include "engine/procedural/make_world.h"

#include <gtest/gtest.h>

namespace lact {
namespace {

constexpr float none = -1;

/// A world of one part; `hit` gives the distance at which a ray meets it, or `none`.
struct Single {
    World world;

    explicit Single(ShapeKind shape, std::array<float, 9> numbers = {}) {
        Part part;
        part.shape = shape;
        part.numbers = numbers;
        world.parts.push_back(part);
    }
    Part& part() { return world.parts.front(); }
    void outline(const Outline& outline) {
        world.edges = edges_of(outline);
        part().edge_count = static_cast<std::uint32_t>(world.edges.size());
    }
    [[nodiscard]] LocalHit meet(const Vec3f& from, const Vec3f& direction) const {
        LocalHit hit;
        hit.t = 100;
        return intersect(world, world.parts.front(), from, direction, hit) ? hit : LocalHit{none, {}};
    }
    [[nodiscard]] float hit(const Vec3f& from, const Vec3f& direction) const {
        return meet(from, direction).t;
    }
};

constexpr Vec3f down{0, 0, -1};
constexpr Vec3f left{-1, 0, 0};

TEST(Intersect, ClosedShapesAlongTheirAxes) {
    for (const ShapeKind kind :
         {ShapeKind::box, ShapeKind::ellipsoid, ShapeKind::frustum, ShapeKind::superquadric}) {
        const Single shape(
            kind, kind == ShapeKind::frustum ? std::array<float, 9>{1} : std::array<float, 9>{4, 4, 4});
        EXPECT_NEAR(shape.hit({0, 0, 5}, down), 4, 2e-3F) << static_cast<int>(kind);
        EXPECT_NEAR(shape.hit({5, 0, 0}, left), 4, 2e-3F) << static_cast<int>(kind);
        EXPECT_EQ(shape.hit({1.1F, 0, 5}, down), none) << static_cast<int>(kind);
        EXPECT_EQ(shape.hit({0, 0, 5}, {0, 0, 1}), none) << static_cast<int>(kind);
        EXPECT_GT(dot(shape.meet({5, 0.1F, 0.1F}, left).normal, {1, 0, 0}), 0) << static_cast<int>(kind);
    }
}

TEST(Intersect, AConeNarrowsToItsTip) {
    const Single cone(ShapeKind::frustum, {0});
    EXPECT_NEAR(cone.hit({5, 0, 0}, left), 4.5F, 1e-4F);
    EXPECT_NEAR(cone.hit({5, 0, 0.5F}, left), 4.75F, 1e-4F);
    EXPECT_EQ(cone.hit({5, 0, 1.01F}, left), none);
    EXPECT_NEAR(cone.hit({0.5F, 0, -5}, {0, 0, 1}), 4, 1e-4F);
}

TEST(Intersect, ATorusHasAHoleAndCanBeCut) {
    Single torus(ShapeKind::torus, {0.25F, -2});
    EXPECT_EQ(torus.hit({0, 0, 5}, down), none);
    EXPECT_NEAR(torus.hit({0.75F, 0, 5}, down), 4.75F, 1e-3F);
    EXPECT_NEAR(torus.hit({-0.75F, 0, 5}, down), 4.75F, 1e-3F);
    torus.part().numbers[1] = 0;
    EXPECT_NEAR(torus.hit({0.75F, 0, 5}, down), 4.75F, 1e-3F);
    EXPECT_EQ(torus.hit({-0.75F, 0, 5}, down), none);
}

TEST(Intersect, ALatheWithAHollowIsOpenAbove) {
    Single cup(ShapeKind::lathe);
    cup.outline({{0, -1}, {1, -1}, {1, 1}, {0.8F, 1}, {0.8F, -0.5F}, {0, -0.5F}});
    EXPECT_NEAR(cup.hit({0, 0, 5}, down), 5.5F, 1e-4F);     // the floor within
    EXPECT_NEAR(cup.hit({0.9F, 0, 5}, down), 4, 1e-4F);     // the rim
    EXPECT_NEAR(cup.hit({5, 0, 0}, left), 4, 1e-4F);        // the outer wall
    EXPECT_NEAR(cup.hit({0, 0, 0.5F}, left), 0.8F, 1e-4F);  // the inner wall
    EXPECT_GT(cup.meet({0, 0, 0.5F}, left).normal.x, 0);    // which faces the axis
    EXPECT_NEAR(cup.hit({0, 0, -5}, {0, 0, 1}), 4, 1e-4F);
}

TEST(Intersect, AnExtrusionFollowsItsOutline) {
    Single corner(ShapeKind::extrusion);
    corner.outline({{-1, -1}, {1, -1}, {1, 0}, {0, 0}, {0, 1}, {-1, 1}});
    EXPECT_NEAR(corner.hit({-0.5F, 0.5F, 5}, down), 4, 1e-4F);
    EXPECT_EQ(corner.hit({0.5F, 0.5F, 5}, down), none);
    EXPECT_NEAR(corner.hit({5, 0.5F, 0}, left), 5, 1e-4F);  // the inner side
    EXPECT_NEAR(corner.hit({5, -0.5F, 0}, left), 4, 1e-4F);
    EXPECT_GT(corner.meet({5, 0.5F, 0}, left).normal.x, 0.99F);
}

TEST(Intersect, ADisplacedSphereStaysWithinItsAmplitudes) {
    const Single stone(ShapeKind::displaced, {0.1F, 0.05F, 0.05F, 1.3F, 0.7F, 1.1F, 0.2F, 0.4F, 0.6F});
    Random random(3, 0);
    for (int i = 0; i < 500; ++i) {
        const Vec3f from = random.direction() * 4.0F;
        const LocalHit hit = stone.meet(from, from * -0.25F);
        ASSERT_NE(hit.t, none);
        const float radius = 4 - hit.t;
        EXPECT_GT(radius, 0.8F / 1.2F - 0.01F);
        EXPECT_LT(radius, 1.01F);
        EXPECT_GT(dot(hit.normal, from), 0);
    }
}

TEST(Intersect, HolesGoThroughOrEndAtTheirFloor) {
    for (const HoleKind kind : {HoleKind::round, HoleKind::rectangular}) {
        Single plate(ShapeKind::box);
        plate.part().holes = {kind, 2, 1, 1, 1, 0.5F, 0.5F, -2};  // centres at x = -0.5 and 0.5
        EXPECT_EQ(plate.hit({0.5F, 0, 5}, down), none);
        EXPECT_EQ(plate.hit({-0.5F, 0, 5}, down), none);
        EXPECT_NEAR(plate.hit({0, 0, 5}, down), 4, 1e-4F);  // the bar between
        const LocalHit wall = plate.meet({0.5F, 0, 5}, {0.05F, 0, -1});
        EXPECT_NEAR(wall.t, 5, 1e-3F);  // at x = 0.75
        EXPECT_LT(wall.normal.x, 0);
        plate.part().holes.floor = 0.25F;
        EXPECT_NEAR(plate.hit({0.5F, 0, 5}, down), 4.75F, 1e-4F);
        EXPECT_NEAR(plate.hit({0.5F, 0, -5}, {0, 0, 1}), 4, 1e-4F);  // closed from below
    }
}

TEST(Intersect, HolesInRoundShapes) {
    for (const ShapeKind kind : {ShapeKind::ellipsoid, ShapeKind::frustum, ShapeKind::superquadric}) {
        Single shape(kind,
                     kind == ShapeKind::frustum ? std::array<float, 9>{1} : std::array<float, 9>{2, 2, 2});
        shape.part().holes = {HoleKind::round, 1, 1, 0.5F, 0.5F, 1, 1, -2};
        EXPECT_EQ(shape.hit({0, 0, 5}, down), none) << static_cast<int>(kind);
        EXPECT_NE(shape.hit({0.6F, 0, 5}, down), none) << static_cast<int>(kind);
        EXPECT_NEAR(shape.hit({5, 0, 0}, left), 4, 2e-3F) << static_cast<int>(kind);
    }
}

TEST(Intersect, BoundsHoldEveryPart) {
    // A ray that meets a part passes through its bounding sphere, or the image would lose it.
    Random random(5, 0);
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const World world = make_world(general_family(), seed);
        for (const Part& part : world.parts) {
            const Mat3f inverse = transposed(part.rotation);
            for (int i = 0; i < 40; ++i) {
                const Vec3f from = random.direction() * 4.0F;
                const Vec3f offset = random.direction() * (1.5F * part.bound_radius);
                const Vec3f direction = normalized(offset + part.center - from);
                LocalHit hit;
                hit.t = 100;
                if (intersect(world, part, inverse * (from - part.center) / part.size,
                              inverse * direction / part.size, hit)) {
                    const Vec3f at = from + direction * hit.t;
                    EXPECT_LT(length(at - part.center), part.bound_radius + 1e-3F)
                        << seed << " shape " << static_cast<int>(part.shape);
                }
            }
        }
    }
}

}  // namespace
}  // namespace lact
