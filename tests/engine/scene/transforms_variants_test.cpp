// What programs and data sets of the NeRF family write in place of, or beside, the usual transforms.json.
#include "engine/scene/camera_track_import.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/scene_files.h"
#include "tests/engine/scene/cameras.h"
#include "tests/engine/scene/scene_writer.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include <Eigen/Geometry>
#include <gtest/gtest.h>

namespace lact {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using test::texts_of;

/// A transforms.json beside photos of 8x6 pixels.
struct VariantScene {
    TemporaryFolder folder;

    VariantScene() {
        for (const char* name : {"a.png", "b.png", "c.png"}) {
            test::put_photo(folder.path() / name);
        }
    }
    [[nodiscard]] Result<SceneFiles> read(const std::string& fields, const std::string& frames) const {
        return read_scene(folder.file("transforms.json", "{" + fields + R"("frames": [)" + frames + "]}"));
    }
};

/// A frame with more fields; the pose only where they have none.
std::string variant_frame(const std::string& photo, const std::string& fields, bool pose = true) {
    return R"({"file_path": ")" + photo + "\"" + (fields.empty() ? "" : ", " + fields) +
           (pose ? R"(, "transform_matrix": )" + test::unit_pose : "") + "}";
}

/// BlenderNeRF writes the resolution times a percentage; Blender draws the whole pixels of it.
TEST(TransformsVariants, SizesWithAFractionAreThoseOfTheWholePixels) {
    const VariantScene files;
    const std::string intrinsics = R"("cx": 316.8, "cy": 178.2)";
    for (const auto& [w, h, size] : {std::tuple{"633.6", "356.4", Size{633, 356}},
                                     std::tuple{"440.00000000000006", "330", Size{440, 330}},
                                     std::tuple{"439.99999999999994", "330.0", Size{440, 330}}}) {
        const std::string sides = R"("w": )" + std::string(w) + R"(, "h": )" + h + ", ";
        const auto transforms =
            files.read(sides + intrinsics + R"(, "fl_x": 500, )", variant_frame("a.png", ""));
        const auto lact = read_scene(files.folder.file(
            "opencv_cameras.json", R"([{"file_path": "a.png", )" + sides + intrinsics +
                                       R"(, "fx": 500, "fy": 500, "w2c": )" + test::unit_pose + "}]"));
        for (const auto& scene : {transforms, lact}) {
            ASSERT_TRUE(scene) << scene.error().message();
            const Camera& camera = scene->views.at(0).camera;
            EXPECT_EQ(camera.size(), size) << w;
            EXPECT_EQ(camera.fx, 500);
            EXPECT_EQ(camera.cx, 316.8) << "as written";
            EXPECT_EQ(camera.cy, 178.2);
        }
    }
}

