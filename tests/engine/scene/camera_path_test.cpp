#include "engine/scene/camera_path.h"

#include "tests/engine/scene/cameras.h"

#include <algorithm>
#include <numeric>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::camera_at;
using test::random_cameras;
using test::rigidity_error;
using test::ring;

double angle_between(const Camera& a, const Camera& b) {
    const Eigen::Matrix3d turn = a.c2w.block<3, 3>(0, 0).transpose() * b.c2w.block<3, 3>(0, 0);
    return Eigen::AngleAxisd(turn).angle();
}

TEST(ThroughCameras, RotationsAreRotations) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        for (const Camera& camera : through_cameras(random_cameras(9, seed), 101)) {
            EXPECT_LT(rigidity_error(camera.c2w), 1e-12);
        }
    }
}

TEST(ThroughCameras, BeginsAndEndsAtTheFirstAndLastCamera) {
    const auto cameras = random_cameras(7, 3);
    const auto order = near_order(cameras);
    const auto path = through_cameras(cameras, 50);
    ASSERT_EQ(path.size(), 50U);
    EXPECT_LT((path.front().c2w - cameras[0].c2w).cwiseAbs().maxCoeff(), 1e-9);
    EXPECT_LT((path.back().c2w - cameras[order.back()].c2w).cwiseAbs().maxCoeff(), 1e-9);
}

TEST(ThroughCameras, ComesByEveryCamera) {
    const auto cameras = random_cameras(8, 5);
    const auto path = through_cameras(cameras, 4000);
    for (const Camera& camera : cameras) {
        const auto nearest =
            std::min_element(path.begin(), path.end(), [&](const Camera& a, const Camera& b) {
                return (a.c2w - camera.c2w).norm() < (b.c2w - camera.c2w).norm();
            });
        EXPECT_LT((nearest->c2w - camera.c2w).norm(), 0.01);
    }
}

TEST(ThroughCameras, TakesTheShorterWayRound) {
    const std::vector<Camera> two{camera_at({0, 0, 0}, {1, 0, 0}), camera_at({1, 0, 0}, {1, 1, 0})};
    const auto path = through_cameras(two, 11);
    for (std::size_t i = 1; i < path.size(); ++i) {
        EXPECT_NEAR(angle_between(path[i - 1], path[i]), 9 * test::radians, 1e-9);
    }
}

TEST(ThroughCameras, MovesEvenlyAlongALine) {
    std::vector<Camera> line;
    for (const double x : {0.0, 1.0, 4.0, 9.0}) {
        line.push_back(camera_at({x, 0, 0}, {x, 1, 0}));
    }
    line.back().fx = 100;
    const auto path = through_cameras(line, 10);
    for (int i = 0; i < 10; ++i) {
        EXPECT_NEAR(path[static_cast<std::size_t>(i)].position().x(), i, 1e-9);
    }
    EXPECT_NEAR(path[4].fx, 70, 1e-9);
    EXPECT_NEAR(path[9].fx, 100, 1e-9);
}

TEST(ThroughCameras, CopesWithOneCameraNoneAndEqualOnes) {
    EXPECT_TRUE(through_cameras({}, 5).empty());
    EXPECT_TRUE(through_cameras(random_cameras(3, 1), 0).empty());
    EXPECT_EQ(through_cameras(random_cameras(3, 1), 1).size(), 1U);
    EXPECT_EQ(through_cameras(random_cameras(1, 1), 4).size(), 4U);
    const std::vector<Camera> same(3, camera_at({1, 2, 3}, {0, 0, 0}));
    for (const Camera& camera : through_cameras(same, 7)) {
        EXPECT_LT((camera.c2w - same[0].c2w).cwiseAbs().maxCoeff(), 1e-9);
    }
}

TEST(NearOrder, IsAPermutationThatStartsAtTheFirstCamera) {
    for (unsigned seed = 0; seed < 10; ++seed) {
        const auto order = near_order(random_cameras(25, seed));
        EXPECT_EQ(order.front(), 0U);
        EXPECT_EQ(std::set<std::size_t>(order.begin(), order.end()).size(), 25U);
    }
    EXPECT_TRUE(near_order({}).empty());
}

TEST(NearOrder, PutsAShuffledLineInOrder) {
    std::vector<Camera> line;
    line.reserve(30);
    for (int i = 0; i < 30; ++i) {
        line.push_back(camera_at({0.1 * i, 0, 0}, {0.1 * i, 1, 0}));
    }
    std::shuffle(line.begin() + 1, line.end(), std::mt19937(7));
    const auto order = near_order(line);
    for (std::size_t i = 0; i < 30; ++i) {
        EXPECT_NEAR(line[order[i]].position().x(), 0.1 * static_cast<double>(i), 1e-12);
    }
}

TEST(NearOrder, OrdersCamerasOnOneSpotByWhereTheyMode) {
    std::vector<Camera> panorama;
    for (const double degrees : {0.0, 40.0, 10.0, 30.0, 20.0}) {
        panorama.push_back(
            camera_at({0, 0, 0}, {std::cos(degrees * test::radians), std::sin(degrees * test::radians), 0}));
    }
    EXPECT_EQ(near_order(panorama), (std::vector<std::size_t>{0, 2, 4, 3, 1}));
}

