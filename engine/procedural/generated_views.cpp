#include "engine/procedural/generated_views.h"

#include "engine/procedural/draw.h"
#include "engine/procedural/exact_math.h"
#include "engine/procedural/make_world.h"
#include "engine/procedural/random.h"
#include "engine/scene/normalize.h"

#include <vector>

namespace lact {

Camera rig_camera(const CameraRig& rig, std::uint64_t seed, int index, int size) {
    Random random(seed, 1000 + static_cast<std::uint64_t>(index));
    // Golden-section steps spread any number of views in azimuth; a second sequence does so independently in
    // height.
    const auto step = static_cast<float>(index % 4096);
    float along = step * 0.6180339F + random.range(-0.05F, 0.05F);
    along -= static_cast<float>(floor_to_int(along));
    float up = step * 0.7548777F + static_cast<float>(floor_to_int(rig.azimuth * 4096)) / 4096 +
               random.range(-0.1F, 0.1F);
    up -= static_cast<float>(floor_to_int(up));
    const auto [sine, cosine] = sine_cosine(rig.azimuth + rig.azimuth_range * along);
    const float height = rig.min_sine + (rig.max_sine - rig.min_sine) * up;
    const float level = std::sqrt(larger(1 - height * height, 0));
    const float radius = rig.radius * (1 + rig.radius_spread * random.range(-1, 1));
    const Vec3f wander{rig.wander * random.range(-1, 1), rig.wander * random.range(-1, 1),
                       rig.wander * random.range(-1, 1)};
    const Vec3f aside{rig.step_aside * random.range(-1, 1), rig.step_aside * random.range(-1, 1),
                      0.3F * rig.step_aside * random.range(-1, 1)};
    const Vec3f eye = rig.target + Vec3f{cosine * level, sine * level, height} * radius + aside;
    const Vec3f ahead = rig.target + wander - eye;
    const Vec3f forward = normalized(rig.outward != 0 ? -ahead : ahead);
    Vec3f right = normalized(cross(forward, {0, 0, 1}));
    Vec3f down = cross(forward, right);
    const auto [roll_sine, roll_cosine] = sine_cosine(rig.roll * random.range(-1, 1));
    const Vec3f rolled = right * roll_cosine + down * roll_sine;
    down = down * roll_cosine - right * roll_sine;
    right = rolled;

    Camera camera;
    camera.width = camera.height = size;
    const float tangent = rig.half_tangent * (1 + rig.tangent_spread * random.range(-1, 1));
    const double focal = 0.5 / static_cast<double>(tangent);
    camera.fx = camera.fy = focal * size;
    camera.cx = (0.5 + static_cast<double>(rig.shift * random.range(-1, 1))) * size;
    camera.cy = (0.5 + static_cast<double>(rig.shift * random.range(-1, 1))) * size;
    for (int row = 0; row < 3; ++row) {
        camera.c2w(row, 0) = right[row];
        camera.c2w(row, 1) = down[row];
        camera.c2w(row, 2) = forward[row];
        camera.c2w(row, 3) = eye[row];
    }
    return camera;
}

namespace {

/// Assumed mean camera distance of the training if the weights state none.
constexpr double object_radius = 2.66;

}  // namespace

Camera moved(Camera camera, const Similarity& move) {
    const Eigen::Matrix3d axes = move.rotation * camera.c2w.topLeftCorner<3, 3>();
    const Eigen::Vector3d position = move(camera.position());
    camera.c2w.topLeftCorner<3, 3>() = axes;
    camera.c2w.block<3, 1>(0, 3) = position;
    return camera;
}

Similarity normalization_of(std::span<const Camera> rig) {
    SceneFiles capture;
    capture.format = "generated";
    for (const Camera& camera : rig) {
        SceneView view;
        view.camera = camera;
        capture.views.push_back(view);
    }
    normalize(capture, Normalization::automatic, object_radius);
    const Camera& before = rig.front();
    const Camera& after = capture.views.front().camera;
    Similarity similarity;
    similarity.rotation = after.c2w.topLeftCorner<3, 3>() * before.c2w.topLeftCorner<3, 3>().transpose();
    // The camera farthest from the first determines the scale best.
    double farthest = 0;
    for (std::size_t i = 1; i < rig.size(); ++i) {
        const double distance = (rig[i].position() - before.position()).norm();
        if (distance > farthest) {
            farthest = distance;
            similarity.scale = (capture.views[i].camera.position() - after.position()).norm() / distance;
        }
    }
    similarity.translation = after.position() - similarity.scale * (similarity.rotation * before.position());
    return similarity;
}

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

/// Number of views that determine the frame of a scene, independent of the number drawn.
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
