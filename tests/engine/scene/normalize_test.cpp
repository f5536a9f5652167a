#include "engine/scene/normalize.h"

#include "tests/engine/scene/cameras.h"
#include "tests/support/temporary_folder.h"

#include <string>

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

/// The files of captures hold the poses of the capture; the released code normalises them.
TEST(ChooseNormalization, LactScenesThatDoNotLookAtTheOriginAreNormalised) {
    std::vector<Camera> outwards;
    std::vector<Camera> parallel;
    for (const Camera& camera : ring(8, 360, 20, 2)) {
        outwards.push_back(test::camera_at(camera.position(), 2 * camera.position()));
        parallel.push_back(test::camera_at(camera.position(), camera.position() + Eigen::Vector3d(0, 5, 0)));
    }
    const test::TemporaryFolder folder;
    (void)folder.file("generated.json", "{}");
    for (const auto& [cameras, expected] :
         {std::pair{ring(8, 360, 20, 2, {0, 0.09, 0}), Normalization::none},
          std::pair{ring(8, 360, 20, 2, {0, 0.11, 0}), Normalization::mean_pose},
          std::pair{moved(ring(8, 360, 20, 2), 3), Normalization::mean_pose},
          std::pair{outwards, Normalization::mean_pose}, std::pair{parallel, Normalization::mean_pose}}) {
        SceneFiles scene = scene_of(cameras, "lact-json");
        const auto choice = choose_normalization(scene, Normalization::automatic);
        EXPECT_EQ(choice.normalization, expected) << choice.reason;
        EXPECT_NE(choice.reason.find("look at the origin"), std::string::npos) << choice.reason;
        scene.folder = folder.path();
        EXPECT_EQ(choose_normalization(scene, Normalization::automatic).normalization, Normalization::none)
            << "a generated scene";
    }
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

/// A camera that a registration got wrong.
struct Outlier {
    std::string name;
    Camera camera;
    OutlyingCamera::Kind kind;
};

std::vector<Outlier> outliers() {
    Camera behind = test::camera_at({1.9, 1.6, 0.9}, {0, 0, 0});
    behind.c2w.block<3, 3>(0, 0) =
        test::camera_at({1.9, 1.6, 0.9}, {1.9 + 1.6, 1.6 - 1.9, 3}).c2w.block<3, 3>(0, 0);
    return {{"far", test::camera_at({1000, -1000, 2}, {0, 0, 0}), OutlyingCamera::Kind::far},
            {"very far, looking away", test::camera_at({0, 1e8, 0}, {0, 2e8, 5}), OutlyingCamera::Kind::far},
            {"far and upside down", test::camera_at({60, 0, -40}, {0, 0, 0}, {0, 0, -1}),
             OutlyingCamera::Kind::far},
            {"turned", behind, OutlyingCamera::Kind::turned}};
}

/// The inliers come out to the bit as in a scene without the outlier.
TEST(OutlyingCameras, DoNotMoveAnyOther) {
    const std::vector<Camera> good = ring(9, 300, 25, 2.5);
    const auto object = normalize_object(poses(good), 2.66);
    const auto mean = normalize_mean_pose(poses(good));
    const AxesMeeting meeting = meeting_of_axes(poses(good));
    for (const Outlier& outlier : outliers()) {
        for (const std::size_t place : {0U, 4U, 9U}) {
            SCOPED_TRACE(outlier.name + " at " + std::to_string(place));
            std::vector<Camera> cameras = good;
            cameras.insert(cameras.begin() + static_cast<std::ptrdiff_t>(place), outlier.camera);
            const auto found = outlying_cameras(poses(cameras));
            ASSERT_EQ(found.size(), 1U);
            EXPECT_EQ(found[0].index, place);
            EXPECT_EQ(found[0].kind, outlier.kind);
            EXPECT_EQ(meeting_of_axes(poses(cameras)).point, meeting.point);
            EXPECT_EQ(meeting_of_axes(poses(cameras)).mean_camera_distance, meeting.mean_camera_distance);
            auto object_with = normalize_object(poses(cameras), 2.66);
            auto mean_with = normalize_mean_pose(poses(cameras));
            EXPECT_LT(rigidity_error(object_with[place]), 1e-9);
            object_with.erase(object_with.begin() + static_cast<std::ptrdiff_t>(place));
            mean_with.erase(mean_with.begin() + static_cast<std::ptrdiff_t>(place));
            EXPECT_EQ(object_with, object);
            EXPECT_EQ(mean_with, mean);
            const auto choice = choose_normalization(scene_of(cameras), Normalization::automatic);
            EXPECT_EQ(choice.normalization, Normalization::object) << choice.reason;
        }
    }
}

TEST(OutlyingCameras, AreFewOrNone) {
    // Eight in one place and a second group far away: a part of the capture if it is large.
    for (const int away : {1, 2, 3, 4}) {
        std::vector<Camera> cameras = ring(8, 360, 20, 1);
        for (int i = 0; i < away; ++i) {
            cameras.push_back(test::camera_at({30.0 + i, 0, 0}, {0, 0, 0}));
        }
        const auto expected = 4 * away <= 8 + away ? away : 0;
        EXPECT_EQ(outlying_cameras(poses(cameras)).size(), static_cast<std::size_t>(expected)) << away;
    }
    EXPECT_TRUE(outlying_cameras({}).empty());
    EXPECT_TRUE(outlying_cameras(poses({ring(2, 90, 0, 1)[0], ring(2, 90, 0, 1)[1],
                                        test::camera_at({500, 0, 0}, {0, 0, 0})}))
                    .empty())
        << "of three cameras none is in the minority for sure";
}

TEST(OutlyingCameras, OrdinaryCapturesHaveNone) {
    std::vector<Camera> panorama;
    std::vector<Camera> front;
    std::vector<Camera> corridor;
    for (int i = 0; i < 12; ++i) {
        const double angle = 30.0 * i * test::radians;
        panorama.push_back(test::camera_at({0, 0, 0}, {std::cos(angle), std::sin(angle), 0}));
        front.push_back(test::camera_at({0.1 * i, 0, 0.05 * (i % 3)}, {0.1 * i, 9, 0}));
        corridor.push_back(test::camera_at({0, 1.0 * i, 0}, {0.3 * (i % 2) - 0.15, 1.0 * i + 3, 0}));
    }
    std::vector<Camera> two_rings = ring(10, 360, 20, 1);
    for (const Camera& camera : ring(10, 360, 40, 6)) {
        two_rings.push_back(camera);
    }
    for (const auto& cameras : {panorama, front, corridor, two_rings, ring(8, 360, 0, 2),
                                random_cameras(40, 3), std::vector<Camera>(6, front[0])}) {
        EXPECT_TRUE(outlying_cameras(poses(cameras)).empty());
        EXPECT_EQ(inlying_poses(poses(cameras)), poses(cameras));
    }
}

TEST(NormalizeObject, CamerasThatLookStraightDownHaveUpAgainstTheirView) {
    // Above the object, the top of each photo in another direction: the up axes cancel.
    std::vector<Camera> cameras;
    for (int i = 0; i < 8; ++i) {
        const double angle = 45.0 * i * test::radians;
        cameras.push_back(test::camera_at({0.3 * std::cos(angle), 0.3 * std::sin(angle), 2}, {0, 0, 0},
                                          {std::cos(angle), std::sin(angle), 0}));
        cameras.back().c2w.block<3, 3>(0, 0) =
            test::camera_at({0, 0, 2}, {0, 0, 0}, {std::cos(angle), std::sin(angle), 0})
                .c2w.block<3, 3>(0, 0);
    }
    for (const auto& set : {cameras, moved(cameras, 3)}) {
        for (const auto& pose : normalize_object(poses(set), 1)) {
            EXPECT_LT(pose(2, 2), -0.999);  // Looks down.
            EXPECT_LT(rigidity_error(pose), 1e-9);
        }
    }
}

}  // namespace
}  // namespace lact
