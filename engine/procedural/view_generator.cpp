#include "engine/procedural/view_generator.h"

#include "engine/procedural/camera_rig.h"
#include "engine/procedural/draw.h"

#include <vector>

namespace lact {
namespace {

/// Views whose poses decide on the frame of a scene, however many are drawn.
constexpr int normalizing_views = 32;

}  // namespace

ViewGenerator::ViewGenerator(const WorldFamily& family, std::uint64_t seed, int size)
    : world_(make_world(family, seed)), seed_(seed), size_(size) {
    if (family.kind == WorldKind::scene) {
        std::vector<Camera> rig;
        rig.reserve(normalizing_views);
        for (int i = 0; i < normalizing_views; ++i) {
            rig.push_back(rig_camera(world_.rig, seed, i, size));
        }
        normalization_ = normalization_of(rig);
    }
}

Camera ViewGenerator::camera(int index) const {
    const Camera camera = rig_camera(world_.rig, seed_, index, size_);
    return world_.kind == WorldKind::scene ? moved(camera, normalization_) : camera;
}

void ViewGenerator::draw(int index, std::span<std::uint8_t> rgb, std::span<std::uint8_t> mask) const {
    draw_world(world_, rig_camera(world_.rig, seed_, index, size_), size_, rgb, mask);
}

}  // namespace lact
