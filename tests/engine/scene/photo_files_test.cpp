// What becomes of folders and files of photos that are not as they should be.
#include "engine/scene/photo_files.h"

#include "engine/scene/exif.h"
#include "engine/scene/orientation.h"
#include "engine/scene/prepare.h"
#include "engine/scene/scene_files.h"
#include "tests/engine/scene/cameras.h"
#include "tests/engine/scene/images.h"
#include "tests/support/temporary_folder.h"

#include <gtest/gtest.h>

namespace lact {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

/// Empty files: kinds are told by names.
void put(const TemporaryFolder& folder, const std::string& within, const std::string& ending, int count) {
    fs::create_directories(folder.path() / within);
    for (int i = 0; i < count; ++i) {
        (void)folder.file(within + "/" + std::to_string(i) + ending, "x");
    }
}

std::string refusal(const fs::path& path) {
    const auto scene = read_scene(path);
    return scene ? "was accepted" : scene.error().message();
}

TEST(PhotoFiles, TheFolderWithMostPhotosIsTaken) {
    const TemporaryFolder folder;
    put(folder, "images", ".jpg", 8);
    EXPECT_EQ(folder_with_photos(folder.path()), folder.path() / "images");
    (void)folder.file("preview.jpg", "x");
    EXPECT_EQ(folder_with_photos(folder.path()), folder.path() / "images");
    put(folder, ".", ".png", 9);
    EXPECT_EQ(folder_with_photos(folder.path()), folder.path());
    (void)folder.file("0_mask.png", "x");  // Belongs to 0.png.
    (void)folder.file("own_mask.png", "x");
    (void)folder.file("dynamic_mask_0.png", "x");  // Belongs to 0.png, too.
    EXPECT_EQ(images_in(folder.path()).size(), 11U);
}

TEST(PhotoFiles, PhotosThatLieDeeperArePointedAt) {
    for (const char* within : {"frames", "cam 0", "images/cam0"}) {
        const TemporaryFolder folder;
        put(folder, within, ".jpg", 5);
        (void)folder.file("preview.jpg", "x");
        const std::string said = refusal(folder.path());
        EXPECT_NE(said.find("holds 1 photo; 5 photos lie in its folder " + std::string(within)),
                  std::string::npos)
            << said;
        EXPECT_NE(said.find(shell_word(folder.path() / within)), std::string::npos) << said;
    }
    for (const char* within : {"masks", "Masks"}) {
        const TemporaryFolder masks;
        put(masks, within, ".png", 5);
        EXPECT_FALSE(photos_elsewhere(masks.path(), 3)) << within;
    }
}

TEST(PhotoFiles, KindsThatAreNotReadAreSaidSo) {
    const TemporaryFolder folder;
    put(folder, "images", ".HEIC", 4);
    const std::string said = refusal(folder.path());
    EXPECT_NE(said.find("4 images in a format that cannot be read, the first is 0.HEIC"), std::string::npos)
        << said;
    EXPECT_NE(said.find("Convert"), std::string::npos) << said;
}

TEST(PhotoFiles, CommandsThatAreSuggestedCanBePasted) {
    EXPECT_EQ(shell_word("/a/b-c_1.jpg"), "/a/b-c_1.jpg");
    EXPECT_EQ(shell_word("/a b/it's"), "'/a b/it'\\''s'");
    EXPECT_EQ(shell_word(""), "''");
    const TemporaryFolder folder;
    put(folder, "my photos", ".jpg", 3);
    const std::string said = refusal(folder.path() / "my photos");
    EXPECT_NE(said.find("lactscope poses '" + (folder.path() / "my photos").string() + "'"),
              std::string::npos)
        << said;
}

TEST(PhotoFiles, PhotosOfASceneNameTheSceneAbove) {
    const TemporaryFolder folder;
    put(folder, "images", ".jpg", 4);
    (void)folder.file("transforms.json", "{}");
    const std::string said = refusal(folder.path() / "images");
    EXPECT_NE(said.find("transforms.json"), std::string::npos) << said;
    EXPECT_NE(said.find("Open the scene: " + folder.path().string()), std::string::npos) << said;
}

TEST(PhotoFiles, BrokenImagesAreTold) {
    const TemporaryFolder folder;
    const Image8 image = test::random_image(40, 30, 3, 5);
    const std::string jpeg = test::jpeg_of(image, 6);
    const std::string png = *encode_png(image);
    const auto problem = [&](const std::string& bytes) {
        return broken_image(folder.file("photo", bytes)).value_or("");
    };
    EXPECT_EQ(problem(jpeg), "");
    EXPECT_EQ(problem(png), "");
    EXPECT_EQ(problem(jpeg + std::string(100, '\0')), "");
    EXPECT_EQ(problem(jpeg.substr(0, jpeg.size() / 2 + 300)), "is cut short");
    EXPECT_EQ(problem(png.substr(0, png.size() / 2)), "is cut short");
    EXPECT_EQ(problem(""), "is empty");
    EXPECT_EQ(problem("<html>"), "is not a readable image");
    EXPECT_TRUE(broken_image(folder.path() / "none"));
}

/// A scene of two good photos, a cut, an empty and a missing one, in both kinds of JSON.
TEST(PhotoFiles, AScenesBrokenPhotosAreSkippedAndNamed) {
    const std::string jpeg = test::jpeg_of(test::random_image(40, 30, 3, 5));
    for (const bool lact : {true, false}) {
        const TemporaryFolder folder;
        (void)folder.file("good.jpg", jpeg);
        (void)folder.file("better.jpg", jpeg);
        (void)folder.file("cut.jpg", jpeg.substr(0, jpeg.size() / 2 + 300));
        (void)folder.file("empty.jpg", "");
        std::string frames;
        for (const char* name : {"good", "cut", "empty", "gone", "better"}) {
            if (!frames.empty()) {
                frames += ',';
            }
            frames += R"({"file_path": ")";
            frames += name;
            frames += ".jpg\", ";
            frames += lact ? R"("fx": 40, "fy": 40, "cx": 20, "cy": 15, "w2c": )"
                           : R"("fl_x": 40, "transform_matrix": )";
            frames += test::unit_pose + "}";
        }
        const fs::path file =
            folder.file(lact ? "opencv_cameras.json" : "transforms.json", "{\"frames\": [" + frames + "]}");
        const auto scene = read_scene(file);
        ASSERT_TRUE(scene) << scene.error().message();
        ASSERT_EQ(scene->views.size(), 2U);
        EXPECT_EQ(scene->views[0].image.filename(), "good.jpg");
        EXPECT_EQ(scene->views[1].image.filename(), "better.jpg");
        std::string warnings;
        for (const SceneRemark& remark : scene->remarks) {
            warnings += remark.text + "\n";
        }
        for (const char* words :
             {"2 of 5", "cut.jpg is cut short", "empty.jpg is empty", "1 of 5", "gone.jpg"}) {
            EXPECT_NE(warnings.find(words), std::string::npos) << words << "\n" << warnings;
        }
        (void)folder.file("good.jpg", "");
        EXPECT_NE(refusal(file).find("only 1 can be used"), std::string::npos) << refusal(file);
        (void)folder.file("better.jpg", "");
        EXPECT_NE(refusal(file).find("not one of their photos"), std::string::npos) << refusal(file);
        EXPECT_NE(refusal(file).find("good.jpg is empty"), std::string::npos) << refusal(file);
    }
}

