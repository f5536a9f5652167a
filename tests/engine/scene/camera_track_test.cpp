#include "engine/scene/camera_track.h"

#include "tests/engine/scene/cameras.h"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::camera_at;
using test::random_cameras;
using test::rigidity_error;
using test::ring;

CameraTrack track_through(const std::vector<Camera>& cameras, double step = 1) {
    CameraTrack track;
    double time = 3;
    for (const Camera& camera : cameras) {
        track.keys.push_back({time, track_pose_of(camera), Easing::smooth});
        time += step;
    }
    return track;
}

/// Keys at uneven times with random poses and angles of view.
CameraTrack random_track(unsigned seed, bool loop = false) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> uniform(0.2, 2.0);
    CameraTrack track = track_through(random_cameras(7, seed));
    double time = -1;
    for (CameraKey& key : track.keys) {
        time += uniform(generator);
        key.time = time;
        key.pose.fov_y = 30 * uniform(generator);
    }
    track.loop = loop;
    track.loop_seconds = 0.8;
    return track;
}

TrackEvaluator evaluator(const CameraTrack& track) {
    auto made = TrackEvaluator::make(track);
    EXPECT_TRUE(made) << made.error().message();
    return std::move(*made);
}

double pose_difference(const TrackPose& a, const TrackPose& b) {
    return std::max((a.c2w - b.c2w).cwiseAbs().maxCoeff(), std::abs(a.fov_y - b.fov_y) * test::radians);
}

/// Change a second of pose entries and test::radians, by differences to one side.
std::pair<Eigen::Matrix4d, double> rate(const TrackEvaluator& track, double time, double step) {
    const TrackPose a = track.at(time);
    const TrackPose b = track.at(time + step);
    return {(b.c2w - a.c2w) / step, (b.fov_y - a.fov_y) * test::radians / step};
}

TEST(CameraTrack, PassesEveryKeyExactly) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const CameraTrack track = random_track(seed, seed % 2 == 1);
        const TrackEvaluator flown = evaluator(track);
        for (const CameraKey& key : track.keys) {
            EXPECT_EQ(pose_difference(flown.at(key.time), key.pose), 0) << seed;
            // Not by the exception for the very moment alone.
            EXPECT_LT(pose_difference(flown.at(std::nextafter(key.time, 1e9)), key.pose), 1e-9) << seed;
            EXPECT_LT(pose_difference(flown.at(std::nextafter(key.time, -1e9)), key.pose), 1e-9) << seed;
        }
    }
}

TEST(CameraTrack, TheLeastAndTheLargestAngleOfACameraAreAllowed) {
    for (const double fov : {least_fov_y, largest_fov_y}) {
        for (int height = 32; height < 1056; ++height) {  // Each rounds in its own way.
            Camera camera;
            camera.width = camera.height = height;
            camera.fx = camera.fy = 0.5 * height / std::tan(0.5 * fov * test::radians);
            CameraTrack track;
            track.keys.push_back({0, track_pose_of(camera), Easing::smooth});
            const auto allowed = check_track(track);
            ASSERT_TRUE(allowed.has_value()) << allowed.error().message();
        }
    }
}

TEST(CameraTrack, PosesAreRigidEverywhere) {
    const TrackEvaluator flown = evaluator(random_track(4));
    for (int i = 0; i <= 500; ++i) {
        const TrackPose pose = flown.at(flown.start() + flown.duration() * i / 500);
        EXPECT_LT(rigidity_error(pose.c2w), 1e-12);
    }
}

TEST(CameraTrack, SpeedIsContinuousAtTheKeysInside) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        const CameraTrack track = random_track(seed, seed % 2 == 1);
        const TrackEvaluator flown = evaluator(track);
        const std::size_t first = track.loop ? 0 : 1;
        const std::size_t last = track.loop ? track.keys.size() : track.keys.size() - 1;
        for (std::size_t i = first; i < last; ++i) {
            constexpr double step = 1e-6;
            const double time = track.keys[i].time;
            const auto before = rate(flown, time, -step);
            const auto after = rate(flown, time, step);
            EXPECT_LT((before.first - after.first).cwiseAbs().maxCoeff(), 2e-3) << seed << " " << i;
            EXPECT_NEAR(before.second, after.second, 2e-3) << seed << " " << i;
        }
    }
}

