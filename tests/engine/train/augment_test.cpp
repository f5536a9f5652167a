#include "engine/train/augment.h"

#include "engine/procedural/generated_views.h"
#include "engine/train/keyed_random.h"
#include "tests/support/sphere_world.h"

#include <cmath>

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <gtest/gtest.h>

namespace lact {
namespace {

Eigen::Vector2d seen_at(const Camera& camera, const Eigen::Vector3d& point) {
    const Eigen::Vector3d seen = (camera.c2w.inverse() * point.homogeneous()).head<3>();
    return {camera.fx * seen.x() / seen.z() + camera.cx, camera.fy * seen.y() / seen.z() + camera.cy};
}

/// What the augmentation does to the world, written down apart from how cameras are changed.
Eigen::Vector3d augmented(const Eigen::Vector3d& p, const Augmentation& a) {
    const Eigen::Vector3d turned(std::cos(a.angle) * p.x() - std::sin(a.angle) * p.y(),
                                 std::sin(a.angle) * p.x() + std::cos(a.angle) * p.y(), p.z());
    return a.mirror ? Eigen::Vector3d(-turned.x(), turned.y(), turned.z()) : turned;
}

TEST(Augment, APointOfTheWorldStaysInItsPixel) {
    KeyedRandom random({5});
    for (const Camera& camera : test::sphere_views(general_family(), 3, 12, 16).cameras) {
        Augmentation augmentation;
        augmentation.angle = random.uniform(0, 6.28);
        augmentation.mirror = random.below(2) == 1;
        const Camera changed = augmented(camera, augmentation);
        EXPECT_NEAR((changed.c2w.block<3, 3>(0, 0).determinant()), 1, 1e-12);  // right-handed
        for (int i = 0; i < 10; ++i) {
            const Eigen::Vector3d point(random.uniform(-1, 1), random.uniform(-1, 1), random.uniform(-1, 1));
            Eigen::Vector2d before = seen_at(camera, point);
            if (augmentation.mirror) {
                before.x() = camera.width - before.x();  // Its column in the mirrored image.
            }
            const Eigen::Vector2d after = seen_at(changed, augmented(point, augmentation));
            EXPECT_LT((before - after).norm(), 1e-9);
        }
    }
}

TEST(Augment, PositionsStayInTheirPixels) {
    constexpr int size = 32;
    constexpr std::size_t pixels = size * size;
    const GeneratedViews views = generate_views_with_positions(vehicles_family(), 5, 3, size);
    ASSERT_EQ(views.position.size(), 3 * pixels * 3);
    Augmentation augmentation;
    augmentation.angle = 0.7;
    for (const bool mirror : {false, true}) {
        augmentation.mirror = mirror;
        int met = 0;
        for (std::size_t view = 0; view < 3; ++view) {
            std::vector<float> out(4 * pixels);
            write_augmented_geometry(std::span(views.mask).subspan(view * pixels, pixels),
                                     std::span(views.position).subspan(view * pixels * 3, pixels * 3), size,
                                     augmentation, out);
            const Camera camera = augmented(views.cameras[view], augmentation);
            for (std::size_t i = 0; i < pixels; ++i) {
                if (out[i] < 1) {  // Not wholly of the object: its middle may show none.
                    continue;
                }
                const Eigen::Vector3d point(static_cast<double>(out[pixels + i]),
                                            static_cast<double>(out[2 * pixels + i]),
                                            static_cast<double>(out[3 * pixels + i]));
                const Eigen::Vector2d middle(static_cast<double>(i % size) + 0.5,
                                             static_cast<double>(i / size) + 0.5);
                EXPECT_LT((seen_at(camera, point) - middle).norm(), 1e-3) << i;
                ++met;
            }
        }
        EXPECT_GT(met, 200);
    }
}

TEST(Augment, ImagesAreMirroredAndRecoloured) {
    const std::vector<std::uint8_t> rgb{0, 51, 102, 255, 255, 255, 10, 20, 30, 255, 0, 128};  // 2x2
    std::vector<float> out(12);
    write_augmented(rgb, 2, {}, out);
    const std::vector<float> plain{0,           1, 10 / 255.0F,  1, 51 / 255.0F, 1,
                                   20 / 255.0F, 0, 102 / 255.0F, 1, 30 / 255.0F, 128 / 255.0F};
    for (std::size_t i = 0; i < out.size(); ++i) {
        EXPECT_FLOAT_EQ(out[i], plain[i]) << i;
    }
    Augmentation augmentation;
    augmentation.mirror = true;
    augmentation.gamma = 2;
    augmentation.channels = {2, 0, 1};
    write_augmented(rgb, 2, augmentation, out);
    for (std::size_t c = 0; c < 3; ++c) {
        const auto from = static_cast<std::size_t>(augmentation.channels[c]);
        for (std::size_t y = 0; y < 2; ++y) {
            for (std::size_t x = 0; x < 2; ++x) {
                const float value = plain[from * 4 + y * 2 + (1 - x)];
                EXPECT_FLOAT_EQ(out[c * 4 + y * 2 + x], value * value);
            }
        }
    }
    EXPECT_EQ(out[1 * 4 + 0], 1.0F);  // white stays white
}

}  // namespace
}  // namespace lact
