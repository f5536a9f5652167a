#include "engine/procedural/ground_truth.h"

#include "engine/metrics/metrics.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace lact {
namespace {

using test::TemporaryFolder;

const GenerationSpec generated{&general_family(), 31, 4, 48};

TEST(GroundTruth, OfAWrittenSceneIsItsImages) {
    const TemporaryFolder folder;
    const auto target = folder.path() / "made";
    ASSERT_TRUE(generate_scene_folder(generated, target, {}));
    const auto origin = origin_of(target);
    ASSERT_TRUE(origin.has_value());
    EXPECT_EQ(origin->seed, generated.seed);
    EXPECT_EQ(origin->family, generated.family);
    const auto ground_truth = GroundTruth::of(*origin);
    ASSERT_TRUE(ground_truth) << ground_truth.error().message();
    const GeneratedViews made =
        generate_views(*generated.family, generated.seed, generated.views, generated.size);
    for (int i = 0; i < generated.views; ++i) {
        const auto image = ground_truth->image(made.cameras[static_cast<std::size_t>(i)]);
        ASSERT_TRUE(image) << image.error().message();
        EXPECT_EQ(to_image8(*image).pixels, image_of(made, i, /*with_alpha=*/false).pixels);
    }
}

TEST(GroundTruth, IsOnlyThereForGeneratedScenesOfThisVersion) {
    const TemporaryFolder folder;
    EXPECT_FALSE(origin_of(folder.path()).has_value());
    for (const char* text :
         {"", "[]", "{}", R"({"generator_version": 1, "family": "object"})",
          R"({"generator_version": 999, "family": "object", "seed": 4})",
          R"({"generator_version": 1, "family": "object", "seed": -4})",
          R"({"generator_version": 1, "family": 3, "seed": 4})",
          R"({"generator_version": 1, "family": "dinosaurs", "seed": 4})",
          R"({"generator_version": 1, "family": "vehicles", "family_version": 2, "seed": 4})",
          // Edited since.
          R"({"generator_version": 1, "family": "vehicles", "family_fingerprint": "00", "seed": 4})"}) {
        (void)folder.file("generated.json", text);
        EXPECT_FALSE(origin_of(folder.path()).has_value()) << text;
    }
    (void)folder.file("generated.json", R"({"generator_version": 1, "family": "object", "seed": 4})");
    EXPECT_TRUE(origin_of(folder.path()).has_value());
    // The scene may be opened by the file in it.
    const auto origin = origin_of(folder.file("opencv_cameras.json", "[]"));
    ASSERT_TRUE(origin.has_value());
    EXPECT_EQ(origin->family, &general_family());
}

TEST(GroundTruth, RefusesWhatItCannotDraw) {
    EXPECT_FALSE(GroundTruth::of({&scenes_family(), 4, 4, 48}));
    const auto ground_truth = GroundTruth::of(generated);
    ASSERT_TRUE(ground_truth);
    Camera camera;
    camera.width = 32;
    camera.height = 16;
    EXPECT_FALSE(ground_truth->image(camera));
}

}  // namespace
}  // namespace lact