TEST(CameraTrack, ASplineOfARingStaysOnIt) {
    CameraTrack track = track_through(ring(12, 360, 20, 3));
    track.loop = true;
    const TrackEvaluator flown = evaluator(track);
    EXPECT_DOUBLE_EQ(flown.duration(), 12);
    for (int i = 0; i < 240; ++i) {
        const TrackPose pose = flown.at(3 + 12.0 * i / 240);
        const Camera exact = test::ring(240, 360, 20, 3)[static_cast<std::size_t>(i)];
        EXPECT_LT((pose.c2w - exact.c2w).cwiseAbs().maxCoeff(), 0.01);
    }
}

TEST(CameraTrack, ALoopClosesAndGoesOnForEver) {
    const CameraTrack track = random_track(8, true);
    const TrackEvaluator flown = evaluator(track);
    const double period = track.keys.back().time - track.keys.front().time + 0.8;
    EXPECT_NEAR(flown.duration(), period, 1e-12);
    EXPECT_EQ(pose_difference(flown.at(flown.start() + flown.duration()), track.keys.front().pose), 0);
    for (const double time : {0.1, 1.7, 3.3}) {
        EXPECT_LT(pose_difference(flown.at(time), flown.at(time + period)), 1e-9);
        EXPECT_LT(pose_difference(flown.at(time), flown.at(time - 3 * period)), 1e-9);
    }
}

TEST(CameraTrack, StaysAtItsEndsOutside) {
    const CameraTrack track = random_track(2);
    const TrackEvaluator flown = evaluator(track);
    EXPECT_EQ(pose_difference(flown.at(-100), track.keys.front().pose), 0);
    EXPECT_EQ(pose_difference(flown.at(100), track.keys.back().pose), 0);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(pose_difference(flown.at(infinity), track.keys.back().pose), 0);
    EXPECT_TRUE(flown.at(std::nan("")).c2w.allFinite());
    EXPECT_TRUE(evaluator(random_track(2, true)).at(infinity).c2w.allFinite());
}

TEST(CameraTrack, OneKeyIsAPlaceToStand) {
    for (const bool loop : {false, true}) {
        CameraTrack track = track_through(random_cameras(1, 3));
        track.loop = loop;
        track.constant_speed = loop;
        const TrackEvaluator flown = evaluator(track);
        EXPECT_EQ(flown.duration(), 0);
        EXPECT_EQ(flown.length(), 0);
        for (const double time : {-1.0, 3.0, 50.0}) {
            EXPECT_EQ(pose_difference(flown.at(time), track.keys[0].pose), 0);
        }
    }
}

TEST(CameraTrack, TwoKeysAreJoinedStraightAndEvenly) {
    CameraTrack track = track_through({camera_at({0, 0, 0}, {1, 0, 0}), camera_at({2, 0, 0}, {2, 1, 0})}, 10);
    track.keys[1].pose.fov_y = track.keys[0].pose.fov_y;
    const TrackEvaluator flown = evaluator(track);
    for (int i = 0; i <= 10; ++i) {
        const TrackPose pose = flown.at(3 + i);
        EXPECT_LT((pose.c2w.block<3, 1>(0, 3) - Eigen::Vector3d(0.2 * i, 0, 0)).norm(), 1e-12);
        const Eigen::Vector3d forward = pose.c2w.block<3, 1>(0, 2);
        EXPECT_NEAR(std::atan2(forward.y(), forward.x()), 9 * i * test::radians, 1e-12);
    }
}

TEST(CameraTrack, ConstantSpeedMakesEqualSteps) {
    for (const bool loop : {false, true}) {
        CameraTrack track = random_track(11, loop);
        track.constant_speed = true;
        const TrackEvaluator flown = evaluator(track);
        constexpr int steps = 40000;
        double shortest = 1e9;
        double longest = 0;
        double sum = 0;
        Eigen::Vector3d last = flown.at(flown.start()).c2w.block<3, 1>(0, 3);
        for (int i = 1; i <= steps; ++i) {
            const Eigen::Vector3d here =
                flown.at(flown.start() + flown.duration() * i / steps).c2w.block<3, 1>(0, 3);
            shortest = std::min(shortest, (here - last).norm());
            longest = std::max(longest, (here - last).norm());
            sum += (here - last).norm();
            last = here;
        }
        // Chords of equal arcs differ by what they cut off.
        EXPECT_GT(shortest / longest, 0.999);
        EXPECT_NEAR(sum, flown.length(), 1e-3 * flown.length());
        for (std::size_t i = 0; i < track.keys.size(); ++i) {
            EXPECT_LT(pose_difference(flown.at(flown.key_times()[i]), track.keys[i].pose), 1e-9);
        }
    }
}

