#include "engine/procedural/write_scene.h"

#include "engine/scene/prepare.h"
#include "engine/scene/scene_files.h"
#include "tests/support/temporary_folder.h"

#include <cstdlib>
#include <numeric>

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::TemporaryFolder;

TEST(WriteScene, IsReadBackAsGenerated) {
    for (const WorldFamily* const family : built_in_families()) {
        const TemporaryFolder folder;
        const auto target = folder.path() / "made";
        const GeneratedViews made = generate_views(*family, 4, 5, 40);
        ASSERT_TRUE(write_scene_folder(made, {family, 4, 5, 40}, target, {}));
        EXPECT_EQ(folder.names(), std::set<std::string>{"made"});
        const auto scene = read_scene(target);
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_TRUE(scene->remarks.empty());
        ASSERT_EQ(scene->views.size(), 5U);
        std::vector<std::size_t> all(5);
        std::iota(all.begin(), all.end(), 0U);
        const auto prepared = prepare_views(*scene, all, {40, 40});
        ASSERT_TRUE(prepared) << prepared.error().message();
        for (std::size_t i = 0; i < 5; ++i) {
            const Camera& camera = scene->views[i].camera;
            EXPECT_LT((camera.c2w - made.cameras[i].c2w).cwiseAbs().maxCoeff(), 1e-6);
            EXPECT_NEAR(camera.fx, made.cameras[i].fx, 1e-9);
            EXPECT_NEAR(camera.cx, made.cameras[i].cx, 1e-9);
            const Image8 shown = to_image8(*(*prepared)[i].image);
            ASSERT_EQ(shown.pixels.size(), 40U * 40U * 3U);
            for (std::size_t k = 0; k < shown.pixels.size(); ++k) {
                ASSERT_LE(std::abs(int{shown.pixels[k]} - int{made.rgb[i * shown.pixels.size() + k]}), 1)
                    << k;
            }
        }
    }
}

TEST(WriteScene, InParallelIsTheSame) {
    const auto made = generate_in_parallel({&general_family(), 31, 6, 24}, {});
    ASSERT_TRUE(made);
    const GeneratedViews alone = generate_views(general_family(), 31, 6, 24);
    EXPECT_EQ(made->rgb, alone.rgb);
    EXPECT_EQ(made->mask, alone.mask);
    EXPECT_EQ(made->cameras.size(), 6U);
    EXPECT_EQ(made->cameras[5].c2w, alone.cameras[5].c2w);
}

TEST(WriteScene, AStoppedOrFailedOneLeavesNothing) {
    const TemporaryFolder folder;
    const GenerationSpec order{&general_family(), 4, 3, 16};
    const GeneratedViews made = generate_views(*order.family, order.seed, order.views, order.size);
    std::stop_source stop;
    stop.request_stop();
    const Job stopped{{}, {}, stop.get_token()};
    const auto result = write_scene_folder(made, order, folder.path() / "made", stopped);
    ASSERT_FALSE(result);
    EXPECT_TRUE(result.error().cancelled);
    EXPECT_TRUE(folder.names().empty());
    EXPECT_FALSE(generate_in_parallel({&general_family(), 31, 2, 16}, stopped));

    const auto file = folder.file("file", "");
    EXPECT_FALSE(write_scene_folder(made, order, file / "made", {}));
    const auto there = write_scene_folder(made, order, file, {});
    ASSERT_FALSE(there);
    EXPECT_NE(there.error().message().find("exists already"), std::string::npos);
    EXPECT_EQ(folder.names(), std::set<std::string>{"file"});
}

TEST(WriteScene, AFolderOfTheUserStays) {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "made.part");
    (void)folder.file("made.part/diary.txt", "dear");
    ASSERT_TRUE(generate_scene_folder({&general_family(), 4, 1, 16}, folder.path() / "made", {}));
    EXPECT_EQ(TemporaryFolder::names_in(folder.path() / "made.part"), std::set<std::string>{"diary.txt"});
}

TEST(WriteScene, WhatAKilledProgramLeftIsReplaced) {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / ".made.0123456789abcdef.part" / "images");
    ASSERT_TRUE(generate_scene_folder({&general_family(), 4, 1, 16}, folder.path() / "made", {}));
    EXPECT_EQ(folder.names(), std::set<std::string>{"made"});
    EXPECT_EQ(TemporaryFolder::names_in(folder.path() / "made"),
              (std::set<std::string>{"generated.json", "images", "opencv_cameras.json"}));
}

}  // namespace
}  // namespace lact
