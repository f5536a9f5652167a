// Held-out photos with outlying cameras are not measured, and every panel says so.
#include "engine/core/files.h"
#include "tests/app/application/running.h"
#include "tests/support/temporary_folder.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using test::run;
using test::Running;

/// Nine photos of a bundled scene; the camera of the last one is far away.
std::filesystem::path scene_with_a_far_camera(const lact::test::TemporaryFolder& folder) {
    const std::filesystem::path scene = LACT_ASSETS_DIR "/scenes/bouquet";
    std::filesystem::copy(scene / "images", folder.path() / "images");
    nlohmann::json cameras =
        nlohmann::json::parse(lact::read_file(scene / "opencv_cameras.json").value_or("[]"));
    cameras.erase(cameras.begin() + 9, cameras.end());
    for (std::size_t row = 0; row < 3; ++row) {
        nlohmann::json& translation = cameras[8]["w2c"][row][3];
        translation = 100 * translation.get<double>();
    }
    (void)folder.file("opencv_cameras.json", cameras.dump());
    return folder.path();
}

TEST(MeasuredViews, AreThoseWhoseCamerasFitTheOthers) {
    const lact::test::TemporaryFolder folder;
    ApplicationOptions options = test::options_for("bouquet");
    options.paths.back() = scene_with_a_far_camera(folder);
    const Running running = test::start(gfx::make_null({}), std::move(options));
    const auto scene = running.program->snapshot()->scene;
    ASSERT_TRUE(scene != nullptr);
    ASSERT_EQ(scene->inputs.size(), 8U);
    EXPECT_EQ(scene->held_out(), std::vector<std::size_t>{8});
    EXPECT_TRUE(scene->measured().empty());
    const auto refused = running.run("camera.next_worst");
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().what.find("outlying"), std::string::npos) << refused.error().what;
    // One of the others is held out, too.
    run(running, "inputs.toggle", {{"view", 0}});
    EXPECT_EQ(running.program->snapshot()->scene->held_out(), (std::vector<std::size_t>{0, 8}));
    EXPECT_EQ(running.program->snapshot()->scene->measured(), std::vector<std::size_t>{0});
    EXPECT_EQ(running.program->document().view_figures.views.size(), 1U);
    EXPECT_TRUE(running.run("camera.next_worst").has_value());
}

}  // namespace

}  // namespace lact::app
