#include "tests/support/cameras.h"

#include "engine/scene/camera_path.h"
#include "engine/scene/normalize.h"
#include "tests/support/golden.h"

#include <cstdio>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact::test {
namespace {

constexpr Tolerance pose_tolerance{.max = 1e-5};
constexpr Tolerance intrinsics_tolerance{.max = 1e-3};

void expect_path(GoldenFile& golden, const std::string& prefix, const std::vector<Camera>& path) {
    golden.expect_close(prefix + ".c2w", c2w_tensor(path), pose_tolerance);
    golden.expect_close(prefix + ".fxfycxcy", intrinsics_tensor(path), intrinsics_tolerance);
}

/// The case names end in .c2w and .fxfycxcy; this lists them once, without the ending.
std::vector<std::string> cases(const GoldenFile& golden, const std::string& prefix) {
    std::vector<std::string> names;
    for (const std::string& name : golden.with_prefix(prefix)) {
        if (name.ends_with(".c2w")) {
            names.push_back(name.substr(0, name.size() - 4));
        }
    }
    return names;
}

TEST(GoldenCameraPath, Turntable) {
    LACT_GOLDEN(golden, "camera_path");
    const auto names = cases(golden, "turntable.");
    EXPECT_FALSE(names.empty());
    for (const std::string& name : names) {
        int frames = 0;
        Size size;
        ASSERT_EQ(std::sscanf(name.c_str(), "turntable.n%d_w%d_h%d", &frames, &size.width, &size.height), 3)
            << name;
        expect_path(golden, name, released_turntable(frames, size));
    }
}

TEST(GoldenCameraPath, Interpolation) {
    LACT_GOLDEN(golden, "camera_path");
    const auto cameras = cameras_from(golden.get("interp.in.c2w"), golden.get("interp.in.fxfycxcy"));
    for (const std::string& name : cases(golden, "interp.out.")) {
        int between = 0;
        ASSERT_EQ(std::sscanf(name.c_str(), "interp.out.n%d", &between), 1) << name;
        expect_path(golden, name, released_interpolation(cameras, between));
    }
    golden.finish();
}

TEST(GoldenCameraNormalization, MeanPose) {
    LACT_GOLDEN(golden, "camera_normalization");
    const std::string ending = ".in.c2w";
    int sets = 0;
    for (const std::string& name : golden.with_prefix("")) {
        if (!name.ends_with(ending)) {
            continue;
        }
        const std::string set = name.substr(0, name.size() - ending.size());
        const auto normalized = normalize_mean_pose(poses_from(golden.get(name)));
        golden.expect_close(set + ".out.c2w", tensor_of(normalized), {.max = 1e-5});
        ++sets;
    }
    EXPECT_GT(sets, 0);
    golden.finish();
}

}  // namespace
}  // namespace lact::test
