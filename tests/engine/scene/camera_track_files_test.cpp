#include "engine/scene/camera_path.h"
#include "engine/scene/camera_track_import.h"
#include "engine/scene/camera_track_json.h"
#include "engine/scene/camera_track_presets.h"
#include "engine/scene/flight.h"
#include "engine/scene/normalize.h"
#include "engine/scene/similarity.h"
#include "tests/engine/scene/cameras.h"
#include "tests/support/temporary_folder.h"

#include <functional>
#include <limits>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

using nlohmann::json;
using test::camera_at;
using test::poses;
using test::random_cameras;
using test::ring;
using test::TemporaryFolder;

CameraTrack some_track() {
    CameraTrack track;
    double time = 0;
    for (const Camera& camera : random_cameras(6, 12)) {
        track.keys.push_back({time += 0.37, track_pose_of(camera), Easing::smooth});
    }
    track.keys[1].easing = Easing::hold;
    track.keys[2].easing = Easing::ease_in_out;
    track.loop = true;
    track.loop_seconds = 1.0 / 3;
    track.constant_speed = true;
    return track;
}

TEST(CameraTrackJson, ReadsBackToTheLastBit) {
    const TemporaryFolder folder;
    const CameraTrack track = some_track();
    const auto path = folder.path() / "path.json";
    ASSERT_TRUE(write_camera_track(path, track));
    EXPECT_EQ(folder.names(), std::set<std::string>{"path.json"});
    const auto read = read_camera_track(path);
    ASSERT_TRUE(read) << read.error().message();
    ASSERT_EQ(read->keys.size(), track.keys.size());
    for (std::size_t i = 0; i < track.keys.size(); ++i) {
        EXPECT_EQ(read->keys[i].time, track.keys[i].time);
        EXPECT_EQ(read->keys[i].pose.c2w, track.keys[i].pose.c2w);
        EXPECT_EQ(read->keys[i].pose.fov_y, track.keys[i].pose.fov_y);
        EXPECT_EQ(read->keys[i].easing, track.keys[i].easing);
    }
    EXPECT_TRUE(read->loop && read->constant_speed);
    EXPECT_EQ(read->loop_seconds, track.loop_seconds);
    const auto imported = import_camera_track(path);
    ASSERT_TRUE(imported);
    EXPECT_EQ(imported->format, TrackFormat::lactscope);
}

TEST(CameraTrackJson, RefusesDamageWithFileAndField) {
    const TemporaryFolder folder;
    const json good = to_json(some_track());
    const std::vector<std::pair<std::function<void(json&)>, std::string>> table{
        {[](json& j) { j["version"] = 2; }, "newer program"},
        {[](json& j) { j["version"] = "1"; }, "version"},
        {[](json& j) { j["format"] = "other"; }, "format"},
        {[](json& j) { j.erase("keys"); }, "keys"},
        {[](json& j) { j["keys"] = 3; }, "list"},
        {[](json& j) { j["keys"] = json::array(); }, "no keys"},
        {[](json& j) { j["keys"][2]["time"] = nullptr; }, "keys[2].time"},
        {[](json& j) { j["keys"][2]["time"] = j["keys"][1]["time"]; }, "key 3"},
        {[](json& j) { j["keys"][2]["easing"] = "bouncy"; }, "bouncy"},
        {[](json& j) { j["keys"][2]["fov_y_degrees"] = 200; }, "field of view"},
        {[](json& j) { j["keys"][2]["c2w"][0][0] = 5; }, "keys[2].c2w"},
        {[](json& j) { j["keys"][2]["c2w"].erase(1); }, "c2w"},
        {[](json& j) { j["keys"][2] = 1; }, "keys[2]"},
        {[](json& j) { j["loop"] = 1; }, "loop"},
        {[](json& j) { j["loop_seconds"] = -1; }, "back to the first"},
        {[](json& j) { j["keys"] = std::vector<int>(most_track_keys + 1, 0); }, "10001"},
    };
    for (const auto& [damage, words] : table) {
        json bad = good;
        damage(bad);
        const auto read = read_camera_track(folder.file("bad.json", bad.dump()));
        ASSERT_FALSE(read) << words;
        EXPECT_NE(read.error().message().find(words), std::string::npos) << read.error().message();
        EXPECT_NE(read.error().message().find("bad.json"), std::string::npos) << read.error().message();
    }
    const auto large = folder.file("large.json", std::string((16U << 20) + 1, ' '));
    std::filesystem::resize_file(large, (17U << 20));
    EXPECT_NE(read_camera_track(large).error().what.find("MB"), std::string::npos);
    EXPECT_FALSE(read_camera_track(folder.path() / "absent.json"));
    EXPECT_FALSE(write_camera_track(folder.path() / "x.json", {}));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "x.json"));
}

