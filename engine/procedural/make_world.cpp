#include "engine/procedural/make_world.h"

#include "engine/procedural/exact_math.h"
#include "engine/procedural/object_classes.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace lact {
namespace {

using ObjectClass = void (*)(Builder&);

constexpr std::array<std::pair<std::string_view, ObjectClass>, 24> object_classes{
    {{"figure", build_figure},       {"animal", build_animal},   {"vehicle", build_vehicle},
     {"furniture", build_furniture}, {"vessel", build_vessel},   {"boxes", build_boxes},
     {"tool", build_tool},           {"radial", build_radial},   {"cage", build_cage},
     {"shoe", build_shoe},           {"food", build_food},       {"plant", build_plant},
     {"device", build_device},       {"house", build_house},     {"single", build_single},
     {"tree", build_tree},           {"stack", build_stack},     {"cluster", build_cluster},
     {"blocks", build_blocks},       {"car", build_car},         {"van", build_van},
     {"truck", build_truck},         {"tractor", build_tractor}, {"plane", build_plane}}};

ObjectClass object_class_of(std::string_view name) {
    const auto* const found = std::find_if(object_classes.begin(), object_classes.end(),
                                           [&](const auto& entry) { return entry.first == name; });
    return found == object_classes.end() ? nullptr : found->second;
}

ObjectClass choose(const WorldFamily& family, Random& random) {
    int total = 0;
    for (const ClassWeight& choice : family.classes) {
        total += choice.weight;
    }
    int at = random.below(total);
    for (const ClassWeight& choice : family.classes) {
        if (at < choice.weight) {
            return object_class_of(choice.name);
        }
        at -= choice.weight;
    }
    return build_single;
}

void scale_part(Part& part, const Vec3f& middle, float scale) {
    part.center = (part.center - middle) * scale;
    part.size = part.size * scale;
}

/// Adds decals and small parts to parts without any.
void add_details(Builder& builder, const WorldFamily& family) {
    Random& random = builder.random();
    const auto some_part = [&] {
        return static_cast<std::size_t>(random.below(static_cast<int>(builder.count())));
    };
    if (random.chance(family.decals)) {
        const int decals = random.between(1, 3);
        for (int i = 0; i < decals; ++i) {
            const std::size_t part = some_part();
            if (builder.part(part).decal_count == 0) {
                builder.random_decals(part);
            }
        }
    }
    if (random.chance(family.attachments)) {
        const int groups = random.between(1, 2);
        for (int i = 0; i < groups; ++i) {
            builder.attach_small(some_part());
        }
    }
}

Vec3f light_direction(Random& random, float lowest) {
    while (true) {
        const Vec3f direction = random.direction();
        if (direction.z >= lowest) {
            return direction;
        }
    }
}

float drawn(const ValueRange& range, Random& random) {
    return random.range(range.low, range.high);
}

/// White, or slightly warm or cold.
Vec3f light_color(Random& random, float strength) {
    const float warmth = random.chance(0.5F) ? 0.0F : random.range(-0.12F, 0.12F);
    return {strength * (1 + warmth), strength, strength * (1 - warmth)};
}

}  // namespace

bool is_object_class(std::string_view name) {
    return object_class_of(name) != nullptr;
}

std::vector<std::string_view> object_class_names() {
    std::vector<std::string_view> names;
    for (const auto& [name, build] : object_classes) {
        names.push_back(name);
    }
    return names;
}

void normalize_extent(World& world, const ExtentStyle& style, Random& random) {
    const auto [low, high] = extent_of(world);
    const Vec3f extent = high - low;
    const float half =
        random.chance(style.usual_chance) ? drawn(style.usual, random) : drawn(style.other, random);
    const float by_side = 2 * half / larger(largest(extent), 1e-3F);
    const float by_diagonal = style.largest_diagonal / larger(length(extent), 1e-3F);
    const float scale = smaller(by_side, by_diagonal);
    const Vec3f middle = (low + high) * 0.5F;
    for (Part& part : world.parts) {
        scale_part(part, middle, scale);
    }
    for (Decal& decal : world.decals) {
        decal.center = decal.center * scale;
        decal.half_width *= scale;
        decal.half_height *= scale;
    }
}

void build_object(World& world, const WorldFamily& family, Random& random) {
    Builder builder(world, random, family.materials);
    const ObjectClass build = choose(family, random);
    build(builder);
    add_details(builder, family);
    const RotationStyle& style = family.rotation;
    const float u = random.unit();
    if (u < style.any) {
        builder.turn(0, random.rotation());
    } else if (u < style.any + style.tipped) {
        const int axis = random.below(2);
        builder.turn(0, rotation_about(axis, 0.25F * static_cast<float>(random.between(1, 3))));
    }
    builder.turn(0, rotation_about(2, random.chance(style.unturned) ? 0 : random.unit()));
    normalize_extent(world, family.extent, random);
    set_bounds(world);
}

Lighting lighting_in(const LightStyle& style, Random& random) {
    Lighting lighting;
    const auto light = [&](const ValueRange& strength) {
        const float value = drawn(strength, random);
        const float warmth = random.range(-style.warmth, style.warmth);
        return Vec3f{value * (1 + warmth), value, value * (1 - warmth)};
    };
    lighting.ambient = light(style.ambient);
    lighting.sky = light(style.sky);
    lighting.key.color = light(style.key);
    const float height = drawn(style.key_height, random);
    const auto [sine, cosine] = sine_cosine(random.unit());
    const float level = std::sqrt(larger(1 - height * height, 0));
    lighting.key.direction = {cosine * level, sine * level, height};
    return lighting;
}

