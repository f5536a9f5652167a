#include "engine/procedural/object_world.h"

#include "engine/procedural/exact_math.h"

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

/// Marks and small things on parts that have none: real objects are seldom bare.
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

/// White, or a little warm or cold.
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
        // The field of view follows from how wide a slice at the object's centre the picture shows.
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
