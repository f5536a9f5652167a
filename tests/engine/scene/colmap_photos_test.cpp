// Which of several folders the photos of a COLMAP model are taken from.
#include "engine/scene/prepare.h"
#include "engine/scene/scene_files.h"
#include "tests/engine/scene/scene_writer.h"
#include "tests/support/temporary_folder.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

/// A folder of photos: one for each letter of `names`.
struct PhotosOnDisk {
    std::string within;
    Size size;
    std::string names = "abc";
};

/// A scene whose photos a, b and c exist in several folders.
struct PlacedPhotos {
    std::string what;
    std::vector<PhotosOnDisk> photos;
    std::string model;   ///< Its folder.
    std::string camera;  ///< Its line without the number.
    std::string opened;
    std::string expected;      ///< The folder that the photos are taken from.
    std::size_t views = 3;     ///< That are found there.
    std::string resized = "";  ///< Part of the remark on the size of the photos; empty: there is none.
};

void write_placed(const fs::path& root, const PlacedPhotos& scene) {
    for (const PhotosOnDisk& photos : scene.photos) {
        const auto png = encode_png(test::plain_image(photos.size.width, photos.size.height, {1, 2, 3}));
        for (const char name : photos.names) {
            test::write_text(root / photos.within / (std::string(1, name) + ".png"), *png);
        }
    }
    test::write_text(root / scene.model / "cameras.txt", "1 " + scene.camera + "\n");
    std::string images;
    for (int i = 0; i < 3; ++i) {
        images += fmt::format("{} 1 0 0 0 {} 0 2 1 {}.png\n\n", i + 1, i, "abc"[i]);
    }
    test::write_text(root / scene.model / "images.txt", images);
}

TEST(ColmapPhotos, ComeFromTheFolderThatTheModelWasMadeOf) {
    const Size taken{16, 12};
    const Size undistorted{14, 11};
    const std::string pinhole = "PINHOLE 14 11 9 9 7 5";
    const std::string radial = "SIMPLE_RADIAL 16 12 9 8 6 0.1";
    const std::vector<PlacedPhotos> table{
        {"an undistorted photo is missing",
         {{"input", taken}, {"images", undistorted, "ab"}},
         "sparse/0",
         pinhole,
         "",
         "images",
         2},
        {"the model before undistortion",
         {{"input", taken}, {"images", undistorted}},
         "distorted/sparse/0",
         radial,
         "distorted",
         "input"},
        {"of equal size, with a lens",
         {{"input", taken}, {"images", taken}},
         "distorted/sparse/0",
         radial,
         "distorted",
         "input"},
        {"of equal size, without a lens, before undistortion",
         {{"input", undistorted}, {"images", undistorted}},
         "distorted/sparse/0",
         pinhole,
         "distorted",
         "input"},
        {"of equal size, a pinhole",
         {{"input", undistorted}, {"images", undistorted, "ab"}},
         "sparse/0",
         pinhole,
         "",
         "images",
         2},
        {"another scene's photos above",
         {{"images", undistorted}, {"one/input", undistorted}},
         "one/sparse/0",
         pinhole,
         "one",
         "one/input"},
        {"another scene's photos above, of which more have these names",
         {{"images", undistorted}, {"one/images", undistorted, "bc"}},
         "one/sparse/0",
         pinhole,
         "one",
         "one/images",
         2},
        {"a nearer folder of other photos",
         {{"images", undistorted}, {"sparse/0/images", taken}},
         "sparse/0",
         pinhole,
         "",
         "images"},
        {"nearly none of the photos",
         {{"input", undistorted}, {"images", undistorted, "a"}},
         "sparse/0",
         pinhole,
         "",
         "input"},
        {"reduced copies, and full photos of another capture above",
         {{"images", undistorted}, {"second/images_4", {7, 5}}},
         "second/sparse/0",
         pinhole,
         "second",
         "second/images_4"},
        {"reduced copies, and one photo that lies above",
         {{".", undistorted, "a"}, {"second/images_4", {7, 5}}},
         "second/sparse",
         pinhole,
         "second",
         "second/images_4"},
        {"reduced copies beside a model without a folder of its own",
         {{"images", undistorted}, {"second/images_4", {7, 5}}},
         "second",
         pinhole,
         "second",
         "second/images_4"},
        {"reduced copies of all and full photos of nearly none",
         {{"images", undistorted, "a"}, {"images_2", {7, 5}}},
         "sparse/0",
         pinhole,
         "",
         "images_2"},
        {"nothing but photos of the folder above",
         {{"images", undistorted}},
         "second/sparse/0",
         pinhole,
         "second",
         "images"},
        {"resized since", {{"images", {28, 22}}}, "sparse/0", pinhole, "", "images", 3, "28x22"},
    };
    for (const PlacedPhotos& placed : table) {
        SCOPED_TRACE(placed.what);
        const TemporaryFolder folder;
        write_placed(folder.path(), placed);
        const auto scene = read_scene(folder.path() / placed.opened);
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_EQ(scene->views.size(), placed.views);
        for (const SceneView& view : scene->views) {
            EXPECT_EQ(view.image.lexically_normal().parent_path(), folder.path() / placed.expected);
        }
        const auto said = test::texts_of(*scene, RemarkKind::corrected);
        ASSERT_EQ(said.size(), placed.resized.empty() ? 0U : 1U);
        if (!said.empty()) {
            EXPECT_NE(said[0].find(placed.resized), std::string::npos) << said[0];
            EXPECT_NE(said[0].find("14x11"), std::string::npos) << said[0];
        }
    }
}