TEST(CameraTrack, WithoutItTheyAreNotEqual) {
    const TrackEvaluator flown = evaluator(random_track(11));
    double shortest = 1e9;
    double longest = 0;
    for (int i = 0; i < 400; ++i) {
        const auto place = [&](int n) -> Eigen::Vector3d {
            return flown.at(flown.start() + flown.duration() * n / 400).c2w.block<3, 1>(0, 3);
        };
        const double step = (place(i + 1) - place(i)).norm();
        shortest = std::min(shortest, step);
        longest = std::max(longest, step);
    }
    EXPECT_LT(shortest / longest, 0.8);
}

TEST(CameraTrack, ConstantSpeedGivesPureTurnsTheirTime) {
    std::vector<Camera> cameras{camera_at({0, 0, 0}, {1, 0, 0}), camera_at({4, 0, 0}, {5, 0, 0}),
                                camera_at({4, 0, 0}, {4, 1, 0}), camera_at({4, 4, 0}, {4, 5, 0})};
    CameraTrack track = track_through(cameras);
    track.constant_speed = true;
    const TrackEvaluator flown = evaluator(track);
    const auto& times = flown.key_times();
    EXPECT_NEAR(times[1] - times[0], times[3] - times[2], 0.05);
    EXPECT_GT(times[2] - times[1], 0.2);
    const Eigen::Vector3d middle = flown.at(0.5 * (times[1] + times[2])).c2w.block<3, 1>(0, 3);
    EXPECT_LT((middle - Eigen::Vector3d(4, 0, 0)).norm(), 1e-6);
}

TEST(CameraTrack, EqualKeysStandStill) {
    auto cameras = random_cameras(4, 6);
    cameras[2] = cameras[1];
    for (const bool constant : {false, true}) {
        CameraTrack track = track_through(cameras);
        for (CameraKey& key : track.keys) {
            key.pose.fov_y = 40;
        }
        track.constant_speed = constant;
        const TrackEvaluator flown = evaluator(track);
        const auto& times = flown.key_times();
        for (int i = 0; i <= 10; ++i) {
            const double time = std::lerp(times[1], times[2], 0.1 * i);
            EXPECT_LT(pose_difference(flown.at(time), track.keys[1].pose), 1e-3) << constant << " " << i;
        }
    }
    const TrackEvaluator still = evaluator(track_through(std::vector<Camera>(5, cameras[0])));
    EXPECT_LT(pose_difference(still.at(5.3), still.at(3)), 1e-9);
    EXPECT_EQ(still.length(), 0);
}

TEST(CameraTrack, EasingsChangeThePaceAndNotTheWay) {
    CameraTrack track = track_through({camera_at({0, 0, 0}, {0, 1, 0}), camera_at({1, 0, 0}, {1, 1, 0})});
    const auto x_at = [&](Easing easing, double time) {
        track.keys[0].easing = easing;
        return evaluator(track).at(3 + time).c2w(0, 3);
    };
    EXPECT_NEAR(x_at(Easing::linear, 0.25), 0.25, 1e-12);
    EXPECT_NEAR(x_at(Easing::smooth, 0.25), 0.25, 1e-12);
    EXPECT_LT(x_at(Easing::ease_in, 0.25), 0.2);
    EXPECT_GT(x_at(Easing::ease_out, 0.25), 0.3);
    EXPECT_NEAR(x_at(Easing::ease_in_out, 0.25), 0.15625, 1e-12);  // 3 t^2 - 2 t^3
    EXPECT_NEAR(x_at(Easing::ease_in_out, 0.5), 0.5, 1e-12);
    EXPECT_EQ(x_at(Easing::hold, 0.999), 0);
    EXPECT_EQ(x_at(Easing::hold, 1), 1);
}

TEST(CameraTrack, ANeighbourOfARestComesToRestToo) {
    CameraTrack track = random_track(5);
    track.keys[3].easing = Easing::ease_in;
    const TrackEvaluator flown = evaluator(track);
    const auto before = rate(flown, track.keys[3].time, -1e-6);
    const auto after = rate(flown, track.keys[3].time, 1e-6);
    EXPECT_LT(before.first.cwiseAbs().maxCoeff(), 1e-3);
    EXPECT_LT(after.first.cwiseAbs().maxCoeff(), 1e-3);
}

TEST(CameraTrack, MovingAKeyInTimeLeavesTheWay) {
    CameraTrack track = random_track(9);
    const double length = evaluator(track).length();
    track.keys[2].time += 0.15;
    EXPECT_DOUBLE_EQ(evaluator(track).length(), length);
}