TEST(TransformsVariants, FramesOfNeus2HaveAMatrixOfIntrinsicsAndTheAxesOfOpenCv) {
    const VariantScene files;
    const auto scene = files.read(
        R"("from_na": true, "w": 8, "h": 6, "fl_x": 30, "cx": 1, "cy": 1, )",
        variant_frame("a.png", R"("intrinsic_matrix": [[9,0,4.5,0],[0,10,3.5,0],[0,0,1,0],[0,0,0,1]])") +
            "," +
            variant_frame("b.png", R"("intrinsic_matrix": [[11,0,4,0],[0,12,3,0],[0,0,1,0]], "fl_x": 20)") +
            "," + variant_frame("c.png", ""));
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 3U);
    const Camera& a = scene->views[0].camera;
    EXPECT_EQ(a.fx, 9);
    EXPECT_EQ(a.fy, 10);
    EXPECT_EQ(a.cx, 4.5) << "the frame's comes before the file's";
    EXPECT_EQ(a.cy, 3.5);
    EXPECT_EQ(a.c2w, Eigen::Matrix4d(Eigen::Matrix4d::Identity())) << "no axis is negated";
    EXPECT_EQ(scene->views[1].camera.fx, 20);
    EXPECT_EQ(scene->views[1].camera.fy, 12);
    EXPECT_EQ(scene->views[2].camera.fx, 30);
    EXPECT_EQ(scene->views[2].camera.cx, 1);
    const auto with_rows = [&](const std::string& rows) {
        const auto read = files.read("", variant_frame("a.png", R"("intrinsic_matrix": )" + rows));
        return read ? "was accepted" : read.error().message();
    };
    EXPECT_NE(with_rows("[[9,0],[0,9]]").find("frames[0].intrinsic_matrix: is a list of 2"),
              std::string::npos)
        << with_rows("[[9,0],[0,9]]");
    EXPECT_NE(with_rows("[[-9,0,4],[0,9,3],[0,0,1]]").find("intrinsic_matrix[0][0]: is -9"),
              std::string::npos);
    // Other fields make up for a matrix that cannot be read.
    const auto otherwise = files.read(R"("fl_x": 30, "cx": 1, "cy": 2, )",
                                      variant_frame("a.png", R"("intrinsic_matrix": [9,9])"));
    ASSERT_TRUE(otherwise) << otherwise.error().message();
    EXPECT_EQ(otherwise->views[0].camera.fx, 30);
    EXPECT_EQ(otherwise->views[0].camera.cy, 2);
    const auto usual = files.read(R"("from_na": false, "fl_x": 9, )", variant_frame("a.png", ""));
    ASSERT_TRUE(usual);
    EXPECT_EQ(usual->views[0].camera.c2w(1, 1), -1);
}

/// The program of NeuS2, a copy of instant-ngp, scales and moves its world, and does not permute its axes.
TEST(TransformsVariants, CameraPathsOfNeus2LeadToTheWorldOfTheScene) {
    const VariantScene files;
    ASSERT_TRUE(files.read(R"("from_na": true, "scale": 0.5, "offset": [0.5, 0.25, 0], "fl_x": 9, )",
                           variant_frame("a.png", "")));
    TrackImportOptions options;
    options.scene_file = files.folder.path() / "transforms.json";
    const std::string key = R"({"R": [0,0,0,1], "T": [1.0,0.75,)";
    const auto read =
        import_camera_track(files.folder.file("path.json", R"({"path": [)" + key + R"(1.0], "fov": 40}, )" +
                                                               key + R"(2.0], "fov": 40}], "time": 0})"),
                            options);
    ASSERT_TRUE(read) << read.error().message();
    const Eigen::Matrix4d& c2w = read->track.keys.at(0).pose.c2w;
    EXPECT_LT((c2w.block<3, 1>(0, 3) - Eigen::Vector3d(1, 1, 2)).norm(), 1e-12);
    EXPECT_LT((c2w.block<3, 3>(0, 0) - Eigen::Matrix3d::Identity()).norm(), 1e-12);
}

TEST(TransformsVariants, OfARollingShutterThePoseOfTheFirstRowIsTaken) {
    const VariantScene files;
    const std::string poses = R"("transform_matrix_start": [[1,0,0,5],[0,1,0,6],[0,0,1,7],[0,0,0,1]],
        "transform_matrix_end": [[1,0,0,9],[0,1,0,9],[0,0,1,9],[0,0,0,1]])";
    const auto scene = files.read(R"("fl_x": 9, )",
                                  variant_frame("a.png", poses, false) + "," + variant_frame("b.png", poses));
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 2U);
    EXPECT_EQ(scene->views[0].camera.position(), Eigen::Vector3d(5, 6, 7));
    EXPECT_EQ(scene->views[1].camera.position(), Eigen::Vector3d(0, 0, 0)) << "the whole photo has a pose";
    const auto said = texts_of(*scene, RemarkKind::corrected);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("1 of 2 views has a pose for the first row"), std::string::npos) << said[0];
}

