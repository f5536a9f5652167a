// Abstract objects: single shapes, trees of attached parts, stacks, clusters, blocks.
#include "engine/procedural/exact_math.h"
#include "engine/procedural/object_classes.h"

namespace lact {
namespace {

Mat3f some_rotation(Random& random) {
    const float u = random.unit();
    if (u < 0.4F) {
        return random.rotation();
    }
    if (u < 0.7F) {
        const int axis = random.below(3);
        return rotation_about(axis, 0.25F * static_cast<float>(random.below(4)));
    }
    return rotation_about(2, random.unit());
}

/// Adds holes or decals to the last part at random.
void vary(Builder& b, std::size_t part) {
    if (b.random().chance(0.15F)) {
        b.give_holes(part);
    }
    if (b.random().chance(0.3F)) {
        b.random_decals();
    }
}

}  // namespace

void build_single(Builder& b) {
    const std::uint32_t m = b.some_material();
    const Mat3f rotation = some_rotation(b.random());
    vary(b, b.add_any({0, 0, 0}, 0.8F, m, rotation));
}

void build_tree(Builder& b) {
    Random& random = b.random();
    const int parts = random.between(2, 7);
    std::uint32_t m = b.some_material();
    const float trunk = random.range(0.4F, 0.7F);
    const Mat3f trunk_rotation = random.chance(0.7F) ? Mat3f{} : some_rotation(random);
    vary(b, b.add_any({0, 0, 0}, trunk, m, trunk_rotation));
    const float pairs = random.chance(0.65F) ? 0.7F : 0.0F;
    const int axis = random.below(2);
    for (int i = 1; i < parts && !b.full(); ++i) {
        const Part parent = b.part(static_cast<std::size_t>(random.below(static_cast<int>(b.count()))));
        Vec3f outwards = random.direction();
        if (random.chance(0.45F)) {
            outwards = {0, 0, 0};
            const int axis_out = random.below(3);
            outwards.set(axis_out, random.sign());
        }
        const Vec3f at =
            parent.center + parent.rotation * (absolute(parent.size) * outwards * random.range(0.75F, 1.15F));
        const float size = random.range(0.12F, 0.42F);
        m = b.some_material();
        const Mat3f rotation = some_rotation(random);
        const std::size_t from = b.count();
        vary(b, b.add_any(at, size, m, rotation));
        if (random.chance(pairs)) {
            b.mirror(from, axis);
        } else if (random.chance(0.08F)) {
            b.repeat_around(from, random.between(3, 6));
        }
    }
}

void build_stack(Builder& b) {
    Random& random = b.random();
    const int parts = random.between(2, 7);
    const float width = random.range(0.25F, 0.6F);
    const float stagger = random.chance(0.5F) ? 0.0F : random.range(0.05F, 0.2F);
    const bool alike = random.chance(0.25F);
    float z = 0;
    for (int i = 0; i < parts; ++i) {
        const std::uint32_t m = b.some_material();
        const float size = width * random.range(0.6F, 1.25F);
        const Mat3f rotation = rotation_about(2, random.chance(0.6F) ? 0 : random.unit());
        std::size_t added = 0;
        if (alike && i > 0) {
            Part copy = b.part(0);
            copy.material = m;
            b.world().parts.push_back(copy);
            added = b.count() - 1;
        } else {
            added = b.add_any({0, 0, 0}, size, m, rotation);
            vary(b, added);
        }
        Part& part = b.part(added);
        const float half = absolute(part.size.z) * (part.shape == ShapeKind::torus ? part.numbers[0] : 1.0F);
        z += half * random.range(0.85F, 1);
        part.center = {random.range(-stagger, stagger), random.range(-stagger, stagger), z};
        z += half * 0.95F;
    }
    if (random.chance(0.2F)) {
        b.turn(0, rotation_about(1, 0.25F));
    }
}

void build_cluster(Builder& b) {
    Random& random = b.random();
    const int parts = random.between(2, 8);
    for (int i = 0; i < parts; ++i) {
        const std::uint32_t m = b.some_material();
        const Vec3f at{random.range(-0.6F, 0.6F), random.range(-0.6F, 0.6F), random.range(-0.6F, 0.6F)};
        const float size = random.range(0.15F, 0.6F);
        const Mat3f rotation = some_rotation(random);
        vary(b, b.add_any(at, size, m, rotation));
    }
}

void build_blocks(Builder& b) {
    Random& random = b.random();
    const int nx = random.between(1, 4);
    const int ny = random.between(1, 3);
    const int nz = random.between(1, 4);
    const float gap = random.range(0.85F, 1);
    const float missing = random.chance(0.5F) ? 0.0F : random.range(0.1F, 0.4F);
    const bool mixed = random.chance(0.3F);
    for (int x = 0; x < nx; ++x) {
        for (int y = 0; y < ny; ++y) {
            for (int z = 0; z < nz; ++z) {
                if (random.chance(missing) || b.full()) {
                    continue;
                }
                const Vec3f at{0.6F * static_cast<float>(x), 0.6F * static_cast<float>(y),
                               0.6F * static_cast<float>(z)};
                const float half = 0.3F * gap;
                const std::uint32_t m = b.some_material();
                if (mixed && random.chance(0.4F)) {
                    b.add_any(at, half * 0.8F, m);
                } else if (random.chance(0.15F)) {
                    b.add_rounded(at, {half, half, half}, m);
                } else {
                    b.add(ShapeKind::box, at, {half, half, half}, m);
                    if (random.chance(0.5F)) {
                        const int side = random.below(3);
                        b.print_side(side, random.sign());
                    } else if (random.chance(0.3F)) {
                        for (int axis = 0; axis < 3; ++axis) {
                            Vec3f normal{0, 0, 0};
                            normal.set(axis, random.sign());
                            b.decal(DecalKind::letter, normal, axis == 2 ? Vec3f{1, 0, 0} : Vec3f{0, 0, 1}, 0,
                                    0, half * 0.7F, half * 0.7F);
                        }
                    }
                }
            }
        }
    }
    if (b.count() == 0) {
        build_single(b);
    }
}

}  // namespace lact