TEST(CameraTrackJson, MutatedTextsNeverBreakTheReader) {
    const TemporaryFolder folder;
    const std::string good = to_json(some_track()).dump();
    std::mt19937 generator(5);
    int refused = 0;
    for (int round = 0; round < 500; ++round) {
        std::string bad = good;
        for (int i = 0; i < 3; ++i) {
            bad[generator() % bad.size()] = static_cast<char>(generator() % 128);
        }
        const auto read = import_camera_track(folder.file("mutated.json", bad));
        refused += read ? 0 : 1;
        if (read) {
            EXPECT_TRUE(TrackEvaluator::make(read->track));
        }
    }
    EXPECT_GT(refused, 100);
}

/// instant-ngp's own conversion of a pose of transforms.json (nerf_matrix_to_ngp), step by step.
Eigen::Matrix4d to_ngp(const Eigen::Matrix4d& opengl, double scale, const Eigen::Vector3d& offset) {
    Eigen::Matrix4d out = opengl;
    out.col(1) *= -1;
    out.col(2) *= -1;
    out.block<3, 1>(0, 3) = out.block<3, 1>(0, 3) * scale + offset;
    const Eigen::RowVector4d first = out.row(0);
    out.row(0) = out.row(1);
    out.row(1) = out.row(2);
    out.row(2) = first;
    return out;
}

Eigen::Matrix4d opengl(const Eigen::Matrix4d& opencv) {
    Eigen::Matrix4d out = opencv;
    out.col(1) *= -1;
    out.col(2) *= -1;
    return out;
}

json ngp_path(const std::vector<Camera>& cameras, double scale, const Eigen::Vector3d& offset) {
    json keys = json::array();
    for (std::size_t i = 0; i < cameras.size(); ++i) {
        const Eigen::Matrix4d pose = to_ngp(opengl(cameras[i].c2w), scale, offset);
        const Eigen::Quaterniond turn(Eigen::Matrix3d(pose.block<3, 3>(0, 0)));
        keys.push_back({{"R", {turn.x(), turn.y(), turn.z(), turn.w()}},
                        {"T", {pose(0, 3), pose(1, 3), pose(2, 3)}},
                        {"slice", 0.0},
                        {"scale", 1.0},
                        {"fov", 40.0 + static_cast<double>(i)},
                        {"aperture_size", 0.0},
                        {"timestamp", 0.5 * static_cast<double>(i + 1)}});
    }
    return {{"loop", true}, {"time", 0.2}, {"path", keys}, {"spline_order", 3}};
}

TEST(CameraTrackImport, TakesInstantNgpKeysBackToTheScenesWorld) {
    const TemporaryFolder folder;
    const auto cameras = random_cameras(5, 4);
    const auto path = folder.file("ngp.json", ngp_path(cameras, 0.33, {0.5, 0.5, 0.5}).dump());
    const auto read = import_camera_track(path);
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_EQ(read->format, TrackFormat::instant_ngp);
    ASSERT_EQ(read->track.keys.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_LT((read->track.keys[i].pose.c2w - cameras[i].c2w).cwiseAbs().maxCoeff(), 1e-12);
        EXPECT_EQ(read->track.keys[i].pose.fov_y, 40.0 + static_cast<double>(i));
        EXPECT_DOUBLE_EQ(read->track.keys[i].time, 0.5 * static_cast<double>(i));
    }
    EXPECT_TRUE(read->track.loop);
    EXPECT_DOUBLE_EQ(read->track.loop_seconds, 0.5);
    EXPECT_EQ(read->notes.size(), 2U);
}