TEST(CameraTrack, ZoomNeverOvershoots) {
    CameraTrack track = track_through(ring(5, 180, 0, 2));
    for (std::size_t i = 0; i < 5; ++i) {
        track.keys[i].pose.fov_y = i < 2 ? 20 : 100;
    }
    const TrackEvaluator flown = evaluator(track);
    for (int i = 0; i <= 400; ++i) {
        const double fov = flown.at(3 + 0.01 * i).fov_y;
        EXPECT_GE(fov, 20 - 1e-9);
        EXPECT_LE(fov, 100 + 1e-9);
    }
}

TEST(CameraTrack, CamerasHaveTheAngleOfViewAtEverySize) {
    const TrackPose pose{Eigen::Matrix4d::Identity(), 60};
    for (const Size size : {Size{64, 64}, Size{1920, 1080}, Size{30, 90}}) {
        const Camera camera = camera_of(pose, size);
        EXPECT_NEAR(2 * std::atan(0.5 * size.height / camera.fy) / test::radians, 60, 1e-12);
        EXPECT_EQ(camera.fx, camera.fy);
        EXPECT_EQ(camera.cx, size.width / 2.0);
        EXPECT_NEAR(track_pose_of(camera).fov_y, 60, 1e-12);
    }
}

TEST(CameraTrack, VideosEndAtTheLastKeyAndLoopsBeforeTheFirst) {
    CameraTrack track = random_track(1);
    EXPECT_LT((video_cameras(evaluator(track), 9, {8, 8}).back().c2w - track.keys.back().pose.c2w).norm(),
              1e-12);
    track.loop = true;
    const TrackEvaluator flown = evaluator(track);
    const auto video = video_cameras(flown, 9, {8, 8});
    ASSERT_EQ(video.size(), 9U);
    EXPECT_LT((video.back().c2w - flown.at(flown.start() + flown.duration() * 8 / 9).c2w).norm(), 1e-12);
    EXPECT_EQ(video_cameras(flown, 1, {8, 8}).size(), 1U);
    EXPECT_TRUE(video_cameras(flown, 0, {8, 8}).empty());
}

/// The message of a track that must be refused.
std::string refusal(const CameraTrack& track) {
    const auto made = TrackEvaluator::make(track);
    return made ? "was accepted" : made.error().message();
}

TEST(CameraTrack, RefusesWhatCannotBeFlown) {
    const CameraTrack good = random_track(1);
    EXPECT_NE(refusal({}).find("has no keys"), std::string::npos);
    CameraTrack track = good;
    track.keys[3].time = track.keys[2].time;
    EXPECT_NE(refusal(track).find("key 4"), std::string::npos) << refusal(track);
    EXPECT_NE(refusal(track).find("ascending"), std::string::npos);
    track = good;
    std::swap(track.keys[1], track.keys[2]);
    EXPECT_NE(refusal(track).find("key 3"), std::string::npos);
    for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(), 2e6}) {
        track = good;
        track.keys[1].time = bad;
        EXPECT_NE(refusal(track).find("key 2"), std::string::npos) << bad;
        track = good;
        track.keys[1].pose.c2w(0, 3) = bad * 1e6;
        EXPECT_NE(refusal(track).find("rigid"), std::string::npos) << bad;
        track = good;
        track.keys[1].pose.fov_y = bad;
        EXPECT_NE(refusal(track).find("field of view"), std::string::npos) << bad;
        track = good;
        track.loop = true;
        track.loop_seconds = bad;
        EXPECT_NE(refusal(track).find("back to the first"), std::string::npos) << bad;
    }
    track = good;
    track.keys[1].pose.c2w.block<3, 3>(0, 0) *= 1.1;
    EXPECT_NE(refusal(track).find("rigid"), std::string::npos);
    track = good;
    track.keys[1].pose.c2w.col(0) *= -1;
    EXPECT_NE(refusal(track).find("rigid"), std::string::npos);
    track.keys.assign(most_track_keys + 1, good.keys[0]);
    EXPECT_NE(refusal(track).find("10001 keys"), std::string::npos);
}

TEST(Easings, HaveNamesThatAreReadBack) {
    for (const Easing easing : {Easing::smooth, Easing::linear, Easing::ease_in, Easing::ease_out,
                                Easing::ease_in_out, Easing::hold}) {
        const auto parsed = parse_easing(to_string(easing));
        ASSERT_TRUE(parsed);
        EXPECT_EQ(*parsed, easing);
    }
    EXPECT_FALSE(parse_easing("bouncy"));
}

}  // namespace
}  // namespace lact