TEST(TransformsVariants, OfASceneThatMovesItIsSaidThatItStandsStill) {
    const VariantScene files;
    for (const bool moves : {true, false}) {
        const auto scene = files.read(R"("camera_angle_x": 0.7, )",
                                      variant_frame("a", R"("time": 0.5)") + "," +
                                          variant_frame("b", moves ? R"("time": 1.0)" : R"("time": 0.5)"));
        ASSERT_TRUE(scene) << scene.error().message();
        const auto said = texts_of(*scene, RemarkKind::corrected);
        ASSERT_EQ(said.size(), moves ? 1U : 0U);
        if (moves) {
            EXPECT_NE(said[0].find("different times, 0.5 to 1"), std::string::npos) << said[0];
        }
    }
}

/// A capture as ScanNet++ has it: photos of 8x6 pixels, fisheye ones and undistorted ones.
struct ScannetppCapture {
    TemporaryFolder folder;
    fs::path dslr = folder.path() / "0a7cc12c0e/dslr";

    ScannetppCapture() {
        for (const char* photos : {"resized_images", "resized_undistorted_images"}) {
            for (const char* name : {"DSC1.JPG", "DSC2.JPG", "DSC3.JPG"}) {
                test::put_photo(dslr / photos / name);
            }
        }
        for (const char* masks : {"resized_anon_masks", "resized_undistorted_masks"}) {
            for (const char* name : {"DSC1.png", "DSC2.png", "DSC3.png"}) {
                test::put_photo(dslr / masks / name);
            }
        }
        const auto frame = [](const std::string& name) {
            return variant_frame(name + ".JPG", R"("mask_path": ")" + name + ".png\"");
        };
        const std::string frames = R"("fl_x": 9, "fl_y": 9, "cx": 4, "cy": 3, "w": 8, "h": 6, "frames": [)" +
                                   frame("DSC1") + "," + frame("DSC2") + R"(], "test_frames": [)" +
                                   frame("DSC3") + "]}";
        test::write_text(dslr / "nerfstudio/transforms.json",
                         R"({"camera_model": "OPENCV_FISHEYE", "k1": 0.1, )" + frames);
        test::write_text(dslr / "nerfstudio/transforms_undistorted.json",
                         R"({"camera_model": "PINHOLE", )" + frames);
        test::write_text(dslr / "colmap/cameras.txt", "1 OPENCV_FISHEYE 8 6 9 9 4 3 0.1 0 0 0\n");
        std::string images;
        for (int i = 1; i <= 3; ++i) {
            images += fmt::format("{0} 1 0 0 0 {0} 0 2 1 DSC{0}.JPG\n\n", i);
        }
        test::write_text(dslr / "colmap/images.txt", images);
    }
};

/// Checks that all views have the photos of one folder and the masks of another.
void expect_scannetpp(const Result<SceneFiles>& scene, const fs::path& photos, const fs::path& masks) {
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->name, "0a7cc12c0e");
    ASSERT_EQ(scene->views.size(), 3U);
    for (const SceneView& view : scene->views) {
        EXPECT_EQ(view.image.lexically_normal().parent_path(), photos);
        ASSERT_TRUE(view.mask);
        EXPECT_EQ(view.mask->lexically_normal().parent_path(), masks);
    }
    EXPECT_TRUE(texts_of(*scene, RemarkKind::left_out).empty());
}

TEST(Scannetpp, PhotosAndMasksLieBesideTheFolderOfTheCameras) {
    const ScannetppCapture files;
    for (const char* opened : {"", "..", "nerfstudio", "nerfstudio/transforms.json"}) {
        SCOPED_TRACE(opened);
        const auto scene = read_scene((files.dslr / opened).lexically_normal());
        expect_scannetpp(scene, files.dslr / "resized_images", files.dslr / "resized_anon_masks");
        ASSERT_TRUE(scene);
        for (const SceneView& view : scene->views) {
            EXPECT_EQ(view.distortion.model, LensModel::fisheye);
            EXPECT_EQ(view.test, view.image.filename() == "DSC3.JPG");
        }
        const auto elsewhere = texts_of(*scene, RemarkKind::found_elsewhere);
        ASSERT_EQ(elsewhere.size(), std::string(opened).starts_with("nerf") ? 0U : 1U);
        if (!elsewhere.empty()) {
            EXPECT_NE(elsewhere[0].find("The folder colmap beside"), std::string::npos) << elsewhere[0];
        }
    }
}