TEST(CameraTrackImport, UsesTheScaleAndOffsetOfTheScene) {
    const TemporaryFolder folder;
    const auto cameras = random_cameras(3, 5);
    TrackImportOptions options;
    options.scene_file = folder.file("transforms.json", R"({"scale": 0.2, "offset": [0.1, 0.2, 0.3]})");
    json file = ngp_path(cameras, 0.2, {0.1, 0.2, 0.3});
    for (json& key : file["path"]) {
        key.erase("timestamp");
    }
    const auto read = import_camera_track(folder.file("ngp.json", file.dump()), options);
    ASSERT_TRUE(read) << read.error().message();
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_LT((read->track.keys[i].pose.c2w - cameras[i].c2w).cwiseAbs().maxCoeff(), 1e-12);
        EXPECT_DOUBLE_EQ(read->track.keys[i].time, static_cast<double>(i));
    }
    for (const char* mitsuba : {R"({"from_mitsuba": true})", R"({"normal_mts_args": {}})"}) {
        options.scene_file = folder.file("mitsuba.json", mitsuba);
        EXPECT_FALSE(import_camera_track(folder.path() / "ngp.json", options)) << mitsuba;
    }
}

TEST(CameraTrackImport, UsesAnOffsetOfOneNumberAndTheBoxOfTheScene) {
    const TemporaryFolder folder;
    const auto cameras = random_cameras(3, 6);
    const auto expect_cameras = [&](const char* scene, double scale, const Eigen::Vector3d& offset) {
        TrackImportOptions options;
        options.scene_file = folder.file("transforms.json", scene);
        const auto read =
            import_camera_track(folder.file("ngp.json", ngp_path(cameras, scale, offset).dump()), options);
        ASSERT_TRUE(read) << scene << ": " << read.error().message();
        for (std::size_t i = 0; i < cameras.size(); ++i) {
            EXPECT_LT((read->track.keys[i].pose.c2w - cameras[i].c2w).cwiseAbs().maxCoeff(), 1e-12) << scene;
        }
    };
    expect_cameras(R"({"scale": 0.2, "offset": 0.1})", 0.2, {0.1, 0.1, 0.1});
    expect_cameras(R"({"scale": 0.2, "aabb": [[-1, 0, 1], [3, 2, 2]]})", 0.25, {0.25, 0.25, 0.125});
}

json flat(const Eigen::Matrix4d& pose, bool by_columns) {
    json list = json::array();
    for (Eigen::Index i = 0; i < 16; ++i) {
        list.push_back(by_columns ? pose(i % 4, i / 4) : pose(i / 4, i % 4));
    }
    return by_columns ? json(list.dump()) : list;
}

TEST(CameraTrackImport, ReadsBothKindsOfNerfstudioKeys) {
    const TemporaryFolder folder;
    const auto cameras = random_cameras(4, 6);
    for (const bool old : {false, true}) {
        json keys = json::array();
        for (const Camera& camera : cameras) {
            keys.push_back({{"matrix", flat(opengl(camera.c2w), old)}, {"fov", 65.0}, {"aspect", 1.5}});
        }
        json file{{"keyframes", keys}, {"camera_type", "perspective"}, {"fps", 30}, {"seconds", 6.0},
                  {"is_cycle", false}, {"camera_path", json::array()}};
        if (!old) {
            file["default_transition_sec"] = 0.5;
            file["keyframes"][2]["override_transition_enabled"] = true;
            file["keyframes"][2]["override_transition_sec"] = 2.5;
        }
        const auto read = import_camera_track(folder.file("ns.json", file.dump()));
        ASSERT_TRUE(read) << read.error().message();
        EXPECT_EQ(read->format, TrackFormat::nerfstudio);
        const std::vector<double> times =
            old ? std::vector{0.0, 2.0, 4.0, 6.0} : std::vector{0.0, 0.5, 3.0, 3.5};
        for (std::size_t i = 0; i < 4; ++i) {
            EXPECT_LT((read->track.keys[i].pose.c2w - cameras[i].c2w).cwiseAbs().maxCoeff(), 1e-12) << old;
            EXPECT_DOUBLE_EQ(read->track.keys[i].time, times[i]) << old;
            EXPECT_EQ(read->track.keys[i].pose.fov_y, 65);
        }
        file["camera_type"] = "fisheye";
        EXPECT_FALSE(import_camera_track(folder.file("ns.json", file.dump())));
    }
}

