#include "engine/procedural/generated_views.h"

#include "engine/procedural/camera_rig.h"
#include "engine/procedural/draw.h"
#include "engine/procedural/scene_poses.h"
#include "engine/procedural/world.h"

#include <span>

namespace lact {
namespace {

/// Views whose poses decide on the frame of a scene, however many are drawn.
constexpr int normalizing_views = 32;

}  // namespace

GeneratedViews generate_views(WorldFamily family, std::uint64_t seed, int views, int size) {
    const World world = make_world(family, seed);
    GeneratedViews out;
    out.size = size;
    const std::size_t pixels = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
    const auto count = static_cast<std::size_t>(views);
    out.rgb.resize(count * pixels * 3);
    const bool masked = family == WorldFamily::object;
    out.mask.resize(masked ? count * pixels : 0);
    for (int i = 0; i < views; ++i) {
        const auto at = static_cast<std::size_t>(i);
        out.cameras.push_back(rig_camera(world.rig, seed, i, size));
        draw_world(world, out.cameras.back(), size, std::span(out.rgb).subspan(at * pixels * 3, pixels * 3),
                   masked ? std::span(out.mask).subspan(at * pixels, pixels) : std::span<std::uint8_t>());
    }
    if (family == WorldFamily::scene) {
        std::vector<Camera> rig;
        for (int i = 0; i < normalizing_views; ++i) {
            rig.push_back(rig_camera(world.rig, seed, i, size));
        }
        out.cameras = normalized_scene_cameras(out.cameras, rig);
    }
    return out;
}

}  // namespace lact
