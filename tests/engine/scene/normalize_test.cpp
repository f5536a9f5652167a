#include "engine/scene/normalize.h"

#include "tests/engine/scene/cameras.h"

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::poses;
using test::random_cameras;
using test::rigidity_error;
using test::ring;

SceneFiles scene_of(const std::vector<Camera>& cameras, const std::string& format = "transforms-json") {
    SceneFiles scene;
    scene.format = format;
    for (const Camera& camera : cameras) {
        scene.views.push_back({"photo.png", std::nullopt, camera, {}});
    }
    return scene;
}

/// The same cameras in another frame: turned, scaled and shifted.
std::vector<Camera> moved(std::vector<Camera> cameras, double scale) {
    const Eigen::Matrix3d turn = Eigen::Quaterniond(0.3, -0.5, 0.7, 0.2).normalized().toRotationMatrix();
    for (Camera& camera : cameras) {
        camera.c2w.block<3, 3>(0, 0) = turn * camera.c2w.block<3, 3>(0, 0);
        camera.c2w.block<3, 1>(0, 3) = scale * (turn * camera.position()) + Eigen::Vector3d(40, -7, 12);
    }
    return cameras;
}

TEST(Normalization, NamesAreReadAndWritten) {
    for (const char* name : {"auto", "none", "mean-pose", "object"}) {
        const auto value = parse_normalization(name);
        ASSERT_TRUE(value) << name;
        EXPECT_EQ(to_string(*value), name);
    }
    const auto wrong = parse_normalization("mean");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().message().find("'mean'"), std::string::npos);
}

TEST(MeetingOfAxes, IsTheCommonPoint) {
    const Eigen::Vector3d center(3, -1, 2);
    const auto meeting = meeting_of_axes(poses(ring(7, 200, 30, 2.5, center)));
    EXPECT_LT((meeting.point - center).norm(), 1e-9);
    EXPECT_NEAR(meeting.rms_distance, 0, 1e-9);
    EXPECT_NEAR(meeting.mean_camera_distance, 2.5, 1e-9);
    EXPECT_NEAR(meeting.ratio(), 0, 1e-9);
}

TEST(MeetingOfAxes, OfTwoSkewLinesIsHalfWay) {
    const std::vector<Camera> skew{test::camera_at({-2, 0, 0}, {0, 0, 0}),
                                   test::camera_at({0, -2, 1}, {0, 0, 1})};
    const auto meeting = meeting_of_axes(poses(skew));
    EXPECT_LT((meeting.point - Eigen::Vector3d(0, 0, 0.5)).norm(), 1e-12);
    EXPECT_NEAR(meeting.rms_distance, 0.5, 1e-12);
    EXPECT_NEAR(meeting.mean_camera_distance, std::sqrt(4.25), 1e-12);
}

TEST(MeetingOfAxes, ParallelAxesMeetNowhere) {
    const std::vector<Camera> parallel{test::camera_at({0, 0, 0}, {0, 5, 0}),
                                       test::camera_at({1, 0, 0}, {1, 5, 0})};
    EXPECT_TRUE(std::isinf(meeting_of_axes(poses(parallel)).ratio()));
    EXPECT_TRUE(std::isinf(meeting_of_axes(poses(random_cameras(1, 4))).ratio()));
    EXPECT_TRUE(std::isinf(meeting_of_axes({}).ratio()));
}

TEST(NormalizeObject, RecoversAnObjectFromAnyFrame) {
    const auto original = ring(12, 360, 20, 2.66);
    const auto normalized = normalize_object(poses(moved(original, 31.0)), 2.66);
    // The azimuth of the whole is free: compare heights, distances and what lies between cameras.
    for (std::size_t i = 0; i < original.size(); ++i) {
        const Eigen::Vector3d position = normalized[i].block<3, 1>(0, 3);
        EXPECT_NEAR(position.norm(), 2.66, 1e-9);
        EXPECT_NEAR(position.z(), original[i].position().z(), 1e-9);
        EXPECT_LT(rigidity_error(normalized[i]), 1e-9);
        const Eigen::Vector3d first = normalized[0].block<3, 1>(0, 3);
        EXPECT_NEAR((position - first).norm(), (original[i].position() - original[0].position()).norm(),
                    1e-9);
    }
}

TEST(NormalizeObject, TurnsAnUpsideDownObjectOver) {
    auto cameras = ring(6, 360, 20, 2);
    for (Camera& camera : cameras) {
        camera.c2w = Eigen::DiagonalMatrix<double, 4>(1, -1, -1, 1) * camera.c2w;
    }
    for (const Eigen::Matrix4d& pose : normalize_object(poses(cameras), 1)) {
        EXPECT_LT(pose(2, 1), 0);  // Its y axis points down.
        EXPECT_LT(rigidity_error(pose), 1e-9);
    }
}