CameraRig rig_in(const CameraStyle& style, Random& random) {
    CameraRig rig;
    rig.azimuth = random.unit();
    rig.radius = drawn(style.radius, random);
    rig.half_tangent = drawn(style.half_tangent, random);
    rig.min_sine = drawn(style.lowest_sine, random);
    rig.max_sine = drawn(style.highest_sine, random);
    rig.radius_spread = style.radius_spread;
    return rig;
}

Lighting random_lighting(Random& random) {
    Lighting lighting;
    const bool flat = random.chance(0.15F);
    const float ambient = flat ? random.range(0.85F, 1) : random.range(0.42F, 0.78F);
    lighting.ambient = light_color(random, ambient);
    const float left = 1.2F - ambient;
    lighting.sky = light_color(random, random.range(0.05F, 0.3F));
    lighting.key.direction = light_direction(random, 0.1F);
    lighting.key.color = light_color(random, flat ? 0 : left * random.range(0.4F, 1.1F));
    lighting.fill.direction = light_direction(random, -0.6F);
    lighting.fill.color =
        random.chance(0.5F) ? light_color(random, flat ? 0 : random.range(0, 0.35F)) : Vec3f{0, 0, 0};
    lighting.shadow = !flat && random.chance(0.3F) ? random.range(0.3F, 1) : 0.0F;
    return lighting;
}

CameraRig object_rig(Random& random) {
    CameraRig rig;
    rig.azimuth = random.unit();
    const float u = random.unit();
    if (u < 0.3F) {
        rig.radius = 2.7F;
        rig.half_tangent = 0.4663F;  // 50 degrees
    } else {
        // The width of the visible slice at the centre of the object determines the field of view.
        rig.radius = random.chance(0.12F) ? random.range(1.7F, 2.2F) : random.range(2.2F, 3.5F);
        const float half_width = random.range(1.1F, 1.45F);
        rig.half_tangent = smaller(0.577F, larger(0.268F, half_width / rig.radius));  // 30 to 60 degrees
        if (u > 0.55F) {
            rig.radius_spread = random.range(0.02F, 0.15F);
            rig.tangent_spread = random.chance(0.5F) ? 0.0F : random.range(0.02F, 0.08F);
        }
    }
    if (random.chance(0.35F)) {
        rig.shift = random.range(0.01F, 0.06F);
    }
    if (random.chance(0.35F)) {
        rig.wander = random.range(0.02F, 0.12F);
    }
    if (random.chance(0.15F)) {
        rig.roll = random.range(0.003F, 0.02F);
    }
    const float v = random.unit();
    if (v < 0.5F) {  // all around, -10 to 80 degrees
        rig.min_sine = -0.1736F;
        rig.max_sine = 0.9848F;
    } else if (v < 0.8F) {  // to 55 degrees
        rig.min_sine = random.range(-0.1736F, 0.1F);
        rig.max_sine = random.range(0.45F, 0.82F);
    } else {  // a turntable
        const float middle = random.range(0.1F, 0.6F);
        rig.min_sine = middle - 0.1F;
        rig.max_sine = middle + 0.1F;
    }
    return rig;
}

// Scenes: objects on the ground under a sky, and rooms, without a mask.
namespace {

/// Adds an object to a scene, rotated about z, scaled, with its lowest point at `foot`.
void place(World& scene, const World& object, const Vec3f& foot, float scale, float turns) {
    if (scene.parts.size() + object.parts.size() > max_scene_parts) {
        return;
    }
    const auto first_edge = static_cast<std::uint32_t>(scene.edges.size());
    const auto first_material = static_cast<std::uint32_t>(scene.materials.size());
    const auto first_decal = static_cast<std::uint32_t>(scene.decals.size());
    scene.edges.insert(scene.edges.end(), object.edges.begin(), object.edges.end());
    for (Material material : object.materials) {
        material.frequency /= scale;  // Patterns scale with the object.
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

/// A material for ground, walls and ceilings: a pattern without borders.
std::uint32_t ground_material(World& world, Random& random, float quiet) {
    using K = MaterialKind;
    static constexpr std::array kinds{K::clouds, K::camouflage, K::checks,   K::bricks,  K::wood,
                                      K::photo,  K::plaid,      K::speckles, K::stripes, K::clouds,
                                      K::marble, K::photo,      K::patches};
    Theme theme = random_theme(random);
    for (Vec3f& color : theme.palette) {  // Less saturated than the objects.
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

/// Hand-held cameras on an arc or a full circle around the centre of a scene.
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

/// The annulus of distances around the target that stays free for the cameras.
struct FreeRing {
    float inner = 0;
    float outer = 0;
};
FreeRing ring_of(const CameraRig& rig) {
    const float level = std::sqrt(larger(1 - rig.max_sine * rig.max_sine, 0));
    return {rig.radius * (1 - rig.radius_spread) * level - rig.step_aside - 0.25F,
            rig.radius * (1 + rig.radius_spread) + rig.step_aside + 0.25F};
}

/// Places objects inside and outside the ring of cameras.
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

/// Adds images, windows and doors to the walls: thin boxes with a decal.
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
    if (outward) {  // A camera at the centre that looks outwards.
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

/// A scene: objects on the ground under a sky or in a room, with cameras before normalisation.
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

}  // namespace

World make_world(const WorldFamily& family, std::uint64_t seed) {
    if (family.kind == WorldKind::scene) {
        return make_scene_world(seed);
    }
    World world;
    Random structure(seed, 1);
    build_object(world, family, structure);
    Random light(seed, 2);
    world.lighting = family.light ? lighting_in(*family.light, light) : random_lighting(light);
    Random cameras(seed, 3);
    world.rig = family.cameras ? rig_in(*family.cameras, cameras) : object_rig(cameras);
    return world;
}

}  // namespace lact