TEST(CameraTrackImport, UndoesWhatNerfstudioDidToTheScene) {
    const TemporaryFolder folder;
    const auto cameras = random_cameras(4, 7);  // In the world of transforms.json.
    // nerfstudio: trained = scale * (turned * applied) * original, frames = applied * original.
    Similarity turned;
    turned.rotation = Eigen::AngleAxisd(0.7, Eigen::Vector3d(1, 2, 3).normalized()).toRotationMatrix();
    turned.translation = {0.3, -1, 2};
    Similarity scaled;
    scaled.scale = 0.21;
    json keys = json::array();
    for (const Camera& camera : cameras) {
        keys.push_back({{"matrix", flat(opengl((scaled * turned).moved(camera.c2w)), false)}, {"fov", 50.0}});
    }
    Similarity applied;
    applied.rotation << 1, 0, 0, 0, 0, 1, 0, -1, 0;
    const Similarity saved = turned * applied;
    json rows = json::array();
    for (Eigen::Index r = 0; r < 3; ++r) {
        rows.push_back(
            {saved.rotation(r, 0), saved.rotation(r, 1), saved.rotation(r, 2), saved.translation(r)});
    }
    TrackImportOptions options;
    options.dataparser_transforms =
        folder.file("dataparser_transforms.json", json{{"transform", rows}, {"scale", 0.21}}.dump());
    options.scene_file = folder.file(
        "transforms.json", R"({"applied_transform": [[1,0,0,0],[0,0,1,0],[0,-1,0,0]], "frames": []})");
    const auto read = import_camera_track(folder.file("ns.json", json{{"keyframes", keys}}.dump()), options);
    ASSERT_TRUE(read) << read.error().message();
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_LT((read->track.keys[i].pose.c2w - cameras[i].c2w).cwiseAbs().maxCoeff(), 1e-9);
    }
}

TEST(CameraTrackImport, ReducesFinishedFramesToKeys) {
    const TemporaryFolder folder;
    json frames = json::array();
    const auto cameras = ring(120, 180, 20, 2);
    for (const Camera& camera : cameras) {
        frames.push_back({{"camera_to_world", flat(opengl(camera.c2w), false)}, {"fov", 45.0}});
    }
    const auto read =
        import_camera_track(folder.file("ns.json", json{{"camera_path", frames}, {"fps", 24}}.dump()));
    ASSERT_TRUE(read) << read.error().message();
    EXPECT_LT(read->track.keys.size(), 30U);
    const auto flown = TrackEvaluator::make(read->track);
    ASSERT_TRUE(flown);
    for (std::size_t i = 0; i < 120; ++i) {
        const Eigen::Matrix4d pose = flown->at(static_cast<double>(i) / 24).c2w;
        EXPECT_LT((pose - cameras[i].c2w).cwiseAbs().maxCoeff(), 0.01);
    }
}

