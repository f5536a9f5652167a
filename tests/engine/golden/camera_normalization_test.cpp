#include "engine/scene/normalize.h"
#include "tests/support/cameras.h"
#include "tests/support/golden.h"

#include <vector>

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace lact::test {
namespace {

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
