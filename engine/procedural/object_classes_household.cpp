// Furniture, vessels, tools, plants and food.
#include "engine/procedural/exact_math.h"
#include "engine/procedural/object_classes.h"

namespace lact {
namespace {

void add_legs(Builder& b, float x, float y, float top, float length_of_leg, std::uint32_t material) {
    Random& random = b.random();
    const std::size_t from = b.count();
    const float thick = random.range(0.03F, 0.08F);
    const float splay = random.chance(0.4F) ? random.range(0, 0.2F) : 0.0F;
    const bool square = random.chance(0.5F);
    const Vec3f foot{x + splay, y + splay, top - length_of_leg};
    if (random.chance(0.25F)) {
        const std::size_t i = b.add_rod(foot, {x, y, top}, thick * 1.4F, material);
        b.part(i).shape = ShapeKind::lathe;
        b.set_outline(i, lathe_outline(LatheKind::spindle, random));
    } else {
        b.add_rod(foot, {x, y, top}, thick, material, square);
    }
    b.mirror(from, 0);
    b.mirror(from, 1);
    if (random.chance(0.35F)) {
        const float z = top - length_of_leg * random.range(0.5F, 0.8F);
        const std::size_t bars = b.count();
        b.add_rod({-x, y, z}, {x, y, z}, thick * 0.7F, material, square);
        b.mirror(bars, 1);
    }
}

void build_table(Builder& b) {
    Random& random = b.random();
    const float x = random.range(0.4F, 0.9F);
    const float y = random.range(0.4F, 0.9F);
    const float thick = random.range(0.03F, 0.09F);
    const std::uint32_t top = b.some_material();
    const std::uint32_t legs = random.chance(0.5F) ? top : b.some_material();
    if (random.chance(0.65F)) {
        const std::size_t i = b.add(ShapeKind::box, {0, 0, 0}, {x, y, thick}, top);
        if (random.chance(0.15F)) {
            b.give_holes(i);
        }
        add_legs(b, x * 0.88F, y * 0.88F, -thick, random.range(0.4F, 1), legs);
    } else {
        b.add_frustum({0, 0, 0}, {x, x, thick}, 1, top);
        const float tall = random.range(0.4F, 1);
        if (random.chance(0.5F)) {
            b.add_frustum({0, 0, -tall * 0.5F}, {0.08F, 0.08F, tall * 0.5F}, 1, legs);
            b.add_frustum({0, 0, -tall}, {x * 0.6F, x * 0.6F, 0.04F}, random.range(0.2F, 1), legs);
        } else {
            const std::size_t from = b.count();
            b.add_rod({x * 0.85F, 0, -tall}, {x * 0.6F, 0, 0}, random.range(0.03F, 0.07F), legs);
            b.repeat_around(from, random.between(3, 5));
        }
    }
    const int things = random.below(3);
    for (int i = 0; i < things; ++i) {
        const Vec3f at{random.range(-0.5F, 0.5F) * x, random.range(-0.5F, 0.5F) * x, thick + 0.12F};
        const std::uint32_t m = b.some_material();
        b.add_any(at, random.range(0.1F, 0.16F), m);
    }
}

void build_chair(Builder& b) {
    Random& random = b.random();
    const float x = random.range(0.35F, 0.55F);
    const float y = random.range(0.35F, 0.6F);
    const std::uint32_t seat = b.some_material();
    const std::uint32_t frame = random.chance(0.5F) ? seat : b.some_material();
    const float thick = random.range(0.04F, 0.14F);
    if (random.chance(0.5F)) {
        b.add_rounded({0, 0, 0}, {x, y, thick}, seat);
    } else {
        b.add(ShapeKind::box, {0, 0, 0}, {x, y, thick}, seat);
    }
    add_legs(b, x * 0.88F, y * 0.88F, -thick * 0.8F, random.range(0.35F, 0.7F), frame);
    const float back = random.range(0.3F, 0.6F);
    const std::size_t from = b.count();
    const Mat3f upright = rotation_about(1, 0.25F);
    if (random.chance(0.5F)) {
        const std::size_t i =
            b.add(ShapeKind::box, {-x, 0, back}, {back, y, random.range(0.03F, 0.08F)}, seat, upright);
        if (random.chance(0.6F)) {
            b.give_holes(i);
        }
    } else {
        const int bars = random.between(3, 6);
        for (int i = 0; i < bars; ++i) {
            const float at = y * 0.9F * (2 * static_cast<float>(i) / static_cast<float>(bars - 1) - 1);
            b.add_rod({-x, at, 0}, {-x, at, back * 2}, 0.035F, frame, i % 2 == 0);
        }
        b.add_rod({-x, -y, back * 2}, {-x, y, back * 2}, 0.055F, frame);
    }
    b.turn(from, rotation_about(1, random.range(-0.06F, 0)), {-x, 0, 0});
    if (random.chance(0.3F)) {
        const std::size_t arms = b.count();
        b.add(ShapeKind::box, {0, y, 0.28F}, {x, 0.05F, 0.03F}, frame);
        b.add_rod({x * 0.8F, y, 0}, {x * 0.8F, y, 0.28F}, 0.035F, frame);
        b.mirror(arms, 1);
    }
}

void build_shelf(Builder& b) {
    Random& random = b.random();
    const float x = random.range(0.2F, 0.4F);
    const float y = random.range(0.35F, 0.8F);
    const float tall = random.range(0.5F, 1);
    const std::uint32_t m = b.some_material();
    const float thick = random.range(0.025F, 0.05F);
    const int boards = random.between(2, 4);
    for (int i = 0; i <= boards; ++i) {
        const float z = tall * (2 * static_cast<float>(i) / static_cast<float>(boards) - 1);
        b.add(ShapeKind::box, {0, 0, z}, {x, y, thick}, m);
        if (i < boards && random.chance(0.8F)) {
            const float gap = tall / static_cast<float>(boards) * 0.8F;
            const int things = random.between(1, 3);
            for (int k = 0; k < things; ++k) {
                const float h = gap * random.range(0.5F, 1);
                const Vec3f at{0, y * random.range(-0.75F, 0.75F), z + thick + h};
                const std::uint32_t thing = b.some_material();
                b.add(random.chance(0.7F) ? ShapeKind::box : ShapeKind::ellipsoid, at,
                      {x * 0.7F, y * 0.12F, h}, thing);
            }
        }
    }
    const std::size_t from = b.count();
    if (random.chance(0.6F)) {
        b.add(ShapeKind::box, {0, y, 0}, {x, thick, tall}, m);
    } else {
        b.add_rod({x * 0.9F, y * 0.95F, -tall}, {x * 0.9F, y * 0.95F, tall}, 0.04F, m, true);
        b.add_rod({-x * 0.9F, y * 0.95F, -tall}, {-x * 0.9F, y * 0.95F, tall}, 0.04F, m, true);
    }
    b.mirror(from, 1);
    if (random.chance(0.5F)) {
        b.add(ShapeKind::box, {-x, 0, 0}, {0.02F, y, tall}, m);
    }
}

void build_lamp(Builder& b) {
    Random& random = b.random();
    const std::uint32_t metal = b.some_material();
    const std::uint32_t cloth = b.some_material();
    const float tall = random.range(0.4F, 0.9F);
    b.add_frustum({0, 0, -tall}, {0.4F, 0.4F, 0.05F}, random.range(0.5F, 1), metal);
    if (random.chance(0.4F)) {
        b.add_lathe(random.chance(0.5F) ? LatheKind::vase : LatheKind::spindle, {0, 0, -tall * 0.3F},
                    {0.28F, 0.28F, tall * 0.65F}, metal);
    } else {
        b.add_rod({0, 0, -tall}, {0, 0, tall}, random.range(0.025F, 0.06F), metal);
    }
    const float width = random.range(0.35F, 0.7F);
    b.add_lathe(LatheKind::shade, {0, 0, tall * 0.75F}, {width, width, random.range(0.2F, 0.4F)}, cloth);
    const std::uint32_t bulb = b.plain({1, 0.95F, 0.8F});
    b.add(ShapeKind::ellipsoid, {0, 0, tall * 0.75F}, {0.12F, 0.12F, 0.14F}, bulb);
}

void build_ladder(Builder& b) {
    Random& random = b.random();
    const std::uint32_t m = b.some_material();
    const float y = random.range(0.2F, 0.4F);
    const float tall = random.range(0.7F, 1);
    const int steps = random.between(3, 7);
    const float thick = random.range(0.035F, 0.06F);
    b.add_rod({0, y, -tall}, {0, y, tall}, thick, m, true);
    b.add_rod({0, -y, -tall}, {0, -y, tall}, thick, m, true);
    for (int i = 0; i < steps; ++i) {
        const float z = tall * (1.8F * (static_cast<float>(i) + 0.5F) / static_cast<float>(steps) - 0.9F);
        b.add_rod({0, -y, z}, {0, y, z}, thick * 0.8F, m);
    }
    b.turn(0, rotation_about(1, random.range(0.02F, 0.08F)), {0, 0, tall});
    if (random.chance(0.5F)) {
        b.mirror(0, 0);
        b.move(0, {0, 0, 0});
    }
}

void add_flowers(Builder& b, const Vec3f& mouth, float width, float tall) {
    Random& random = b.random();
    const int stems = random.between(2, 6);
    const std::uint32_t green = b.plain(color_of_hsv(0.3F, 0.6F, 0.45F));
    for (int i = 0; i < stems && !b.full(); ++i) {
        const Vec3f tip = mouth + Vec3f{random.range(-1, 1) * width * 1.6F,
                                        random.range(-1, 1) * width * 1.6F, tall * random.range(0.5F, 1)};
        b.add_rod(mouth - Vec3f{0, 0, 0.1F}, tip, 0.022F, green);
        const std::uint32_t m = b.plain(random_color(random));
        const float head = random.range(0.08F, 0.18F);
        if (random.chance(0.4F)) {
            const std::size_t from = b.count();
            b.add(ShapeKind::ellipsoid, {head, 0, 0}, {head * 0.8F, head * 0.5F, head * 0.25F}, m);
            b.repeat_around(from, 5);
            const std::uint32_t yellow = b.plain({0.95F, 0.8F, 0.2F});
            b.add(ShapeKind::ellipsoid, {0, 0, 0}, {head * 0.5F, head * 0.5F, head * 0.4F}, yellow);
            b.turn(from, rotation_of_z_to(tip - mouth + Vec3f{0, 0, 0.1F}));
            b.move(from, tip);
        } else if (random.chance(0.5F)) {
            b.add_displaced(tip, {head, head, head}, 0.15F, m);
        } else {
            b.add(ShapeKind::ellipsoid, tip, {head, head, head * random.range(0.6F, 1.3F)}, m);
        }
    }
}

/// The head of a tool at the end of its handle.
void add_tool_head(Builder& b, const Vec3f& top, std::uint32_t head) {
    Random& random = b.random();
    switch (random.below(8)) {
        case 0: {  // hammer
            const float size = random.range(0.12F, 0.25F);
            if (random.chance(0.5F)) {
                b.add(ShapeKind::box, top, {random.range(0.25F, 0.5F), size, size}, head);
            } else {
                const float half = random.range(0.25F, 0.5F);
                b.add_frustum(top, {size, size, half}, random.range(0.5F, 1), head,
                              rotation_of_z_to({1, 0, 0}));
            }
            break;
        }
        case 1: {  // brush
            const std::size_t i = b.add(ShapeKind::box, top, {0.1F, random.range(0.2F, 0.45F), 0.1F}, head);
            const float width = b.part(i).size.y;
            const std::uint32_t hair = b.plain();
            b.add(ShapeKind::box, top + Vec3f{0, 0, 0.22F}, {0.07F, width * 0.9F, 0.15F}, hair);
            break;
        }
        case 2:  // spoon
            b.add(ShapeKind::ellipsoid, top, {0.07F, random.range(0.15F, 0.3F), random.range(0.2F, 0.4F)},
                  head);
            break;
        case 3: {  // magnifying glass, racket
            const float size = random.range(0.25F, 0.5F);
            const Vec3f at = top + Vec3f{0, 0, size};
            b.add_torus(at, size, 0.05F, head, rotation_about(1, 0.25F));
            const std::uint32_t glass = b.plain();
            const std::size_t i =
                b.add_frustum(at, {size * 0.93F, size * 0.93F, 0.02F}, 1, glass, rotation_about(1, 0.25F));
            if (random.chance(0.5F)) {
                b.part(i).holes = {HoleKind::rectangular, 7, 7, 0.68F, 0.68F, 0.75F, 0.75F, -2};
            }
            break;
        }
        case 4: {  // wrench, axe
            const FlatKind kind = random.chance(0.5F) ? FlatKind::channel : FlatKind::crescent;
            const float half = random.range(0.04F, 0.1F);
            b.add_flat(kind, top + Vec3f{0, 0, 0.2F}, {0.25F, 0.25F, half}, head,
                       rotation_of_z_to({1, 0, 0}));
            break;
        }
        case 5: {  // fork, rake
            const int prongs = random.between(2, 5);
            b.add(ShapeKind::box, top, {0.05F, 0.3F, 0.05F}, head);
            for (int i = 0; i < prongs; ++i) {
                const float y = 0.26F * (2 * static_cast<float>(i) / static_cast<float>(prongs - 1) - 1);
                b.add_rod(top + Vec3f{0, y, 0}, top + Vec3f{0, y, 0.45F}, 0.035F, head);
            }
            break;
        }
        case 6:  // mace, lollipop, maraca
            b.add_any(top, random.range(0.25F, 0.4F), head);
            break;
        default: {  // umbrella, parasol
            b.add_lathe(LatheKind::dome, top, {0.8F, 0.8F, random.range(0.15F, 0.35F)}, head);
            break;
        }
    }
}

}  // namespace

void build_furniture(Builder& b) {
    switch (b.random().below(6)) {
        case 0:
        case 1:
            return build_table(b);
        case 2:
        case 3:
            return build_chair(b);
        case 4:
            return build_shelf(b);
        default:
            return b.random().chance(0.7F) ? build_lamp(b) : build_ladder(b);
    }
}

void build_vessel(Builder& b) {
    Random& random = b.random();
    using L = LatheKind;
    static constexpr std::array kinds{L::vase, L::vase,   L::bowl,   L::cup,    L::cup,
                                      L::cup,  L::bottle, L::bottle, L::goblet, L::egg};
    const L kind = kinds[static_cast<std::size_t>(random.below(static_cast<int>(kinds.size())))];
    const float width = random.range(0.35F, 0.8F);
    const float tall = kind == L::bowl ? width * random.range(0.3F, 0.7F) : random.range(0.45F, 1);
    const std::uint32_t clay = b.some_material();
    b.add_lathe(kind, {0, 0, 0}, {width, width, tall}, clay);
    if (random.chance(0.4F)) {
        b.random_decals();
    }
    const float tube = random.range(0.04F, 0.09F);
    if (kind != L::bowl && random.chance(kind == L::cup ? 0.85F : 0.4F)) {
        const std::size_t from = b.count();
        const float size = tall * random.range(0.35F, 0.65F);
        const std::uint32_t m = random.chance(0.7F) ? clay : b.plain();
        b.add_torus({width * 0.9F, 0, 0}, size, tube, m, rotation_about(0, 0.25F),
                    random.chance(0.5F) ? -0.1F : -2.0F);
        if (random.chance(0.25F)) {
            b.mirror(from, 0);
        } else if (random.chance(0.4F)) {
            b.add_limb({-width * 0.7F, 0, -tall * 0.2F}, {-width * 1.5F, 0, tall * random.range(0.3F, 0.8F)},
                       tube * 1.5F, m);
        }
    }
    if (kind == L::bottle || (kind == L::egg) || random.chance(0.2F)) {
        const std::uint32_t cap = b.plain();
        const float size = width * random.range(0.25F, 0.5F);
        if (random.chance(0.6F)) {
            b.add_frustum({0, 0, tall}, {size, size, 0.08F}, random.range(0.7F, 1), cap);
        }
        b.add(ShapeKind::ellipsoid, {0, 0, tall + 0.1F}, {size * 0.5F, size * 0.5F, size * 0.5F}, cap);
    } else if ((kind == L::vase || kind == L::cup) && random.chance(0.3F)) {
        add_flowers(b, {0, 0, tall}, width * 0.5F, random.range(0.4F, 0.9F));
    } else if (kind == L::bowl && random.chance(0.7F)) {
        const int fruits = random.between(2, 7);
        for (int i = 0; i < fruits; ++i) {
            const float size = width * random.range(0.2F, 0.35F);
            const Vec3f at{random.range(-0.5F, 0.5F) * width, random.range(-0.5F, 0.5F) * width,
                           tall * random.range(0, 1)};
            const std::uint32_t m = b.plain(random_color(random));
            b.add(ShapeKind::ellipsoid, at, {size, size, size * random.range(0.7F, 1.1F)}, m);
        }
    }
    if (random.chance(0.25F)) {
        const std::uint32_t m = b.some_material();
        b.add_lathe(L::plate, {0, 0, -tall - 0.04F}, {width * 1.5F, width * 1.5F, 0.07F}, m);
    }
    if (random.chance(0.2F)) {
        const std::uint32_t m = b.plain();
        b.add_rod({0.1F, 0.05F, -tall * 0.5F}, {width * 0.7F, -width * 0.4F, tall * 1.7F}, 0.03F, m);
    }
}

void build_plant(Builder& b) {
    Random& random = b.random();
    const std::uint32_t pot = b.some_material();
    const float width = random.range(0.3F, 0.5F);
    if (random.chance(0.6F)) {
        b.add_frustum({0, 0, -0.6F}, {width, width, 0.3F}, random.range(1, 1.4F), pot);
    } else {
        b.add_lathe(LatheKind::cup, {0, 0, -0.6F}, {width, width, 0.3F}, pot);
    }
    const float hue = random.range(0.2F, 0.42F);
    const float value = random.range(0.25F, 0.7F);
    const std::uint32_t green = b.plain(color_of_hsv(hue, 0.6F, value));
    const float u = random.unit();
    if (u < 0.4F) {
        const int leaves = random.between(4, 8);
        for (int ring = 0; ring < 2; ++ring) {
            const std::size_t from = b.count();
            const Vec3f out{1, 0, random.range(0.2F, 2)};
            const float size = random.range(0.25F, 0.5F);
            b.add(ShapeKind::ellipsoid, Vec3f{0, 0, -0.3F} + normalized(out) * size,
                  {size * 0.3F, 0.04F, size}, green, rotation_of_z_to(out));
            b.repeat_around(from, leaves);
            b.turn(from, rotation_about(2, random.unit()));
        }
    } else if (u < 0.7F) {
        add_flowers(b, {0, 0, -0.3F}, width, random.range(0.6F, 1.2F));
    } else if (u < 0.85F) {
        const std::uint32_t bark = b.plain(wood_color(random));
        b.add_rod({0, 0, -0.3F}, {0, 0, 0.3F}, 0.06F, bark);
        const int tiers = random.between(1, 4);
        for (int i = 0; i < tiers; ++i) {
            const float size = 0.55F - 0.1F * static_cast<float>(i);
            const Vec3f at{0, 0, 0.2F + 0.28F * static_cast<float>(i)};
            if (random.chance(0.5F)) {
                b.add_frustum(at, {size, size, 0.28F}, 0.1F, green);
            } else {
                b.add_displaced(at, {size, size, size * 0.8F}, 0.14F, green);
            }
        }
    } else {
        b.add_lathe(LatheKind::capsule, {0, 0, 0.1F}, {0.25F, 0.25F, 0.5F}, green);
        const std::size_t from = b.count();
        b.add_limb({0.2F, 0, 0}, {0.45F, 0, 0.1F}, 0.09F, green);
        b.add_limb({0.45F, 0, 0.1F}, {0.45F, 0, 0.45F}, 0.1F, green);
        if (random.chance(0.6F)) {
            b.mirror(from, 0);
        }
    }
}

void build_tool(Builder& b) {
    Random& random = b.random();
    const std::uint32_t handle = random.chance(0.4F) ? b.material(wood_material(random)) : b.some_material();
    const std::uint32_t head = b.some_material();
    const float thick = random.range(0.05F, 0.13F);
    const float tall = random.range(0.6F, 1);
    if (random.chance(0.4F)) {
        b.add_lathe(random.chance(0.5F) ? LatheKind::capsule : LatheKind::spindle, {0, 0, 0},
                    {thick * 1.3F, thick * 1.3F, tall}, handle);
    } else {
        b.add_limb({0, 0, -tall}, {0, 0, tall}, thick, handle);
    }
    const Vec3f top{0, 0, tall};
    add_tool_head(b, top, head);
    if (random.chance(0.4F)) {
        const std::uint32_t m = b.plain();
        b.add_frustum({0, 0, -tall * 0.4F}, {thick * 1.2F, thick * 1.2F, random.range(0.05F, 0.25F)}, 1, m);
    }
    if (random.chance(0.3F)) {
        const std::uint32_t m = b.plain();
        b.add_torus({0, 0, -tall - 0.1F}, 0.13F, 0.035F, m, rotation_about(1, 0.25F));
    }
}

void build_food(Builder& b) {
    Random& random = b.random();
    const float width = random.range(0.5F, 0.8F);
    if (random.chance(0.35F)) {  // fruit
        const int count = random.between(1, 3);
        for (int i = 0; i < count; ++i) {
            const std::uint32_t m = b.some_material();
            const Vec3f at{static_cast<float>(i) * width * 1.1F, random.range(-0.3F, 0.3F), 0};
            const float size = width * random.range(0.7F, 1);
            const float tall = size * random.range(0.7F, 1.5F);
            b.add_displaced(at, {size, size, tall}, random.range(0.02F, 0.12F), m);
            const std::uint32_t stem = b.plain(wood_color(random));
            b.add_rod(at + Vec3f{0, 0, size * 0.5F}, at + Vec3f{0.1F, 0, size * 1.3F}, 0.04F, stem);
            const std::uint32_t leaf = b.plain({0.25F, 0.5F, 0.2F});
            b.add(ShapeKind::ellipsoid, at + Vec3f{0.2F, 0, size * 1.2F}, {0.2F, 0.1F, 0.03F}, leaf);
        }
        return;
    }
    // a cake or burger: layers, then toppings
    const int layers = random.between(2, 6);
    float z = 0;
    const bool square = random.chance(0.2F);
    const bool tiers = random.chance(0.4F);
    for (int i = 0; i < layers; ++i) {
        const float h = random.range(0.05F, 0.22F);
        const float w = width * (tiers ? 1 - 0.6F * static_cast<float>(i) / static_cast<float>(layers)
                                       : random.range(0.9F, 1.05F));
        const std::uint32_t m = b.some_material();
        if (square) {
            b.add(ShapeKind::box, {0, 0, z + h}, {w, w, h}, m);
        } else if (i + 1 == layers && random.chance(0.4F)) {
            b.add_lathe(LatheKind::dome, {0, 0, z + h}, {w, w, h * 1.5F}, m);
        } else {
            b.add_frustum({0, 0, z + h}, {w, w, h}, random.range(0.9F, 1), m);
        }
        z += 2 * h;
    }
    const float top = width * (tiers ? 0.35F : 0.7F);
    const std::size_t from = b.count();
    const std::uint32_t m = b.plain();
    const float size = random.range(0.06F, 0.12F);
    if (random.chance(0.5F)) {
        b.add(ShapeKind::ellipsoid, {top, 0, z + size * 0.6F}, {size, size, size}, m);
    } else {
        b.add_rod({top, 0, z}, {top, 0, z + size * 3}, size * 0.35F, m);
        const std::uint32_t flame = b.plain({1, 0.75F, 0.2F});
        b.add(ShapeKind::ellipsoid, {top, 0, z + size * 3.4F}, {size * 0.4F, size * 0.4F, size * 0.7F},
              flame);
    }
    b.repeat_around(from, random.between(3, 10));
    if (random.chance(0.4F)) {
        const std::uint32_t plate = b.some_material();
        b.add_lathe(LatheKind::plate, {0, 0, -0.05F}, {width * 1.3F, width * 1.3F, 0.06F}, plate);
    }
}

}  // namespace lact
