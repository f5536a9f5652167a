#include "tests/support/sphere_world.h"

#include "engine/train/keyed_random.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <Eigen/Geometry>

namespace lact::test {
namespace {

using Eigen::Vector3d;

struct Ball {
    Vector3d centre;
    double radius = 0;
    std::array<double, 3> colour{};
};

Camera camera_around(KeyedRandom& random, int size) {
    const double azimuth = random.uniform(0, 6.28318);
    const double elevation = random.uniform(-0.2, 1.3);
    const double distance = random.uniform(2, 3);
    Camera camera{size, size, 1.1 * size, 1.2 * size, 0.48 * size, 0.52 * size};
    const Vector3d position =
        distance * Vector3d(std::cos(azimuth) * std::cos(elevation), std::sin(azimuth) * std::cos(elevation),
                            std::sin(elevation));
    const Vector3d forward = -position.normalized();
    const Vector3d right = forward.cross(Vector3d::UnitZ()).normalized();
    camera.c2w.block<3, 1>(0, 0) = right;
    camera.c2w.block<3, 1>(0, 1) = forward.cross(right);
    camera.c2w.block<3, 1>(0, 2) = forward;
    camera.c2w.block<3, 1>(0, 3) = position;
    return camera;
}

void draw(const Ball& ball, const Camera& camera, GeneratedViews& result) {
    for (int y = 0; y < camera.height; ++y) {
        for (int x = 0; x < camera.width; ++x) {
            const Vector3d ray =
                (camera.c2w.block<3, 3>(0, 0) *
                 Vector3d((x + 0.5 - camera.cx) / camera.fx, (y + 0.5 - camera.cy) / camera.fy, 1))
                    .normalized();
            const Vector3d offset = camera.position() - ball.centre;
            const double b = offset.dot(ray);
            const double inside = b * b - offset.squaredNorm() + ball.radius * ball.radius;
            const bool hit = inside > 0;
            const double height = hit ? (offset - (b + std::sqrt(inside)) * ray).z() / ball.radius : 0;
            for (const double colour : ball.colour) {
                const double value = hit ? colour * (0.6 + 0.4 * height) : 1;
                result.rgb.push_back(
                    static_cast<std::uint8_t>(std::lround(255 * std::clamp(value, 0.0, 1.0))));
            }
            result.mask.push_back(hit ? 255 : 0);
        }
    }
}

}  // namespace

GeneratedViews sphere_views(const WorldFamily& family, std::uint64_t seed, int views, int size) {
    KeyedRandom random({seed, static_cast<std::uint64_t>(family.kind)});
    Ball ball;
    ball.radius = random.uniform(0.5, 0.9);
    ball.centre = {random.uniform(-0.2, 0.2), random.uniform(-0.2, 0.2), random.uniform(-0.2, 0.2)};
    for (double& colour : ball.colour) {
        colour = random.uniform(0, 0.9);
    }
    GeneratedViews result;
    result.size = size;
    for (int i = 0; i < views; ++i) {
        result.cameras.push_back(camera_around(random, size));
        draw(ball, result.cameras.back(), result);
    }
    return result;
}

}  // namespace lact::test