TEST(Orbit, OfARingIsThatRing) {
    const Eigen::Vector3d center(1, -2, 0.5);
    const auto cameras = ring(8, 360, 25, 3, center);
    const auto path = orbit(cameras, 16, {64, 48});
    ASSERT_EQ(path.size(), 16U);
    for (std::size_t i = 0; i < 8; ++i) {
        EXPECT_LT((path[2 * i].c2w - cameras[i].c2w).cwiseAbs().maxCoeff(), 1e-9);
    }
    EXPECT_NEAR(path[3].fx, 70, 1e-9);
    EXPECT_NEAR(path[3].cy, 23, 1e-9);
}

TEST(Orbit, IsClosedAndSmooth) {
    for (const double degrees : {360.0, 90.0}) {
        const auto path = orbit(ring(6, degrees, 10, 2), 120, {32, 32});
        double longest = 0;
        for (std::size_t i = 0; i < path.size(); ++i) {
            const Camera& next = path[(i + 1) % path.size()];
            EXPECT_LT(rigidity_error(path[i].c2w), 1e-12);
            longest = std::max(longest, (path[i].position() - next.position()).norm());
            EXPECT_EQ(path[i].width, 32);
        }
        EXPECT_LT(longest, 1.05 * 2 * 2 * std::numbers::pi / 120);
    }
}

TEST(Orbit, StaysWithinTheSideThatWasPhotographed) {
    const auto cameras = ring(6, 90, 0, 2);  // Azimuths 0 to 75 degrees.
    double least = 1e9;
    double most = -1e9;
    for (const Camera& camera : orbit(cameras, 200, {64, 48})) {
        const double azimuth = std::atan2(camera.position().y(), camera.position().x()) / test::radians;
        least = std::min(least, azimuth);
        most = std::max(most, azimuth);
    }
    EXPECT_NEAR(least, 0, 0.5);
    EXPECT_NEAR(most, 75, 0.5);
}

TEST(Orbit, CopesWithCamerasWhoseAxesDoNotMeet) {
    const std::vector<Camera> parallel{camera_at({0, 0, 0}, {0, 5, 0}), camera_at({1, 0, 0}, {1, 5, 0})};
    std::vector<Camera> panorama = ring(5, 360, 0, 1);
    for (Camera& camera : panorama) {
        camera.c2w.block<3, 1>(0, 0) *= -1;
        camera.c2w.block<3, 1>(0, 2) *= -1;
    }
    for (const auto& cameras : {parallel, panorama, random_cameras(1, 2), random_cameras(6, 2)}) {
        for (const Camera& camera : orbit(cameras, 12, {64, 48})) {
            EXPECT_TRUE(camera.c2w.allFinite());
            EXPECT_LT(rigidity_error(camera.c2w), 1e-9);
        }
    }
}

TEST(ReleasedPaths, TheTurntableLooksAtTheOriginFromItsRadii) {
    const auto path = released_turntable(120, {256, 256});
    ASSERT_EQ(path.size(), 120U);
    for (const Camera& camera : path) {
        const double radius = camera.position().norm();
        EXPECT_GE(radius, 1.7 - 1e-9);
        EXPECT_LE(radius, 3.0 + 1e-9);
        EXPECT_LT((camera.forward() + camera.position() / radius).norm(), 1e-12);
        EXPECT_LT(rigidity_error(camera.c2w), 1e-12);
    }
    EXPECT_EQ(released_turntable(1, {8, 8}).size(), 1U);
    EXPECT_TRUE(released_turntable(1, {8, 8})[0].c2w.allFinite());
}

TEST(ReleasedPaths, InterpolationIsLinearInEveryEntry) {
    const auto cameras = random_cameras(3, 9);
    const auto path = released_interpolation(cameras, 2);
    ASSERT_EQ(path.size(), 7U);
    const Eigen::Matrix4d expected = cameras[0].c2w * (2.0 / 3) + cameras[1].c2w / 3;
    EXPECT_LT((path[1].c2w - expected).cwiseAbs().maxCoeff(), 1e-12);
    EXPECT_EQ(path[3].c2w, cameras[1].c2w);
    EXPECT_EQ(path[6].c2w, cameras[2].c2w);
    EXPECT_TRUE(released_interpolation({}, 2).empty());
}

TEST(MakePath, EveryKindGivesTheFramesAndTheSize) {
    const auto cameras = ring(5, 360, 20, 2);
    for (const char* name : {"orbit", "release", "inputs"}) {
        const auto kind = parse_path_kind(name);
        ASSERT_TRUE(kind) << name;
        const auto path = make_path(*kind, cameras, 9, {32, 24});
        ASSERT_EQ(path.size(), 9U) << name;
        for (const Camera& camera : path) {
            EXPECT_EQ(camera.width, 32) << name;
            EXPECT_EQ(camera.height, 24) << name;
        }
    }
    EXPECT_FALSE(parse_path_kind("spiral"));
}

}  // namespace
}  // namespace lact