TEST(Exif, SaysHowACameraWasHeld) {
    const std::string plain = test::jpeg_of(test::plain_image(8, 6, {1, 2, 3}));
    EXPECT_EQ(exif_orientation(std::string_view(plain)), 1);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        const std::string bytes = test::jpeg_of(test::plain_image(8, 6, {1, 2, 3}), orientation);
        EXPECT_EQ(exif_orientation(std::string_view(bytes)), orientation);
        for (std::size_t size = 0; size < 60; ++size) {
            const int read = exif_orientation(std::string_view(bytes).substr(0, size));
            EXPECT_TRUE(read == 1 || read == orientation) << size;
        }
    }
    EXPECT_EQ(exif_orientation(std::string_view(test::jpeg_of(test::plain_image(8, 6, {1, 2, 3}), 9))), 1);
    EXPECT_EQ(exif_orientation(std::string_view("\xFF\xD8\xFF\xE1\xFF\xFF"
                                                "Exif")),
              1);
}

TEST(Exif, TurnsImagesUpright) {
    // Pixels 1 2 3 over 4 5 6, grey in all channels.
    Image8 image{3, 2, 3, {}};
    for (std::uint8_t value = 1; value <= 6; ++value) {
        image.pixels.insert(image.pixels.end(), 3, value);
    }
    const auto turned = [&](int orientation) {
        const Image8 out = upright(image, orientation);
        std::string text;
        for (int y = 0; y < out.height; ++y) {
            for (int x = 0; x < out.width; ++x) {
                text += std::to_string(out.pixels[static_cast<std::size_t>(3 * (y * out.width + x))]);
            }
            text += " ";
        }
        return text;
    };
    EXPECT_EQ(turned(1), "123 456 ");
    EXPECT_EQ(turned(2), "321 654 ");
    EXPECT_EQ(turned(3), "654 321 ");
    EXPECT_EQ(turned(4), "456 123 ");
    EXPECT_EQ(turned(5), "14 25 36 ");
    EXPECT_EQ(turned(6), "41 52 63 ");  // By 90 degrees clockwise.
    EXPECT_EQ(turned(7), "63 52 41 ");
    EXPECT_EQ(turned(8), "36 25 14 ");
}

TEST(Exif, APhotoIsTurnedWhereTheSceneSaysSoAndOnlyThere) {
    const TemporaryFolder folder;
    Image8 image = test::plain_image(64, 32, {200, 0, 0});
    std::fill(image.pixels.begin() + 3 * 64 * 16, image.pixels.end(), std::uint8_t{0});  // Black below.
    SceneFiles scene;
    SceneView view;
    view.image = folder.file("photo.jpg", test::jpeg_of(image, 6));
    const std::vector<std::size_t> first{0};
    const auto prepared = [&](int width, int height) {
        view.camera = {width, height, 50, 50, width / 2.0, height / 2.0, Eigen::Matrix4d::Identity()};
        scene.views = {view};
        stand_upright(scene);
        return prepare_views(scene, first, {width / 2, height / 2});
    };
    const auto turned = prepared(32, 64);
    ASSERT_TRUE(turned) << turned.error().message();
    const ImageF& upright = *turned->front().image;
    EXPECT_LT(upright.rgb[0], 0.1F);  // What was below is on the left now.
    EXPECT_GT(upright.rgb[3 * (16 - 1)], 0.7F);
    EXPECT_EQ(scene.views[0].camera.size(), (Size{32, 64}));
    view.camera = {64, 32, 50, 50, 32, 16, Eigen::Matrix4d::Identity()};
    scene.views = {view};
    const auto stored = prepare_views(scene, first, {32, 16});
    ASSERT_TRUE(stored);
    EXPECT_GT(stored->front().image->rgb[0], 0.7F) << "without a word of the scene the photo stays";
    const auto neither = prepared(64, 64);
    ASSERT_FALSE(neither);
    EXPECT_NE(neither.error().what.find("stored turned by 90 degrees"), std::string::npos)
        << neither.error().what;
}

}  // namespace
}  // namespace lact
