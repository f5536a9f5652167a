#include "app/document/viewpoint.h"

#include "app/document/camera_motion.h"
#include "app/document/frame_clock.h"

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

#include <Eigen/Geometry>
#include <gtest/gtest.h>

namespace lact::app {

namespace {

constexpr double degree = std::numbers::pi / 180;
constexpr Size size64{64, 64};

/// A camera that looks from `position` at `target`, upright about +z.
Camera camera_at(const Eigen::Vector3d& position, const Eigen::Vector3d& target, double focal = 70) {
    const Viewpoint view = look_at(Viewpoint{}, position, target);
    return {64, 64, focal, focal, 32, 32, view.c2w};
}

/// Twelve cameras around (1, 2, 3) at distance 2.5 and elevation 20 degrees.
std::vector<Camera> ring() {
    const Eigen::Vector3d center(1, 2, 3);
    std::vector<Camera> cameras;
    for (int i = 0; i < 12; ++i) {
        const double a = 30 * i * degree;
        const double e = 20 * degree;
        const Eigen::Vector3d offset(std::cos(e) * std::cos(a), std::cos(e) * std::sin(a), std::sin(e));
        cameras.push_back(camera_at(center + 2.5 * offset, center));
    }
    return cameras;
}

bool is_rotation(const Eigen::Matrix4d& pose) {
    const Eigen::Matrix3d r = pose.block<3, 3>(0, 0);
    return (r * r.transpose() - Eigen::Matrix3d::Identity()).norm() < 1e-12 &&
           std::abs(r.determinant() - 1) < 1e-12;
}

/// Right, down or forward of a viewpoint.
Eigen::Vector3d axis(const Viewpoint& view, int column) {
    return view.c2w.block<3, 1>(0, column);
}

/// Where a point appears in the image, in pixels.
Eigen::Vector2d project(const Camera& camera, const Eigen::Vector3d& point) {
    const Eigen::Vector3d p = camera.c2w.block<3, 3>(0, 0).transpose() * (point - camera.position());
    return {camera.fx * p.x() / p.z() + camera.cx, camera.fy * p.y() / p.z() + camera.cy};
}

TEST(Navigation, FrameAllFindsCentreDistanceAndElevationOfAnOrbit) {
    const auto cameras = ring();
    const Viewpoint view = frame_all(cameras);
    EXPECT_LT((view.center - Eigen::Vector3d(1, 2, 3)).norm(), 1e-9);
    EXPECT_NEAR(view.scale, 2.5, 1e-9);
    EXPECT_GT(view.up.z(), 0.999);
    EXPECT_NEAR(view.distance(), 2.5, 1e-9);
    // The ring has one elevation, and the view starts at the first camera's azimuth: it is that camera.
    EXPECT_LT((view.c2w - cameras[0].c2w).norm(), 1e-6);
    EXPECT_TRUE(is_rotation(view.c2w));
}

TEST(Navigation, FrameAllOfAFlatFrontLooksAlongTheMeanDirection) {
    std::vector<Camera> cameras;
    for (int i = -2; i <= 2; ++i) {
        const Eigen::Vector3d position(i, 0, 0.5);
        cameras.push_back(camera_at(position, position + Eigen::Vector3d(0, 1, 0)));
    }
    const Viewpoint view = frame_all(cameras);
    EXPECT_LT((view.position() - Eigen::Vector3d(0, 0, 0.5)).norm(), 1e-9);
    EXPECT_GT(view.camera(size64).forward().y(), 0.999);
    EXPECT_GT(view.center.y(), 0.1);
}

TEST(Navigation, FrameAllOfAPanoramaStaysInside) {
    std::vector<Camera> cameras;
    for (int i = 0; i < 8; ++i) {
        const double a = 45 * i * degree;
        const Eigen::Vector3d out(std::cos(a), std::sin(a), 0);
        cameras.push_back(camera_at(0.2 * out, 3 * out));
    }
    const Viewpoint view = frame_all(cameras);
    EXPECT_LT(view.position().norm(), 1e-9);
    EXPECT_TRUE(view.c2w.allFinite());
    EXPECT_TRUE(is_rotation(view.c2w));
}

TEST(Navigation, FrameAllTakesWhateverComes) {
    EXPECT_TRUE(frame_all({}).c2w.allFinite());
    EXPECT_NEAR(frame_all({}).camera(size64).fx, 64, 1e-12);
    const Camera one = camera_at({0, -3, 1}, {0, 0, 0});
    EXPECT_TRUE(is_rotation(frame_all(std::vector{one}).c2w));
    EXPECT_TRUE(is_rotation(frame_all(std::vector{one, one, one}).c2w));
}

TEST(Navigation, GoingToACameraReproducesItExactly) {
    Camera odd = camera_at({0.3, -2.1, 0.7}, {0.1, 0.2, 0});
    odd.c2w.block<3, 3>(0, 0) =
        Eigen::AngleAxisd(0.3, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
    odd.fx = 71.3;
    odd.fy = 70.9;
    odd.cx = 30.1;
    odd.cy = 33.3;
    const Viewpoint before = frame_all(ring());
    const Viewpoint view = go_to(before, odd);
    const Camera camera = view.camera(size64);
    EXPECT_EQ(camera.c2w, odd.c2w);
    EXPECT_EQ(camera.fx, odd.fx);
    EXPECT_EQ(camera.fy, odd.fy);
    EXPECT_EQ(camera.cx, odd.cx);
    EXPECT_EQ(camera.cy, odd.cy);
    EXPECT_TRUE(coincide(camera, odd));
    EXPECT_EQ(view.center, before.center);
    // Nothing that leaves the view alone may change it, or the comparison with the photo would end.
    EXPECT_EQ(orbit(view, 0, 0).c2w, odd.c2w);
    EXPECT_EQ(fly(view, {}, {}, 0.05).c2w, odd.c2w);
}

TEST(Navigation, SitsOnNoticesSmallDifferences) {
    const Camera camera = camera_at({0, -3, 1}, {0, 0, 0});
    Camera other = camera;
    EXPECT_TRUE(coincide(camera, other));
    other.c2w(0, 3) += 1e-6;
    EXPECT_FALSE(coincide(camera, other));
    other = camera;
    other.fx += 1e-3;
    EXPECT_FALSE(coincide(camera, other));
    other = camera;
    other.width = 128;
    EXPECT_FALSE(coincide(camera, other));
}

TEST(Navigation, LensKeepsTheFieldOfViewAtOtherSizes) {
    const Camera camera = camera_at({0, -3, 1}, {0, 0, 0}, 55);
    const Camera larger = make_camera(camera.c2w, lens_of(camera), {256, 256});
    EXPECT_LT((field_of_view(larger) - field_of_view(camera)).norm(), 1e-9);
    EXPECT_DOUBLE_EQ(larger.cx, 128);
    // A wider image of the same height sees the same upwards... unless it has to be covered: width decides.
    const Camera wide = make_camera(camera.c2w, lens_of(camera), {128, 64});
    EXPECT_NEAR(field_of_view(wide).x(), field_of_view(camera).x(), 1e-9);
    EXPECT_DOUBLE_EQ(wide.fx, 110);
    EXPECT_DOUBLE_EQ(wide.cy, 32);
}

TEST(Navigation, TypicalLensIsTheMeanFieldOfView) {
    const std::vector<Camera> cameras{camera_at({0, -3, 1}, {0, 0, 0}, 50),
                                      camera_at({0, -3, 1}, {0, 0, 0}, 90)};
    const double mean = (field_of_view(cameras[0]).x() + field_of_view(cameras[1]).x()) / 2;
    const Camera camera = make_camera(cameras[0].c2w, typical_lens(cameras), size64);
    EXPECT_NEAR(field_of_view(camera).x(), mean, 1e-9);
    EXPECT_DOUBLE_EQ(camera.cx, 32);
}

TEST(Navigation, NearestCameraWeighsPlaceAndDirection) {
    const auto cameras = ring();
    for (std::size_t i = 0; i < cameras.size(); ++i) {
        const auto nearest = nearest_camera(cameras, cameras[i], 2.5);
        ASSERT_TRUE(nearest);
        EXPECT_EQ(nearest->index, i);
        EXPECT_EQ(nearest->distance, 0);
        EXPECT_NEAR(nearest->angle_degrees, 0, 1e-6);
    }
    // Same place, other direction: the second looks where we look.
    const Camera here = camera_at({0, -3, 0}, {0, 0, 0});
    const std::vector<Camera> two{camera_at({0, -3, 0}, {-5, -3, 0}), camera_at({0.5, -3, 0}, {0, 0, 0})};
    const auto nearest = nearest_camera(two, here, 3);
    ASSERT_TRUE(nearest);
    EXPECT_EQ(nearest->index, 1U);
    EXPECT_NEAR(nearest->distance, 0.5, 1e-12);
    EXPECT_NEAR(nearest->angle_degrees, std::atan2(0.5, 3) / degree, 1e-6);
    EXPECT_FALSE(nearest_camera({}, here, 3));
    // Ties go to the lower index.
    EXPECT_EQ(nearest_camera(std::vector{here, here}, here, 3)->index, 0U);
}

TEST(Navigation, BetweenStartsAndEndsExactly) {
    const auto cameras = ring();
    const Viewpoint all = frame_all(cameras);
    const Viewpoint a = go_to(all, cameras[2]);
    const Viewpoint b = go_to(all, cameras[5]);
    EXPECT_EQ(between(a, b, 0).c2w, a.c2w);
    EXPECT_EQ(between(a, b, 1).c2w, b.c2w);
    const Viewpoint middle = between(a, b, 0.5);
    EXPECT_TRUE(is_rotation(middle.c2w));
    EXPECT_LT((middle.position() - (a.position() + b.position()) / 2).norm(), 1e-12);
}

TEST(OrbitCamera, KeepsDistanceAndWhereTheCentreAppears) {
    std::mt19937 random(7);
    std::uniform_real_distribution<double> angle(-0.6, 0.6);
    Viewpoint view = go_to(frame_all(ring()), ring()[3]);
    // Not looking at the centre exactly, as photos do.
    view.center += Eigen::Vector3d(0.2, -0.1, 0.15);
    const double distance = view.distance();
    const Eigen::Vector2d seen = project(view.camera(size64), view.center);
    for (int i = 0; i < 1000; ++i) {
        view = orbit(view, angle(random), angle(random));
        ASSERT_NEAR(view.distance(), distance, 1e-9) << i;
        ASSERT_TRUE(is_rotation(view.c2w)) << i;
        ASSERT_LT((project(view.camera(size64), view.center) - seen).norm(), 1e-6) << i;
    }
}

TEST(OrbitCamera, StopsBeforeThePolesAndStaysUpright) {
    Viewpoint view = frame_all(ring());
    for (int i = 0; i < 100; ++i) {
        view = orbit(view, 0.05, 0.3);
    }
    Eigen::Vector3d offset = (view.position() - view.center).normalized();
    EXPECT_NEAR(std::asin(offset.dot(view.up)) / degree, 89, 1e-6);
    for (int i = 0; i < 100; ++i) {
        view = orbit(view, 0.05, -0.3);
    }
    offset = (view.position() - view.center).normalized();
    EXPECT_NEAR(std::asin(offset.dot(view.up)) / degree, -89, 1e-6);
    EXPECT_NEAR(axis(view, 0).dot(view.up), 0, 1e-9);  // no roll
    EXPECT_GT(-axis(view, 1).dot(view.up), 0);         // not upside down
}

TEST(OrbitCamera, DirectionsAreAsDocumented) {
    const Viewpoint view = frame_all(ring());
    const Eigen::Vector3d right = axis(view, 0);
    EXPECT_GT((orbit(view, 0.1, 0).position() - view.position()).dot(right), 0);
    EXPECT_GT(orbit(view, 0, 0.1).position().dot(view.up), view.position().dot(view.up));
    const Viewpoint there_and_back = orbit(orbit(view, 0.4, 0.2), -0.4, -0.2);
    EXPECT_LT((there_and_back.c2w - view.c2w).norm(), 1e-9);
}

TEST(OrbitCamera, PanFollowsThePointer) {
    const Viewpoint view = frame_all(ring());
    // Pointer moved by 16 of 64 pixels to the right and 8 down: the old centre is seen there afterwards.
    const Viewpoint panned = pan(view, -16.0 / 64, -8.0 / 64);
    const Eigen::Vector2d before = project(view.camera(size64), view.center);
    const Eigen::Vector2d after = project(panned.camera(size64), view.center);
    EXPECT_LT((after - before - Eigen::Vector2d(16, 8)).norm(), 1e-9);
    EXPECT_NEAR(panned.distance(), view.distance(), 1e-12);
}

TEST(OrbitCamera, DollyScalesTheDistanceWithinLimits) {
    Viewpoint view = frame_all(ring());
    EXPECT_NEAR(dolly(view, 0.5).distance(), 1.25, 1e-9);
    EXPECT_EQ(dolly(view, 1).camera(size64).forward(), view.camera(size64).forward());
    for (int i = 0; i < 200; ++i) {
        view = dolly(view, 0.8);
    }
    EXPECT_NEAR(view.distance(), 0.025, 1e-9);
    for (int i = 0; i < 200; ++i) {
        view = dolly(view, 1.25);
    }
    EXPECT_NEAR(view.distance(), 250, 1e-6);
    EXPECT_EQ(dolly(view, std::nan("")).c2w, view.c2w);
    EXPECT_EQ(dolly(view, -1).c2w, view.c2w);
}

TEST(OrbitCamera, RecenterPutsTheCentreIntoTheMiddleOfTheImage) {
    Viewpoint view = frame_all(ring());
    view = fly(view, {.yaw = 0.4, .pitch = 0.1}, {}, 0);
    const Viewpoint centered = recenter(view);
    EXPECT_EQ(centered.c2w, view.c2w);
    EXPECT_LT((project(centered.camera(size64), centered.center) - Eigen::Vector2d(32, 32)).norm(), 1e-9);
}

TEST(FlyCamera, MovesAlongItsAxes) {
    const Viewpoint view = frame_all(ring());
    const double step = 0.5 * view.scale * 0.05;
    const auto moved = [&](const FlyInput& input) {
        return Eigen::Vector3d(fly(view, input, {0.5}, 0.05).position() - view.position());
    };
    EXPECT_LT((moved({.forward = 1}) - step * axis(view, 2)).norm(), 1e-12);
    EXPECT_LT((moved({.right = -1}) + step * axis(view, 0)).norm(), 1e-12);
    EXPECT_LT((moved({.up = 1}) - step * view.up).norm(), 1e-12);
    EXPECT_NEAR(moved({.forward = 1, .right = 1}).norm(), step, 1e-12);  // diagonal is not faster
    EXPECT_NEAR(moved({.forward = 1, .fast = true}).norm(), 4 * step, 1e-12);
    EXPECT_NEAR(moved({.forward = 0.5}).norm(), step / 2, 1e-12);
    // A stutter of two seconds is no jump.
    EXPECT_NEAR((fly(view, {.forward = 1}, {0.5}, 2).position() - view.position()).norm(), 2 * step, 1e-12);
}

TEST(FlyCamera, LooksAroundWithoutRollAndStopsAtThePoles) {
    Viewpoint view = frame_all(ring());
    const Eigen::Vector3d right = axis(view, 0);
    EXPECT_GT(axis(fly(view, {.yaw = 0.1}, {}, 0), 2).dot(right), 0);
    EXPECT_GT(axis(fly(view, {.pitch = 0.1}, {}, 0), 2).dot(view.up), axis(view, 2).dot(view.up));
    for (int i = 0; i < 200; ++i) {
        view = fly(view, {.yaw = 0.03, .pitch = 0.1}, {}, 0.01);
        ASSERT_TRUE(is_rotation(view.c2w));
        ASSERT_NEAR(axis(view, 0).dot(view.up), 0, 1e-9);
    }
    EXPECT_NEAR(std::asin(axis(view, 2).dot(view.up)) / degree, 89, 1e-6);
}

TEST(FlyCamera, WheelChangesTheSpeedWithinLimits) {
    EXPECT_DOUBLE_EQ(wheel({0.5}, 1).value, 0.625);
    EXPECT_NEAR(wheel(wheel({0.5}, 3), -3).value, 0.5, 1e-12);
    EXPECT_DOUBLE_EQ(wheel({0.5}, 100).value, 20);
    EXPECT_DOUBLE_EQ(wheel({0.5}, -100).value, 0.01);
}

TEST(Navigation, LevelTakesTheRollAwayOnly) {
    Viewpoint view = frame_all(ring());
    const Viewpoint straight = view;
    Eigen::Matrix3d rotation = view.c2w.block<3, 3>(0, 0);
    rotation = rotation * Eigen::AngleAxisd(0.5, Eigen::Vector3d::UnitZ());
    view.c2w.block<3, 3>(0, 0) = rotation;
    EXPECT_LT((level(view).c2w - straight.c2w).norm(), 1e-9);
}

Viewpoint somewhere() {
    return look_at(frame_all({}), {3, 0, 1}, {0, 0, 0});
}

TEST(Glide, TurnsByTheWholeAngleAndEnds) {
    Glide glide;
    EXPECT_FALSE(glide.advance(0).has_value());
    const Viewpoint from = somewhere();
    glide.orbit(from, 1.2, 0.1, 2, 10);
    ASSERT_TRUE(glide.active());
    EXPECT_TRUE(glide.advance(10)->c2w.isApprox(from.c2w, 1e-9));
    const auto half = glide.advance(11);
    ASSERT_TRUE(half.has_value());
    EXPECT_TRUE(half->c2w.isApprox(orbit(from, 0.6, 0.05).c2w, 1e-9));
    const auto end = glide.advance(12.5);
    ASSERT_TRUE(end.has_value());
    EXPECT_TRUE(end->c2w.isApprox(orbit(from, 1.2, 0.1).c2w, 1e-9));
    EXPECT_FALSE(glide.active());
    EXPECT_FALSE(glide.advance(13).has_value());
}

TEST(Glide, ReachesItsTargetExactly) {
    Glide glide;
    const Viewpoint from = somewhere();
    const Viewpoint target = orbit(from, 2, 0.3);
    glide.to(from, target, 1, 0);
    EXPECT_FALSE(glide.advance(0.5)->c2w.isApprox(target.c2w, 1e-3));
    EXPECT_EQ(glide.advance(1)->c2w, target.c2w);
    EXPECT_FALSE(glide.active());
    glide.to(from, target, 0, 5);
    EXPECT_EQ(glide.advance(5)->c2w, target.c2w);
}

TEST(FrameClock, IsHeldAndReleased) {
    FrameClock clock;
    const double real = clock.now();
    clock.hold(42);
    EXPECT_EQ(clock.now(), 42);
    clock.release();
    EXPECT_GE(clock.now(), real);
}

}  // namespace

}  // namespace lact::app
