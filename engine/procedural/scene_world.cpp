// The second family: whole scenes without a mask, objects on the ground under a sky, and rooms.
#include "engine/procedural/exact_math.h"
#include "engine/procedural/object_world.h"

namespace lact {
namespace {

/// Adds the parts of one world to another, turned about z, scaled, and standing with its lowest point at
/// `foot`.
void place(World& scene, const World& object, const Vec3f& foot, float scale, float turns) {
    if (scene.parts.size() + object.parts.size() > max_scene_parts) {
        return;
    }
    const auto first_edge = static_cast<std::uint32_t>(scene.edges.size());
    const auto first_material = static_cast<std::uint32_t>(scene.materials.size());
    const auto first_decal = static_cast<std::uint32_t>(scene.decals.size());
    scene.edges.insert(scene.edges.end(), object.edges.begin(), object.edges.end());
    for (Material material : object.materials) {
        material.frequency /= scale;  // Patterns grow with the thing they are on.
        scene.materials.push_back(material);
    }
    for (Decal decal : object.decals) {
        decal.center = decal.center * scale;
        decal.half_width *= scale;
        decal.half_height *= scale;
        scene.decals.push_back(decal);
    }
    const Mat3f turn = rotation_about(2, turns);
    const float low = extent_of(object).low.z;
    for (Part part : object.parts) {
        part.center = turn * ((part.center - Vec3f{0, 0, low}) * scale) + foot;
        part.rotation = turn * part.rotation;
        part.size = part.size * scale;
        part.first_edge += first_edge;
        part.material += first_material;
        part.first_decal += first_decal;
        scene.parts.push_back(part);
    }
}

World some_object(Random& random) {
    World object;
    build_object(object, general_family(), random);
    return object;
}

World furniture(Random& random) {
    World object;
    Builder builder(object, random);
    build_furniture(builder);
    normalize_extent(object, general_family().extent, random);
    return object;
}

/// A material for the ground, walls and ceilings: patterns that go on without an end.
std::uint32_t ground_material(World& world, Random& random, float quiet) {
    using K = MaterialKind;
    static constexpr std::array kinds{K::clouds, K::camouflage, K::checks,   K::bricks,  K::wood,
                                      K::photo,  K::plaid,      K::speckles, K::stripes, K::clouds,
                                      K::marble, K::photo,      K::patches};
    Theme theme = random_theme(random);
    for (Vec3f& color : theme.palette) {  // Less vivid than the things that stand on it.
        const float grey = (color.x + color.y + color.z) / 3;
        color = mix(color, {grey, grey, grey}, random.range(0.25F, 0.85F));
        color = mix(color, {0.9F, 0.88F, 0.85F}, quiet * random.range(0.2F, 0.8F));
    }
    Material material;
    if (random.chance(quiet * 0.7F)) {
        material = plain_material(theme.palette[0], random);
    } else {
        material = patterned(kinds[static_cast<std::size_t>(random.below(13))], theme, random);
        for (Vec3f& color : material.color) {
            color = mix(color, theme.palette[0], 0.5F);
        }
    }
    material.grain = random.range(0.03F, 0.2F);
    world.materials.push_back(material);
    return static_cast<std::uint32_t>(world.materials.size() - 1);
}

Lighting scene_lighting(Random& random) {
    Lighting lighting = random_lighting(random);
    if (random.chance(0.7F)) {
        lighting.shadow = random.range(0.35F, 0.9F);
    }
    return lighting;
}

/// Hand-held cameras on an arc or all around the middle of a scene.
CameraRig hand_held(Random& random, float height) {
    CameraRig rig;
    rig.target = {0, 0, height};
    rig.radius = random.range(2.0F, 3.4F);
    rig.radius_spread = random.range(0.03F, 0.2F);
    rig.half_tangent = random.range(0.3F, 0.62F);
    rig.tangent_spread = random.chance(0.3F) ? random.range(0.02F, 0.06F) : 0.0F;
    rig.azimuth = random.unit();
    rig.azimuth_range = random.chance(0.5F) ? 1.0F : random.range(0.2F, 0.7F);
    rig.min_sine = random.range(0.05F, 0.3F);
    rig.max_sine = random.range(0.35F, 0.8F);
    rig.wander = random.range(0.05F, 0.4F);
    rig.roll = random.range(0, 0.02F);
    rig.shift = random.chance(0.3F) ? 0.03F : 0.0F;
    rig.step_aside = random.range(0, 0.3F);
    return rig;
}

/// Room that cameras around the target leave free: between these distances nothing may stand.
struct FreeRing {
    float inner = 0;
    float outer = 0;
};
FreeRing ring_of(const CameraRig& rig) {
    const float level = std::sqrt(larger(1 - rig.max_sine * rig.max_sine, 0));
    return {rig.radius * (1 - rig.radius_spread) * level - rig.step_aside - 0.25F,
            rig.radius * (1 + rig.radius_spread) + rig.step_aside + 0.25F};
}

/// Objects before and beyond the cameras.
void fill(World& world, Random& random, const CameraRig& rig, float floor, float limit) {
    const FreeRing free = ring_of(rig);
    const float main_scale = random.range(0.5F, 1.0F);
    const World main = some_object(random);
    place(world, main, {0, 0, floor}, smaller(main_scale, free.inner * 0.6F), random.unit());
    const int near = random.between(0, 4);
    for (int i = 0; i < near; ++i) {
        const World object = some_object(random);
        const float scale = random.range(0.15F, 0.4F);
        const auto [s, c] = sine_cosine(random.unit());
        const float distance = larger(0, free.inner - 1.5F * scale) * random.range(0.7F, 1);
        place(world, object, {distance * c, distance * s, floor}, scale, random.unit());
    }
    const int far = random.between(2, 7);
    for (int i = 0; i < far; ++i) {
        const World object = random.chance(0.4F) ? furniture(random) : some_object(random);
        const float scale = random.range(0.5F, 1.6F);
        const auto [s, c] = sine_cosine(random.unit());
        const float distance = free.outer + 1.5F * scale + random.range(0, 2.5F);
        if (distance < limit) {
            place(world, object, {distance * c, distance * s, floor}, scale, random.unit());
        }
    }
}

void build_outdoors(World& world, Random& random) {
    Background& b = world.background;
    b.kind = Surroundings::ground;
    b.ground_height = 0;
    b.ground_material = ground_material(world, random, 0.2F);
    b.dome_seed = random.next();
    b.dome_hills = random.chance(0.6F) ? random.range(0.05F, 0.5F) : 0.0F;
    const float hue = random.range(0.52F, 0.64F);
    const float saturation = random.range(0.05F, 0.55F);
    const Vec3f zenith = color_of_hsv(hue, saturation, random.range(0.6F, 0.95F));
    const Vec3f far_ground = world.materials[b.ground_material].color[0];
    const Vec3f trees = random_color(random);
    const Vec3f woods = mix(far_ground, trees, random.range(0.2F, 0.7F));
    b.dome = {woods, mix(zenith, {0.95F, 0.94F, 0.9F}, 0.6F), zenith};
    world.rig = hand_held(random, random.range(0.3F, 0.7F));
    fill(world, random, world.rig, 0, 12);
}

/// Pictures, windows and doors on the walls: thin boxes with a mark.
void hang_on_walls(World& world, Random& random) {
    const Background b = world.background;
    World things;
    Builder builder(things, random);
    const int count = random.between(2, 9);
    const float tall = b.room_max.z - b.room_min.z;
    for (int i = 0; i < count; ++i) {
        const int axis = random.below(2);
        const float side = random.sign();
        const float width = random.range(0.2F, 0.7F);
        const float height = random.range(0.2F, 0.3F * tall);
        Vec3f at{0, 0, b.room_min.z + tall * random.range(0.35F, 0.65F)};
        at.set(axis, side > 0 ? b.room_max[axis] : b.room_min[axis]);
        at.set(1 - axis, (b.room_max[1 - axis] - width) * random.range(-0.9F, 0.9F));
        Vec3f size{width, width, height};
        size.set(axis, 0.03F);
        const std::uint32_t m = builder.plain();
        builder.add(ShapeKind::box, at, size, m);
        Vec3f inwards{0, 0, 0};
        inwards.set(axis, -side);
        const bool window = random.chance(0.35F);
        builder.decal(window ? DecalKind::window : DecalKind::image, inwards, {0, 0, 1}, 0, 0, width * 0.93F,
                      height * 0.93F);
    }
    const float low = extent_of(things).low.z;
    place(world, things, {0, 0, low}, 1, 0);
}

void build_room(World& world, Random& random) {
    Background& b = world.background;
    b.kind = Surroundings::room;
    const bool outward = random.chance(0.35F);
    CameraRig rig = hand_held(random, random.range(0.3F, 0.8F));
    if (outward) {  // A person who stands in the middle and turns round.
        rig.outward = 1;
        rig.radius = random.range(0.2F, 0.6F);
        rig.target.z = random.range(0.9F, 1.4F);
        rig.min_sine = random.range(-0.5F, -0.25F);
        rig.max_sine = random.range(-0.1F, 0.2F);
        rig.half_tangent = random.range(0.45F, 0.7F);
        rig.wander = 0.1F;
        rig.step_aside = random.range(0.2F, 0.6F);
    }
    const float reach = rig.radius * (1 + rig.radius_spread) + rig.step_aside;
    const float least = outward ? 1.6F : 0.5F;
    const float half = reach + random.range(least, least + 1.5F);
    const float other = reach + random.range(least, least + 1.5F);
    const float top = rig.target.z + reach * larger(rig.max_sine, 0.5F) + random.range(0.3F, 1);
    b.room_min = {-half, -other, 0};
    b.room_max = {half, other, larger(top, 2)};
    const std::uint32_t wall = ground_material(world, random, 1);
    for (std::size_t i = 0; i < 4; ++i) {
        b.room_material[i] = random.chance(0.75F) ? wall : ground_material(world, random, 0.8F);
    }
    b.room_material[4] = ground_material(world, random, 0.2F);
    b.room_material[5] = ground_material(world, random, 1);
    world.rig = rig;
    hang_on_walls(world, random);
    if (!outward) {
        fill(world, random, rig, 0, smaller(half, other));
    }
    const int pieces = outward ? random.between(6, 12) : random.between(3, 8);  // along the walls
    for (int i = 0; i < pieces; ++i) {
        const World object = random.chance(0.6F) ? furniture(random) : some_object(random);
        const float space = smaller(half, other) - reach;
        const float scale = outward ? random.range(0.4F, 0.8F) : smaller(space * 0.6F, 0.9F);
        const int axis = random.below(2);
        Vec3f at{0, 0, 0};
        at.set(axis, (b.room_max[axis] - scale) * random.sign());
        at.set(1 - axis, (b.room_max[1 - axis] - scale) * random.range(-1, 1));
        const float level = std::sqrt(at.x * at.x + at.y * at.y);
        if (level > reach + 1.2F * scale || !outward) {
            place(world, object, at, scale, 0.25F * static_cast<float>(random.below(4)));
        }
    }
}

}  // namespace

World make_scene_world(std::uint64_t seed) {
    World world;
    world.kind = WorldKind::scene;
    Random random(seed, 11);
    if (random.chance(0.55F)) {
        build_outdoors(world, random);
    } else {
        build_room(world, random);
    }
    Random light(seed, 12);
    world.lighting = scene_lighting(light);
    set_bounds(world);
    return world;
}

}  // namespace lact