TEST(CameraTrackImport, RefusesWhatItDoesNotKnow) {
    const TemporaryFolder folder;
    for (const char* text :
         {"{}", "[]", "3", R"({"path": 3})", R"({"keyframes": 3})", R"({"path": []})",
          R"({"path": [{"R": [0,0,0,0], "T": [0,0,0], "fov": 50}]})",
          R"({"path": [{"R": [0,0,0,1], "T": [0,0,1e400], "fov": 50}]})",
          R"({"path": [{"R": [0,0,0,1], "T": [0,0], "fov": 50}]})",
          R"({"path": [{"R": [0,0,0,1], "T": [0,0,0], "fov": 500}]})",
          R"({"keyframes": [{"matrix": "[1,2"}]})", R"({"keyframes": [{"matrix": [1,2]}]})",
          R"({"camera_path": [], "fps": 24})", R"({"camera_path": [3], "fps": 0})"}) {
        const auto read = import_camera_track(folder.file("bad.json", text));
        ASSERT_FALSE(read) << text;
        EXPECT_NE(read.error().message().find("bad.json"), std::string::npos) << read.error().message();
    }
}

TEST(Similarity, FollowsTheNormalisationOfAScene) {
    const auto before = poses(random_cameras(9, 3));
    for (const auto& after : {normalize_object(before, 2.66), normalize_mean_pose(before)}) {
        const auto move = similarity_between(before, after);
        ASSERT_TRUE(move) << move.error().message();
        for (std::size_t i = 0; i < before.size(); ++i) {
            EXPECT_LT((move->moved(before[i]) - after[i]).cwiseAbs().maxCoeff(), 1e-9);
            EXPECT_LT((move->inverse().moved(after[i]) - before[i]).cwiseAbs().maxCoeff(), 1e-9);
        }
    }
    auto other = before;
    other[3](0, 3) += 1;
    EXPECT_FALSE(similarity_between(before, other));
    EXPECT_FALSE(similarity_between(before, std::span(before).first(2)));
    EXPECT_FALSE(similarity_between({}, {}));
    const auto one = similarity_between(std::span(before).first(1), std::span(before).subspan(1, 1));
    ASSERT_TRUE(one);
    EXPECT_EQ(one->scale, 1);
}

TEST(Similarity, CompositionAppliesTheSecondFirst) {
    Similarity a;
    a.scale = 2;
    a.translation = {1, 0, 0};
    Similarity b;
    b.rotation = Eigen::AngleAxisd(0.5, Eigen::Vector3d::UnitZ()).toRotationMatrix();
    b.translation = {0, 3, 0};
    const Eigen::Vector3d x(1, 2, 3);
    EXPECT_LT(((a * b)(x)-a(b(x))).norm(), 1e-12);
    EXPECT_LT((a.inverse()(a(x)) - x).norm(), 1e-12);
}

TEST(Flight, IsMetAtEverySampleByFewKeys) {
    std::vector<FlightSample> flight;
    for (int i = 0; i < 1200; ++i) {
        const double t = i / 60.0;
        const Eigen::Vector3d place(3 * std::cos(0.4 * t), 3 * std::sin(0.4 * t), 0.5 * std::sin(t));
        flight.push_back({100 + t, track_pose_of(camera_at(place, {0, 0, 0.2 * std::cos(t)}))});
        flight.back().pose.fov_y = 50 + 5 * std::sin(0.7 * t);
    }
    const auto track = track_of_flight(flight, {0.01, 0.25, 0.25});
    ASSERT_TRUE(track) << track.error().message();
    EXPECT_LT(track->keys.size(), 120U);
    EXPECT_EQ(track->keys.front().time, 0);
    const auto flown = TrackEvaluator::make(*track);
    for (const FlightSample& sample : flight) {
        const TrackPose pose = flown->at(sample.seconds - 100);
        EXPECT_LE((pose.c2w - sample.pose.c2w).col(3).norm(), 0.01 + 1e-12);
        const Eigen::Matrix3d turn =
            pose.c2w.block<3, 3>(0, 0).transpose() * sample.pose.c2w.block<3, 3>(0, 0);
        EXPECT_LE(Eigen::AngleAxisd(turn).angle(), 0.25 * test::radians + 1e-9);
        EXPECT_LE(std::abs(pose.fov_y - sample.pose.fov_y), 0.25 + 1e-9);
    }
    const auto rough = track_of_flight(flight, {0.1, 3, 3});
    EXPECT_LT(rough->keys.size(), track->keys.size());
}

TEST(Flight, OneThatNeedsTooManyKeysIsKeptLessExactly) {
    std::vector<FlightSample> flight;
    for (int i = 0; i < 11'000; ++i) {  // Every sample is a corner.
        const double side = i % 2 == 0 ? 0.01 : -0.01;
        flight.push_back({0.03 * i, track_pose_of(camera_at({3, side, 1}, {0, side, 0}))});
    }
    const FlightTolerance exact{0.004, 0.25, 0.25};
    ASSERT_FALSE(track_of_flight(flight, exact).has_value());
    const auto fitted = fit_flight(flight, exact);
    ASSERT_TRUE(fitted.has_value()) << fitted.error().message();
    EXPECT_GT(fitted->loosened, 1);
    EXPECT_LE(fitted->loosened, 8) << "0.032 is beyond the 0.02 between two corners";
    EXPECT_FALSE(fit_flight({}, exact).has_value());
}

TEST(Flight, CopesWithStillnessDoubleTimesAndNothing) {
    const TrackPose here = track_pose_of(camera_at({1, 2, 3}, {0, 0, 0}));
    std::vector<FlightSample> flight(50, {2.0, here});
    const auto one = track_of_flight(flight);
    ASSERT_TRUE(one);
    EXPECT_EQ(one->keys.size(), 1U);
    for (std::size_t i = 0; i < flight.size(); ++i) {
        flight[i].seconds = 0.1 * static_cast<double>(i);
    }
    EXPECT_EQ(track_of_flight(flight)->keys.size(), 2U);
    EXPECT_FALSE(track_of_flight({}));
    flight[20].pose.c2w(0, 3) = std::nan("");
    EXPECT_FALSE(track_of_flight(flight));
}

TEST(TrackPresets, OrbitAndTurntableAreTheFunctionsTheyStandFor) {
    const auto cameras = ring(8, 360, 25, 3, {1, -2, 0.5});
    const Size size{64, 48};
    const auto orbit_track = preset_track(TrackPreset::orbit, cameras, size, 6);
    const auto table_track = preset_track(TrackPreset::turntable, {}, size, 6);
    ASSERT_TRUE(orbit_track && table_track);
    const OrbitFit fit = fit_orbit(cameras, size);
    double farthest = 0;
    double widest = 0;
    for (const bool table : {false, true}) {
        const auto flown = TrackEvaluator::make(table ? *table_track : *orbit_track);
        ASSERT_TRUE(flown);
        EXPECT_NEAR(flown->duration(), 6, 1e-12);
        for (int i = 0; i < 300; ++i) {
            const double turn = i / 300.0;
            const Camera exact = table ? released_turntable_at(turn, size) : orbit_at(fit, turn);
            const Camera camera = flown->at(6 * turn, size);
            farthest = std::max(farthest, (camera.position() - exact.position()).norm() /
                                              (table ? exact.position().norm() : fit.radius));
            const Eigen::Matrix3d between =
                camera.c2w.block<3, 3>(0, 0).transpose() * exact.c2w.block<3, 3>(0, 0);
            widest = std::max(widest, Eigen::AngleAxisd(between).angle() / test::radians);
            EXPECT_NEAR(camera.fy, exact.fy, 1e-9);
        }
    }
    EXPECT_LT(farthest, 1e-3);
    EXPECT_LT(widest, 0.1);
}

TEST(TrackPresets, AllCanBeFlownRoundEverySetOfCameras) {
    const Size size{64, 48};
    for (const auto& cameras :
         {ring(8, 360, 25, 3), ring(4, 60, 10, 2), random_cameras(1, 2), random_cameras(6, 2),
          std::vector<Camera>(3, camera_at({1, 2, 3}, {0, 0, 0}))}) {
        for (const char* name : {"orbit", "spiral", "dolly", "dolly-zoom", "turntable", "inputs"}) {
            const auto preset = parse_track_preset(name);
            ASSERT_TRUE(preset);
            EXPECT_EQ(to_string(*preset), name);
            const auto track = preset_track(*preset, cameras, size, 5);
            ASSERT_TRUE(track) << name << ": " << track.error().message();
            const auto flown = TrackEvaluator::make(*track);
            ASSERT_TRUE(flown) << name << ": " << flown.error().message();
            for (const Camera& camera : video_cameras(*flown, 40, size)) {
                EXPECT_TRUE(camera.c2w.allFinite()) << name;
                EXPECT_LT(test::rigidity_error(camera.c2w), 1e-9) << name;
            }
        }
    }
    EXPECT_FALSE(parse_track_preset("figure-eight"));
    EXPECT_FALSE(preset_track(TrackPreset::orbit, {}, size, 5));
    EXPECT_FALSE(preset_track(TrackPreset::turntable, {}, size, 0));
    EXPECT_FALSE(preset_track(TrackPreset::turntable, {}, size, std::nan("")));
}

TEST(TrackPresets, ThroughTheInputsMeetsEachOfThem) {
    const auto cameras = ring(6, 300, 10, 2);
    const auto track = preset_track(TrackPreset::inputs, cameras, {64, 48}, 5);
    ASSERT_TRUE(track);
    ASSERT_EQ(track->keys.size(), 6U);
    EXPECT_NEAR(track->keys.back().time, 5, 1e-9);
    for (const Camera& camera : cameras) {
        const bool met = std::any_of(track->keys.begin(), track->keys.end(), [&](const CameraKey& key) {
            return (key.pose.c2w - camera.c2w).cwiseAbs().maxCoeff() < 1e-12;
        });
        EXPECT_TRUE(met);
    }
}

TEST(TrackPresets, ADollyZoomKeepsTheSizeOfTheObject) {
    const auto cameras = ring(8, 360, 25, 3);
    const auto track = preset_track(TrackPreset::dolly_zoom, cameras, {64, 48}, 5);
    ASSERT_TRUE(track);
    const auto size_of_object = [](const TrackPose& pose) {
        return 1 / (std::tan(0.5 * pose.fov_y * test::radians) * pose.c2w.block<3, 1>(0, 3).norm());
    };
    for (const CameraKey& key : track->keys) {
        EXPECT_NEAR(size_of_object(key.pose), size_of_object(track->keys[0].pose), 1e-9);
    }
    EXPECT_GT(track->keys.back().pose.fov_y, track->keys.front().pose.fov_y + 10);
}

}  // namespace
}  // namespace lact
