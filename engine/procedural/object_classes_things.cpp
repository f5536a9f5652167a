// Vehicles, printed boxes, devices, houses, shoes, and things with radial or lattice structure.
#include "engine/procedural/exact_math.h"
#include "engine/procedural/object_classes.h"

namespace lact {
namespace {

const Mat3f& across() {
    static const Mat3f rotation = rotation_of_z_to({0, 1, 0});
    return rotation;
}

void add_wheels(Builder& b, float x, float y, float z) {
    Random& random = b.random();
    const std::size_t from = b.count();
    const float radius = random.range(0.14F, 0.3F);
    const float thick = random.range(0.05F, 0.12F);
    const float dark = random.range(0.05F, 0.3F);
    const std::uint32_t tyre = random.chance(0.6F) ? b.plain({dark, dark, dark}) : b.plain();
    const std::uint32_t rim = b.plain();
    if (random.chance(0.5F)) {
        b.add_lathe(LatheKind::wheel, {x, y, z}, {radius, radius, thick}, tyre, across());
    } else if (random.chance(0.5F)) {
        b.add_frustum({x, y, z}, {radius, radius, thick}, 1, tyre, across());
    } else {
        b.add_torus({x, y, z}, radius, radius * 0.35F, tyre, across());
    }
    b.add_frustum({x, y, z}, {radius * 0.5F, radius * 0.5F, thick * 1.15F}, 1, rim, across());
    const bool three_axles = random.chance(0.2F);
    b.mirror(from, 1);
    const std::size_t end = b.count();
    b.mirror(from, 0);
    if (three_axles) {
        for (std::size_t i = from; i < end; ++i) {
            Part copy = b.part(i);
            copy.center.x = 0;
            b.world().parts.push_back(copy);
        }
    }
}

void build_lattice(Builder& b) {
    Random& random = b.random();
    const std::uint32_t m = b.some_material();
    const std::uint32_t second = b.some_material();
    const float x = random.range(0.4F, 0.8F);
    const float y = random.range(0.4F, 0.8F);
    const float z = random.range(0.3F, 0.9F);
    const float thick = random.range(0.03F, 0.07F);
    std::size_t from = b.count();  // twelve edges
    b.add_rod({-x, y, z}, {x, y, z}, thick, m, true);
    b.mirror(from, 1);
    b.mirror(from, 2);
    from = b.count();
    b.add_rod({x, -y, z}, {x, y, z}, thick, m, true);
    b.mirror(from, 0);
    b.mirror(from, 2);
    from = b.count();
    b.add_rod({x, y, -z}, {x, y, z}, thick, m, true);
    b.mirror(from, 0);
    b.mirror(from, 1);
    if (random.chance(0.6F)) {
        const float size = smaller(x, smaller(y, z)) * random.range(0.5F, 0.9F);
        b.add_any({0, 0, -z + size * 0.8F}, size, second);
    }
    if (random.chance(0.5F)) {
        const std::size_t i = b.add(ShapeKind::box, {0, 0, -z}, {x, y, 0.03F}, second);
        if (random.chance(0.6F)) {
            b.give_holes(i);
        }
    }
}

void build_bird_cage(Builder& b) {
    Random& random = b.random();
    const std::uint32_t m = b.some_material();
    const float radius = random.range(0.4F, 0.7F);
    const float tall = random.range(0.3F, 0.9F);
    const float top_radius = radius * random.range(0.5F, 1.1F);
    const float thick = random.range(0.02F, 0.05F);
    b.add_frustum({0, 0, -tall}, {radius * 1.05F, radius * 1.05F, 0.05F}, 1, m);
    b.add_torus({0, 0, tall}, top_radius + thick, thick * 1.3F, m);
    if (random.chance(0.5F)) {
        b.add_torus({0, 0, 0}, 0.5F * (top_radius + radius) + thick, thick, m);
    }
    const std::size_t from = b.count();
    b.add_rod({radius, 0, -tall}, {top_radius, 0, tall}, thick, m);
    b.repeat_around(from, random.between(6, 20));
    if (random.chance(0.6F)) {
        const std::uint32_t inside = b.some_material();
        b.add_any({0, 0, -tall * 0.4F}, radius * 0.45F, inside);
    }
    if (random.chance(0.4F)) {
        const std::uint32_t roof = b.some_material();
        b.add_frustum({0, 0, tall + 0.2F}, {top_radius * 1.15F, top_radius * 1.15F, 0.2F}, 0.1F, roof);
    }
}

void build_plate_with_holes(Builder& b) {
    Random& random = b.random();
    const std::uint32_t m = b.some_material();
    const Vec3f size{random.range(0.5F, 0.9F), random.range(0.4F, 0.9F), random.range(0.04F, 0.25F)};
    const std::size_t i = random.chance(0.7F)
                              ? b.add(ShapeKind::box, {0, 0, 0}, size, m)
                              : b.add_frustum({0, 0, 0}, {size.x, size.x, size.z}, random.range(0.8F, 1), m);
    b.give_holes(i);
    const Holes holes = b.part(i).holes;
    if (random.chance(0.6F)) {  // pegs in some of the holes, or standing between
        const int pegs = random.between(2, 7);
        for (int k = 0; k < pegs; ++k) {
            const int column = random.below(holes.columns);
            const int row = random.below(holes.rows);
            const float px = holes.half_width *
                             ((2 * static_cast<float>(column) + 1) / static_cast<float>(holes.columns) - 1);
            const float py =
                holes.half_height * ((2 * static_cast<float>(row) + 1) / static_cast<float>(holes.rows) - 1);
            const float radius = smaller(holes.half_width * size.x / static_cast<float>(holes.columns),
                                         holes.half_height * size.y / static_cast<float>(holes.rows)) *
                                 0.5F;
            const std::uint32_t peg = b.plain();
            const float tall = random.range(0.15F, 0.6F);
            b.add_rod({px * size.x, py * size.y, -size.z}, {px * size.x, py * size.y, size.z + tall},
                      larger(radius, 0.03F), peg);
        }
    }
    if (random.chance(0.5F)) {
        b.turn(0, rotation_about(random.below(2), 0.25F));
        const std::uint32_t foot = b.some_material();
        const float low = b.random().range(0.5F, 0.9F);
        b.add(ShapeKind::box, {0, 0, -low}, {0.45F, 0.45F, 0.05F}, foot);
    }
}

void add_package(Builder& b, const Vec3f& center, const Vec3f& size, const Mat3f& rotation) {
    Random& random = b.random();
    const std::uint32_t m = random.chance(0.6F) ? b.plain() : b.some_material();
    b.add(ShapeKind::box, center, size, m, rotation);
    for (int axis = 0; axis < 3; ++axis) {
        for (const float side : {1.0F, -1.0F}) {
            if (random.chance(axis == 2 ? 0.5F : 0.8F)) {
                b.print_side(axis, side);
            }
        }
    }
}

}  // namespace

void build_vehicle(Builder& b) {
    Random& random = b.random();
    const std::uint32_t paint = b.some_material();
    const std::uint32_t second = b.some_material();
    const Vec3f body{random.range(0.6F, 0.95F), random.range(0.25F, 0.45F), random.range(0.12F, 0.3F)};
    const float u = random.unit();
    const Vec3f dark{0.1F, 0.12F, 0.16F};
    if (u < 0.35F) {
        b.add_flat(FlatKind::car, {0, 0, body.z * 0.6F}, {body.x, body.z * 2.2F, body.y}, paint,
                   rotation_about(0, 0.25F));
        for (const float side : {1.0F, -1.0F}) {
            b.decal(DecalKind::window, {0, 0, side}, {0, 1, 0}, -0.1F, 0.35F, body.x * 0.35F, body.z * 0.5F);
            b.decal_colors({0.65F, 0.8F, 0.9F}, dark, dark);
        }
    } else {
        if (random.chance(0.5F)) {
            b.add(ShapeKind::box, {0, 0, 0}, body, paint);
        } else {
            b.add_rounded({0, 0, 0}, body, paint);
        }
        if (random.chance(0.4F)) {
            b.random_decals();
        }
        const float back = random.range(-0.5F, 0.4F);
        const Vec3f cabin{body.x * random.range(0.25F, 0.6F), body.y * 0.92F, random.range(0.15F, 0.35F)};
        const Vec3f at{back * body.x, 0, body.z + cabin.z * 0.9F};
        if (random.chance(0.5F)) {
            b.add(ShapeKind::box, at, cabin, second);
        } else {
            b.add_rounded(at, cabin, second);
        }
        for (const float side : {1.0F, -1.0F}) {
            b.decal(DecalKind::window, {0, side, 0}, {0, 0, 1}, 0, 0.1F, cabin.x * 0.75F, cabin.z * 0.6F);
            b.decal_colors({0.65F, 0.8F, 0.9F}, dark, dark);
            b.decal(DecalKind::rectangle, {side, 0, 0}, {0, 0, 1}, 0, 0.1F, cabin.y * 0.8F, cabin.z * 0.6F);
            b.decal_colors(dark, dark, dark);
        }
        if (random.chance(0.4F)) {  // load
            const std::uint32_t load = b.some_material();
            const float x = back > 0 ? -body.x * 0.5F : body.x * 0.55F;
            b.add_any({x, 0, body.z + 0.15F}, random.range(0.15F, 0.28F), load);
        }
        if (random.chance(0.3F)) {  // chimney, antenna
            b.add_rod({body.x * 0.7F, 0, body.z}, {body.x * 0.7F, 0, body.z + 0.4F},
                      random.range(0.03F, 0.09F), second);
        }
    }
    if (random.chance(0.8F)) {
        add_wheels(b, body.x * 0.62F, body.y * random.range(0.85F, 1.15F), -body.z);
    } else {
        const std::size_t from = b.count();  // wings
        const float span = random.range(0.4F, 0.9F);
        b.add(ShapeKind::box, {0, body.y + span * 0.8F, 0}, {random.range(0.15F, 0.3F), span, 0.04F}, second);
        b.mirror(from, 1);
        b.add(ShapeKind::box, {-body.x * 0.9F, 0, body.z + 0.2F}, {0.12F, 0.03F, 0.3F}, second);
    }
    if (random.chance(0.6F)) {
        const std::size_t from = b.count();
        const std::uint32_t lamp = b.plain({0.98F, 0.92F, 0.6F});
        const Vec3f at{body.x * 0.98F, body.y * 0.6F, 0};
        b.add(ShapeKind::ellipsoid, at, {0.05F, 0.07F, 0.07F}, lamp);
        b.mirror(from, 1);
    }
}

void build_boxes(Builder& b) {
    Random& random = b.random();
    const float u = random.unit();
    if (u < 0.45F) {  // one package
        Vec3f size{random.range(0.12F, 0.9F), random.range(0.3F, 0.9F), random.range(0.3F, 1)};
        if (random.chance(0.3F)) {
            size.z = size.z * 0.3F;
        }
        add_package(b, {0, 0, 0}, size, {});
        if (random.chance(0.2F)) {  // ribbon
            const std::uint32_t ribbon = b.plain();
            const float w = random.range(0.04F, 0.12F);
            b.add(ShapeKind::box, {0, 0, 0}, {size.x * 1.01F, w, size.z * 1.01F}, ribbon);
            b.add(ShapeKind::box, {0, 0, 0}, {w, size.y * 1.01F, size.z * 1.01F}, ribbon);
            const std::size_t from = b.count();
            b.add_torus({0.18F, 0, size.z + 0.1F}, 0.2F, 0.05F, ribbon, rotation_about(0, 0.25F));
            b.mirror(from, 0);
        }
    } else if (u < 0.75F) {  // a pile of packages or books
        const int count = random.between(2, 6);
        float z = 0;
        const float base = random.range(0.4F, 0.7F);
        for (int i = 0; i < count; ++i) {
            const Vec3f size{base * random.range(0.6F, 1.1F), base * random.range(0.6F, 1.1F),
                             random.range(0.06F, 0.3F)};
            const Vec3f at{random.range(-0.1F, 0.1F), random.range(-0.1F, 0.1F), z + size.z};
            add_package(b, at, size, rotation_about(2, random.chance(0.5F) ? 0 : random.range(-0.1F, 0.1F)));
            z += 2 * size.z;
        }
    } else {  // an open box with things in it
        const std::uint32_t m = b.some_material();
        const Vec3f size{random.range(0.4F, 0.8F), random.range(0.4F, 0.8F), random.range(0.2F, 0.6F)};
        const std::size_t i = b.add(ShapeKind::box, {0, 0, 0}, size, m);
        b.part(i).holes = {HoleKind::rectangular,
                           random.between(1, 3),
                           random.between(1, 3),
                           0.93F,
                           0.93F,
                           0.93F,
                           0.93F,
                           -0.85F};
        if (random.chance(0.5F)) {
            b.random_decals();
        }
        const int things = random.between(1, 5);
        for (int k = 0; k < things; ++k) {
            const std::uint32_t thing = b.some_material();
            const Vec3f at{random.range(-0.5F, 0.5F) * size.x, random.range(-0.5F, 0.5F) * size.y,
                           size.z * random.range(-0.2F, 0.8F)};
            const float half = random.range(0.15F, 0.3F);
            b.add_any(at, half, thing, random.rotation());
        }
    }
}

void build_device(Builder& b) {
    Random& random = b.random();
    const std::uint32_t shell = b.some_material();
    const Vec3f size{random.range(0.06F, 0.35F), random.range(0.4F, 0.9F), random.range(0.35F, 0.9F)};
    if (random.chance(0.5F)) {
        b.add(ShapeKind::box, {0, 0, 0}, size, shell);
    } else {
        const std::size_t i = b.add_rounded({0, 0, 0}, size, shell);
        b.part(i).numbers = {8, 8, 8};
    }
    const float screen = random.range(0.35F, 0.85F);
    const float at = random.range(0, 1 - screen);
    b.decal(random.chance(0.7F) ? DecalKind::image : DecalKind::rectangle, {1, 0, 0}, {0, 0, 1}, 0, at,
            size.y * 0.85F, size.z * screen);
    if (random.chance(0.5F)) {
        b.decal(DecalKind::text, {1, 0, 0}, {0, 0, 1}, 0, -0.88F, size.y * 0.6F, size.z * 0.08F);
    }
    if (random.chance(0.6F)) {
        b.decal(random.chance(0.5F) ? DecalKind::lines : DecalKind::letter, {-1, 0, 0}, {0, 0, 1}, 0, 0,
                size.y * 0.5F, size.z * 0.5F);
    }
    const int knobs = random.below(6);
    const std::uint32_t knob = b.plain();
    const float radius = random.range(0.035F, 0.1F);
    for (int i = 0; i < knobs; ++i) {
        const float y = size.y * (1.5F * (static_cast<float>(i) + 0.5F) / static_cast<float>(knobs) - 0.75F);
        b.add_frustum({size.x + 0.03F, y, -size.z * 0.75F}, {radius, radius, 0.06F}, 0.9F, knob,
                      rotation_of_z_to({1, 0, 0}));
    }
    if (random.chance(0.3F)) {
        b.add_rod({0, size.y * 0.7F, size.z}, {0, size.y * random.range(0.7F, 1.3F), size.z + 0.5F}, 0.025F,
                  knob);
    }
    if (random.chance(0.35F)) {
        b.add_torus({0, 0, size.z}, size.y * random.range(0.3F, 0.6F), 0.045F, knob,
                    rotation_about(1, -0.25F), 0);
    }
    if (random.chance(0.4F)) {
        const std::size_t from = b.count();
        b.add(ShapeKind::box, {0, size.y * 0.6F, -size.z}, {size.x * 1.2F, 0.06F, 0.06F}, knob);
        b.mirror(from, 1);
    }
    if (random.chance(0.4F)) {
        b.turn(0, rotation_about(1, -0.25F));
    }
}

void build_house(Builder& b) {
    Random& random = b.random();
    const std::uint32_t wall = b.some_material();
    const std::uint32_t roof = b.some_material();
    const Vec3f size{random.range(0.4F, 0.8F), random.range(0.35F, 0.7F), random.range(0.25F, 0.7F)};
    const int towers = random.chance(0.25F) ? random.between(2, 4) : 0;
    b.add(ShapeKind::box, {0, 0, 0}, size, wall);
    const Vec3f frame = random_color(random);
    const Vec3f pane = random.chance(0.6F) ? Vec3f{0.6F, 0.75F, 0.88F} : random_color(random);
    for (const float side : {1.0F, -1.0F}) {
        const int windows = random.between(1, 3);
        for (int i = 0; i < windows; ++i) {
            const float at = (2 * static_cast<float>(i) + 1) / static_cast<float>(windows) - 1;
            b.decal(DecalKind::window, {0, side, 0}, {0, 0, 1}, at, 0.2F, 0.11F, 0.13F);
            b.decal_colors(pane, frame, frame);
        }
        b.decal(DecalKind::window, {side, 0, 0}, {0, 0, 1}, 0.5F, 0.2F, 0.11F, 0.13F);
        b.decal_colors(pane, frame, frame);
    }
    b.decal(DecalKind::rectangle, {1, 0, 0}, {0, 0, 1}, -0.3F, -0.4F, 0.11F, size.z * 0.6F);
    const float rise = random.range(0.15F, 0.4F);
    if (random.chance(0.65F)) {
        const std::size_t i =
            b.add(ShapeKind::extrusion, {0, 0, size.z + rise}, {size.y * 1.15F, rise, size.x * 1.1F}, roof,
                  Mat3f{{Vec3f{0, 0, 1}, Vec3f{1, 0, 0}, Vec3f{0, 1, 0}}});
        b.set_outline(i, {{-1, -1, false}, {1, -1, false}, {0, 1, false}});
    } else if (random.chance(0.5F)) {
        b.add_frustum({0, 0, size.z + rise}, {size.x * 1.2F, size.y * 1.2F, rise}, 0.05F, roof);
    } else {
        b.add(ShapeKind::box, {0, 0, size.z + 0.04F}, {size.x * 1.1F, size.y * 1.1F, 0.05F}, roof);
    }
    if (random.chance(0.6F)) {
        const std::uint32_t brick = b.plain();
        const float y = size.y * random.range(-0.6F, 0.6F);
        b.add(ShapeKind::box, {size.x * 0.4F, y, size.z + rise * 1.5F}, {0.07F, 0.07F, rise * 0.9F}, brick);
    }
    for (int i = 0; i < towers; ++i) {
        const Vec3f at{(i % 2 == 0 ? 1.0F : -1.0F) * size.x, (i < 2 ? 1.0F : -1.0F) * size.y, size.z * 0.3F};
        b.add_frustum(at, {0.17F, 0.17F, size.z * 1.3F}, 1, wall);
        b.add_frustum(at + Vec3f{0, 0, size.z * 1.3F + 0.15F}, {0.22F, 0.22F, 0.17F}, 0.03F, roof);
    }
    if (random.chance(0.5F)) {
        const std::uint32_t lawn = b.some_material();
        b.add(ShapeKind::box, {0, 0, -size.z - 0.04F}, {size.x * 1.35F, size.y * 1.35F, 0.04F}, lawn);
    }
}

void build_shoe(Builder& b) {
    Random& random = b.random();
    const std::uint32_t leather = b.some_material();
    const std::uint32_t rubber = b.plain();
    const std::uint32_t trim = b.plain();
    const float wide = random.range(0.28F, 0.4F);
    const float tall = random.range(0.3F, 0.5F);
    const std::size_t sole =
        b.add(ShapeKind::extrusion, {0, 0, -tall}, {1, wide, random.range(0.05F, 0.12F)}, rubber);
    b.set_outline(sole, flat_outline(FlatKind::rounded, random));
    if (random.chance(0.3F)) {
        b.add(ShapeKind::box, {-0.7F, 0, -tall - 0.15F}, {0.22F, wide * 0.8F, 0.12F}, rubber);
    }
    const std::size_t toe = b.add_rounded({0.35F, 0, -tall * 0.75F},
                                          {0.62F, wide * 0.95F, tall * random.range(0.6F, 0.9F)}, leather);
    b.part(toe).numbers = {2, 2, 2};
    b.add_rounded({-0.45F, 0, -tall * 0.45F}, {0.52F, wide * 0.93F, tall * 0.75F}, leather);
    for (const float side : {1.0F, -1.0F}) {
        b.decal(random.chance(0.5F) ? DecalKind::stripes : DecalKind::star, {0, side, 0}, {0, 0, 1}, 0, 0,
                0.25F, tall * 0.4F);
    }
    const float collar = random.range(0.1F, 0.55F);
    b.add_lathe(LatheKind::tube, {-0.55F, 0, tall * 0.1F + collar * 0.5F}, {0.38F, wide * 0.85F, collar},
                leather);
    const int laces = random.below(5);
    for (int i = 0; i < laces; ++i) {
        const float x = 0.02F + 0.12F * static_cast<float>(i);
        b.add_rod({x, -wide * 0.6F, -tall * (0.1F + 0.1F * static_cast<float>(i)) + 0.1F},
                  {x + 0.05F, wide * 0.6F, -tall * (0.1F + 0.1F * static_cast<float>(i)) + 0.1F}, 0.03F,
                  trim);
    }
    if (random.chance(0.4F)) {
        b.move(0, {0, wide * random.range(1.1F, 1.5F), 0});
        b.mirror(0, 1);
    }
}

void build_radial(Builder& b) {
    Random& random = b.random();
    const std::uint32_t hub = b.some_material();
    const std::uint32_t blade = b.some_material();
    const int times = random.between(3, 12);
    const float inner = random.range(0.12F, 0.35F);
    const float outer = random.range(0.6F, 1);
    const float thick = random.range(0.04F, 0.15F);
    const float u = random.unit();
    if (u < 0.4F) {
        b.add_frustum({0, 0, 0}, {inner, inner, thick * 1.5F}, random.range(0.6F, 1), hub);
    } else if (u < 0.7F) {
        b.add(ShapeKind::ellipsoid, {0, 0, 0}, {inner, inner, inner * random.range(0.4F, 1)}, hub);
    } else {
        b.add_lathe(LatheKind::wheel, {0, 0, 0}, {inner, inner, thick * 1.6F}, hub);
    }
    const std::size_t from = b.count();
    const float middle = 0.5F * (inner + outer);
    const float half = 0.5F * (outer - inner) + 0.03F;
    const Mat3f pitch = rotation_about(0, random.chance(0.5F) ? 0 : random.range(-0.15F, 0.15F));
    switch (random.below(6)) {
        case 0:
            b.add(ShapeKind::ellipsoid, {middle, 0, 0}, {half, half * random.range(0.3F, 0.9F), thick}, blade,
                  pitch);
            break;
        case 1:
            b.add(ShapeKind::box, {middle, 0, 0}, {half, random.range(0.04F, 0.2F), thick * 0.6F}, blade,
                  pitch);
            break;
        case 2: {
            const float rise = random.range(-0.3F, 0.5F);
            b.add_rod({inner * 0.9F, 0, 0}, {outer, 0, rise}, random.range(0.03F, 0.08F), blade);
            break;
        }
        case 3:
            b.add_flat(FlatKind::leaf, {middle, 0, 0}, {half, half, thick * 0.6F}, blade, pitch);
            break;
        case 4:
            b.add_any({middle, 0, 0}, half * 0.6F, blade);
            break;
        default: {
            const float tall = random.range(0.15F, 0.5F);
            b.add_frustum({outer, 0, 0}, {0.1F, 0.1F, tall}, random.range(0.2F, 1), blade);
            break;
        }
    }
    b.repeat_around(from, times);
    if (random.chance(0.5F)) {
        const std::uint32_t rim = b.some_material();
        b.add_torus({0, 0, 0}, outer + 0.05F, random.range(0.03F, 0.1F), rim);
    }
    if (random.chance(0.3F)) {
        const std::uint32_t disc = b.some_material();
        b.add_frustum({0, 0, -thick * 1.5F}, {outer, outer, 0.04F}, 1, disc);
    }
    if (random.chance(0.5F)) {
        const bool upright = random.chance(0.7F);
        if (upright) {
            b.turn(0, rotation_about(1, 0.25F));
            const std::uint32_t pole = b.some_material();
            const float low = random.range(0.8F, 1.3F);
            b.add_rod({-0.1F, 0, -low}, {-0.1F, 0, 0}, 0.06F, pole);
            b.add_frustum({-0.1F, 0, -low}, {0.35F, 0.35F, 0.06F}, 0.8F, pole);
        } else {
            b.turn(0, random.rotation());
        }
    }
}

void build_cage(Builder& b) {
    switch (b.random().below(3)) {
        case 0:
            return build_lattice(b);
        case 1:
            return build_bird_cage(b);
        default:
            return build_plate_with_holes(b);
    }
}

}  // namespace lact
