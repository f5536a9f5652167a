#include "engine/scene/view_set.h"

#include "tests/engine/scene/images.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

const std::filesystem::path view_set_folder = std::filesystem::path(LACT_ASSETS_DIR) / "scenes/bouquet";

std::shared_ptr<const ViewSet> view_set_of(Normalization normalization, double radius,
                                           std::vector<std::size_t> indices) {
    SceneFiles files = read_scene(view_set_folder).value();
    const NormalizationChoice choice = choose_normalization(files, normalization);
    return make_view_set(view_set_folder, std::move(files), {choice, radius}, {32, 32}, std::move(indices))
        .value();
}

TEST(ViewSet, DecodesEachViewOnceAndChoosesWithoutCopies) {
    const auto set = view_set_of(Normalization::none, 2.66, {7, 3, 7, 0});
    ASSERT_EQ(set->views.size(), 3U);
    EXPECT_EQ(set->poses.size(), set->files.views.size());
    const auto chosen = set->chosen(std::vector<std::size_t>{7, 0});
    ASSERT_EQ(chosen.size(), 2U);
    EXPECT_EQ(chosen[0].index, 7U);
    EXPECT_EQ(chosen[0].image, set->views[2].image);
    EXPECT_EQ(chosen[1].image, set->views[0].image);
    EXPECT_EQ(set->view(3).index, 3U);
    EXPECT_EQ(set->photo_name(3), set->files.views[3].image.filename());
    EXPECT_FALSE(make_view_set(view_set_folder, read_scene(view_set_folder).value(), {}, {32, 32}, {1000}));
}

TEST(ViewSet, SaysWhatTheDecoderAssumed) {
    const test::TemporaryFolder folder;
    SceneFiles files = read_scene(view_set_folder).value();
    const auto remarks_of_set = [&](const SceneFiles& scene) {
        return make_view_set(view_set_folder, scene, {}, {32, 32}, {0, 1}).value()->remarks;
    };
    EXPECT_EQ(remarks_of_set(files), files.remarks);
    files.views[1].mask = folder.file("mask.png", *encode_png(test::plain_image(256, 256, {1, 1, 1})));
    const auto remarks = remarks_of_set(files);
    ASSERT_EQ(remarks.size(), files.remarks.size() + 1);
    EXPECT_EQ(remarks.back().kind, RemarkKind::mask);
}

TEST(ViewSet, AnotherRadiusMovesTheCamerasAndKeepsTheImages) {
    const auto set = view_set_of(Normalization::object, 2.66, {0, 5});
    const auto far = with_radius(set, 4);
    ASSERT_NE(far, set);
    EXPECT_EQ(with_radius(far, 4), far);
    const auto fresh = view_set_of(Normalization::object, 4, {0, 5});
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(far->views[i].image, set->views[i].image);
        EXPECT_EQ(far->views[i].camera, fresh->views[i].camera);
        EXPECT_NE(far->views[i].camera, set->views[i].camera);
    }
    EXPECT_EQ(far->files.views[0].camera, set->files.views[0].camera) << "the poses of the files stay";
    const auto mean = view_set_of(Normalization::mean_pose, 2.66, {0});
    EXPECT_EQ(with_radius(mean, 4), mean) << "the mean pose has no radius";
}

}  // namespace
}  // namespace lact
