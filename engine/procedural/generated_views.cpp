#include "engine/procedural/generated_views.h"

#include "engine/procedural/camera_poses.h"
#include "engine/procedural/draw.h"

#include <vector>

namespace lact {

namespace {

GeneratedViews draw_views(const ViewGenerator& generator, int views, int size) {
    const std::size_t pixels = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
    const auto count = static_cast<std::size_t>(views);
    const bool masked = generator.world().kind == WorldKind::object;
    GeneratedViews out;
    out.size = size;
    out.rgb.resize(count * pixels * 3);
    out.mask.resize(masked ? count * pixels : 0);
    for (int i = 0; i < views; ++i) {
        const auto at = static_cast<std::size_t>(i);
        out.cameras.push_back(generator.camera(i));
        generator.draw(i, std::span(out.rgb).subspan(at * pixels * 3, pixels * 3),
                       masked ? std::span(out.mask).subspan(at * pixels, pixels) : std::span<std::uint8_t>());
    }
    return out;
}

}  // namespace

GeneratedViews generate_views(const WorldFamily& family, std::uint64_t seed, int views, int size) {
    return draw_views(ViewGenerator(family, seed, size), views, size);
}

GeneratedViews generate_views_with_positions(const WorldFamily& family, std::uint64_t seed, int views,
                                             int size) {
    const ViewGenerator generator(family, seed, size);
    GeneratedViews out = draw_views(generator, views, size);
    const std::size_t values = 3 * static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
    out.position.resize(out.cameras.size() * values);
    for (std::size_t i = 0; i < out.cameras.size(); ++i) {
        draw_positions(generator.world(), out.cameras[i], size,
                       std::span(out.position).subspan(i * values, values));
    }
    return out;
}

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
