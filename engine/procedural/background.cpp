#include "engine/procedural/background.h"

#include "engine/procedural/surface.h"
#include "engine/procedural/waves.h"

namespace lact {
namespace {

/// A sky with soft clouds over a skyline; the colour below it stands for far ground.
Vec3f dome_color(const Background& b, const Vec3f& d) {
    const float hills = b.dome_hills * noise(Vec3f{d.x, d.y, 0} * 3.0F + Vec3f{9, 9, 0.5F}, b.dome_seed);
    if (d.z < hills) {
        const float n = noise(d * 7.0F, b.dome_seed + 1);
        return b.dome[0] * (0.75F + 0.5F * n);
    }
    const Vec3f sky = mix(b.dome[1], b.dome[2], clamp01(d.z * 1.5F));
    const float cloud = noise(d * 4.0F, b.dome_seed + 2) * 0.6F + noise(d * 9.0F, b.dome_seed + 3) * 0.4F;
    return mix(sky, {0.96F, 0.96F, 0.97F}, clamp01((cloud - 0.5F) * 2.5F));
}

BackgroundHit meet_room(const World& world, const Vec3f& o, const Vec3f& d) {
    const Background& b = world.background;
    float best = 1e9F;
    int side = 0;
    for (int axis = 0; axis < 3; ++axis) {
        const bool positive = d[axis] > 0;
        const float wall = positive ? b.room_max[axis] : b.room_min[axis];
        const float away = absolute(d[axis]) < 1e-9F ? 1e9F : (wall - o[axis]) / d[axis];
        if (away < best) {
            best = away;
            side = 2 * axis + (positive ? 1 : 0);
        }
    }
    BackgroundHit hit;
    hit.at = o + d * best;
    hit.normal = {0, 0, 0};
    hit.normal.set(side / 2, (side & 1) != 0 ? -1.0F : 1.0F);
    hit.material = &world.materials[b.room_material[static_cast<std::size_t>(side)]];
    return hit;
}

}  // namespace

BackgroundHit meet_background(const World& world, const Vec3f& origin, const Vec3f& direction) {
    const Background& b = world.background;
    BackgroundHit hit;
    if (b.kind == Surroundings::room) {
        hit = meet_room(world, origin, direction);
    } else {
        const float t = direction.z < -1e-5F ? (b.ground_height - origin.z) / direction.z : -1.0F;
        if (t <= 0 || t > 40) {
            hit.color = dome_color(b, direction);
            return hit;
        }
        hit.at = origin + direction * t;
        hit.material = &world.materials[b.ground_material];
    }
    hit.color = material_color(*hit.material, {hit.at, hit.at, hit.normal});
    // Far off a pattern is finer than the pixels: it fades to its mean before it flickers.
    const float away = length(hit.at - origin) * hit.material->frequency;
    const Vec3f mean = mix(hit.material->color[0], hit.material->color[1], 0.5F);
    hit.color = mix(hit.color, mean, clamp01((away - 12) / 40));
    return hit;
}

}  // namespace lact