TEST(Scannetpp, UndistortedCamerasHaveTheUndistortedPhotos) {
    const ScannetppCapture files;
    const fs::path photos = files.dslr / "resized_undistorted_images";
    const fs::path masks = files.dslr / "resized_undistorted_masks";
    const auto named = read_scene(files.dslr / "nerfstudio/transforms_undistorted.json");
    expect_scannetpp(named, photos, masks);
    ASSERT_TRUE(named);
    EXPECT_EQ(named->views[0].distortion, LensDistortion{});
    fs::remove_all(files.dslr / "resized_images");
    const auto left = read_scene(files.dslr);
    expect_scannetpp(left, photos, masks);
    ASSERT_TRUE(left);
    EXPECT_EQ(left->views[0].distortion, LensDistortion{});
    const auto lens = read_scene(files.dslr / "nerfstudio/transforms.json");
    ASSERT_FALSE(lens) << "undistorted photos would be undistorted once more";
    EXPECT_NE(lens.error().message().find((files.dslr / "resized_images/DSC1.JPG").string()),
              std::string::npos)
        << lens.error().message();
}

TEST(Scannetpp, TheModelOfColmapFindsThemToo) {
    const ScannetppCapture files;
    const auto scene = read_scene(files.dslr / "colmap");
    expect_scannetpp(scene, files.dslr / "resized_images", files.dslr / "resized_anon_masks");
    fs::remove_all(files.dslr / "resized_images");
    const auto lens = read_scene(files.dslr / "colmap");
    ASSERT_FALSE(lens);
    EXPECT_NE(lens.error().message().find((files.dslr / "resized_images").string()), std::string::npos)
        << lens.error().message();
    test::write_text(files.dslr / "colmap/cameras.txt", "1 PINHOLE 8 6 9 9 4 3\n");
    expect_scannetpp(read_scene(files.dslr / "colmap"), files.dslr / "resized_undistorted_images",
                     files.dslr / "resized_undistorted_masks");
}

TEST(Scannetpp, FoldersOfPhotosLeadToTheirScene) {
    const ScannetppCapture files;
    const fs::path cameras = files.dslr / "nerfstudio";
    const auto expect_hint = [&](const char* photos, const fs::path& opens) {
        const auto read = read_scene(files.dslr / photos);
        ASSERT_FALSE(read);
        EXPECT_NE(read.error().message().find("Open the scene: " + opens.string()), std::string::npos)
            << read.error().message();
        EXPECT_TRUE(read_scene(opens)) << opens;
    };
    expect_hint("resized_images", cameras / "transforms.json");
    expect_hint("resized_undistorted_images", cameras / "transforms_undistorted.json");
    fs::remove(cameras / "transforms_undistorted.json");
    expect_hint("resized_undistorted_images", cameras / "transforms.json");
    fs::remove_all(cameras);
    expect_hint("resized_images", files.dslr / "colmap/images.txt");
}

TEST(Scannetpp, APhotoOfBothListsIsForTesting) {
    const VariantScene files;
    const std::string a = variant_frame("a.png", "");
    const auto scene = files.read(R"("fl_x": 9, "test_frames": [)" + a + "], ",
                                  a + "," + variant_frame("b.png", "") + "," + variant_frame("c.png", ""));
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 3U);
    EXPECT_TRUE(scene->views[0].test);
    EXPECT_FALSE(scene->views[1].test);
    const auto refused = files.read(R"("fl_x": 9, "test_frames": {}, )", a);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("test_frames: is an object of 0"), std::string::npos)
        << refused.error().message();
}

TEST(Scannetpp, FoldersOfMasksAreNoneOfPhotos) {
    for (const char* name : {"mask", "Masks", "masks_2", "resized_anon_masks", "front_masks"}) {
        EXPECT_TRUE(is_mask_folder_name(name)) << name;
    }
    for (const char* name : {"images", "unmasked", "maximum", "gas_mask"}) {
        EXPECT_FALSE(is_mask_folder_name(name)) << name;
    }
}

}  // namespace
}  // namespace lact