/// The folder of a splatting script: the masks beside are those of the photos before undistortion.
TEST(ColmapPhotos, MasksOfTheOriginalsAreNotThoseOfUndistortedPhotos) {
    for (const bool of_originals : {true, false}) {
        const TemporaryFolder folder;
        write_placed(folder.path(), {"masked",
                                     {{"input", {16, 12}}, {"images", {14, 11}}},
                                     "sparse/0",
                                     of_originals ? "SIMPLE_RADIAL 16 12 9 8 6 0.1" : "PINHOLE 14 11 9 9 7 5",
                                     "",
                                     ""});
        const auto white = encode_png(test::plain_image(16, 12, {255, 255, 255}));
        for (const char* name : {"a.png", "b.png", "c.png"}) {
            test::write_text(folder.path() / "masks" / name, *white);
        }
        const auto scene = read_scene(folder.path());
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_TRUE(prepare_views(*scene, std::vector<std::size_t>{0, 1, 2}, {8, 8}));
        for (const SceneView& view : scene->views) {
            EXPECT_EQ(view.mask.has_value(), of_originals);
        }
        const auto said = test::texts_of(*scene, RemarkKind::mask);
        ASSERT_EQ(said.size(), 1U);
        EXPECT_NE(said[0].find(of_originals ? "are used" : "3 masks found beside the photos have another"),
                  std::string::npos)
            << said[0];
    }
}

TEST(ColmapPhotos, OfAnUndistortedWorkspaceAreReadWithTheirOwnModel) {
    const TemporaryFolder folder;
    write_placed(folder.path(), {"only the undistorted photos are left",
                                 {{"dense/0/images", {14, 11}}},
                                 "sparse/0",
                                 "SIMPLE_RADIAL 16 12 9 8 6 0.1",
                                 "",
                                 ""});
    const auto twice = read_scene(folder.path());
    ASSERT_TRUE(twice) << twice.error().message();
    ASSERT_EQ(twice->views.size(), 3U);
    const auto said = test::texts_of(*twice, RemarkKind::lens);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("corrected once more"), std::string::npos) << said[0];

    write_placed(folder.path(), {"with their model", {}, "dense/0/sparse", "PINHOLE 14 11 9 9 7 5", "", ""});
    const auto own = read_scene(folder.path());
    ASSERT_TRUE(own) << own.error().message();
    ASSERT_EQ(own->views.size(), 3U);
    for (const SceneView& view : own->views) {
        EXPECT_EQ(view.distortion, LensDistortion{});
        EXPECT_EQ(view.camera.size(), (Size{14, 11}));
        EXPECT_EQ(view.image.lexically_normal().parent_path(), folder.path() / "dense/0/images");
    }
    EXPECT_TRUE(test::texts_of(*own, RemarkKind::lens).empty());
    ASSERT_EQ(test::texts_of(*own, RemarkKind::unused).size(), 1U);
    EXPECT_NE(test::texts_of(*own, RemarkKind::unused)[0].find("undistorted"), std::string::npos);
}

}  // namespace
}  // namespace lact