TEST(NormalizeMeanPose, CentresScalesAndKeepsShapes) {
    const auto cameras = random_cameras(9, 11);
    const auto normalized = normalize_mean_pose(poses(cameras));
    Eigen::Vector3d mean = Eigen::Vector3d::Zero();
    double largest = 0;
    for (const auto& pose : normalized) {
        mean += pose.block<3, 1>(0, 3);
        largest = std::max(largest, pose.block<3, 1>(0, 3).cwiseAbs().maxCoeff());
        EXPECT_LT(rigidity_error(pose), 1e-9);
    }
    EXPECT_LT(mean.norm(), 1e-9);
    EXPECT_NEAR(largest, 1, 1e-12);
}

TEST(NormalizeMeanPose, DoesNotDependOnTheFrame) {
    const auto cameras = random_cameras(9, 11);
    const auto here = normalize_mean_pose(poses(cameras));
    const auto there = normalize_mean_pose(poses(moved(cameras, 5.0)));
    for (std::size_t i = 0; i < here.size(); ++i) {
        EXPECT_LT((here[i] - there[i]).cwiseAbs().maxCoeff(), 1e-9);
    }
}

TEST(NormalizeMeanPose, StaysFiniteWhereTheMeanHasNoDirection) {
    const auto level_ring = ring(8, 360, 0, 2);  // The forward axes cancel out.
    for (const auto& cameras : {level_ring, random_cameras(1, 1), std::vector<Camera>(3, level_ring[0])}) {
        for (const auto& pose : normalize_mean_pose(poses(cameras))) {
            EXPECT_TRUE(pose.allFinite());
            EXPECT_LT(rigidity_error(pose), 1e-9);
        }
    }
    EXPECT_TRUE(normalize_mean_pose({}).empty());
}

TEST(ChooseNormalization, LactScenesAreLeftAlone) {
    const auto choice =
        choose_normalization(scene_of(ring(8, 360, 20, 2), "lact-json"), Normalization::automatic);
    EXPECT_EQ(choice.normalization, Normalization::none);
    EXPECT_NE(choice.reason.find("LaCT"), std::string::npos);
}

TEST(ChooseNormalization, MeetingAxesAreAnObject) {
    const auto choice = choose_normalization(scene_of(ring(8, 360, 20, 2)), Normalization::automatic);
    EXPECT_EQ(choice.normalization, Normalization::object);
    EXPECT_NE(choice.reason.find("0.000"), std::string::npos) << choice.reason;
}

TEST(ChooseNormalization, TheLimitIsThreeTenths) {
    // Axes that pass the z axis at distance d from a ring of radius 1, all turned the same way: ratio d.
    for (const double d : {0.29, 0.31}) {
        std::vector<Camera> cameras;
        for (const Camera& camera : ring(8, 360, 0, 1)) {
            const Eigen::Vector3d aside = camera.c2w.block<3, 1>(0, 0);
            // The axis is tangent to a circle of radius d around the origin.
            const Eigen::Vector3d tangent = d * (d * camera.position() + std::sqrt(1 - d * d) * aside);
            cameras.push_back(test::camera_at(camera.position(), tangent));
        }
        const auto choice = choose_normalization(scene_of(cameras), Normalization::automatic);
        EXPECT_EQ(choice.normalization, d < 0.3 ? Normalization::object : Normalization::mean_pose)
            << choice.reason;
        EXPECT_NE(choice.reason.find(d < 0.3 ? "0.290" : "0.310"), std::string::npos) << choice.reason;
    }
}

TEST(ChooseNormalization, ParallelAxesAndPanoramasAreNoObjects) {
    const std::vector<Camera> parallel{test::camera_at({0, 0, 0}, {0, 5, 0}),
                                       test::camera_at({1, 0, 0}, {1, 5, 0})};
    std::vector<Camera> panorama;
    for (const Camera& camera : ring(8, 360, 0, 1)) {
        panorama.push_back(test::camera_at(camera.position(), 2 * camera.position()));
    }
    for (const auto& cameras : {parallel, panorama}) {
        const auto choice = choose_normalization(scene_of(cameras), Normalization::automatic);
        EXPECT_EQ(choice.normalization, Normalization::mean_pose) << choice.reason;
    }
}

TEST(ChooseNormalization, WhatIsAskedForIsDone) {
    const auto choice =
        choose_normalization(scene_of(ring(8, 360, 20, 2), "lact-json"), Normalization::object);
    EXPECT_EQ(choice.normalization, Normalization::object);
}

TEST(Normalize, ReplacesThePosesOfTheScene) {
    SceneFiles scene = scene_of(ring(8, 360, 20, 7));
    normalize(scene, Normalization::none, 2.5);
    EXPECT_NEAR(scene.views[3].camera.position().norm(), 7, 1e-9);
    normalize(scene, Normalization::automatic, 2.5);
    EXPECT_NEAR(scene.views[3].camera.position().norm(), 2.5, 1e-9);
    SceneFiles empty;
    normalize(empty, Normalization::mean_pose, 2.5);
    EXPECT_TRUE(empty.views.empty());
}

}  // namespace
}  // namespace lact
