#include "engine/scene/normalize.h"
#include "engine/scene/prepare.h"
#include "engine/scene/scene_files.h"
#include "tests/engine/scene/cameras.h"
#include "tests/engine/scene/images.h"
#include "tests/engine/scene/scene_writer.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <Eigen/LU>
#include <gtest/gtest.h>

namespace lact {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

/// A folder with 8x6 photos a.png, b.png, c.jpg (a PNG in truth) and sub/d.png.
struct PhotoFolder : TemporaryFolder {
    PhotoFolder() {
        const std::string bytes = *encode_png(test::plain_image(8, 6, {1, 2, 3}));
        fs::create_directory(path() / "sub");
        for (const char* name : {"a.png", "b.png", "c.jpg", "sub/d.png"}) {
            std::ignore = file(name, bytes);
        }
    }
    [[nodiscard]] Result<SceneFiles> transforms(const std::string& json) const {
        return read_scene(file("transforms.json", json));
    }
    [[nodiscard]] Result<SceneFiles> lact(const std::string& json) const {
        return read_scene(file("opencv_cameras.json", json));
    }
};

TEST(LactJson, ReadsIntrinsicsAndInvertsThePose) {
    const PhotoFolder photos;
    const auto scene = photos.lact(R"([{"w": 8, "h": 6.0, "fx": 10, "fy": 11, "cx": 4, "cy": 3,
        "w2c": [[0,1,0,1],[0,0,-1,2],[-1,0,0,3],[0,0,0,1]], "file_path": "sub/../a.png"}])");
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->format, "lact-json");
    EXPECT_EQ(scene->name, photos.path().filename().string());
    EXPECT_EQ(scene->folder, photos.path());
    ASSERT_EQ(scene->views.size(), 1U);
    const Camera& camera = scene->views[0].camera;
    EXPECT_EQ(camera.height, 6);
    EXPECT_EQ(camera.fy, 11);
    Eigen::Matrix4d w2c;
    w2c << 0, 1, 0, 1, 0, 0, -1, 2, -1, 0, 0, 3, 0, 0, 0, 1;
    EXPECT_LT((camera.c2w * w2c - Eigen::Matrix4d::Identity()).cwiseAbs().maxCoeff(), 1e-12);
    ASSERT_EQ(scene->remarks.size(), 1U);
    EXPECT_NE(scene->remarks[0].text.find("2 of 3 photos"), std::string::npos) << scene->remarks[0].text;
}

TEST(LactJson, AcceptsFramesAbsolutePathsMasksAndAnyFileName) {
    const PhotoFolder photos;
    const std::string json =
        R"({"frames": [{"fx": 10, "fy": 11, "cx": 4, "cy": 3, "mask_path": "b.png", "w2c": )" +
        test::unit_pose + R"(, "file_path": ")" + (photos.path() / "a.png").string() + "\"}]}";
    const auto scene = read_scene(photos.file("cameras.json", json));
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->format, "lact-json");
    EXPECT_EQ(scene->views[0].camera.width, 8);  // From the image, as the file does not say.
    EXPECT_EQ(scene->views[0].mask, photos.path() / "b.png");
}

TEST(LactJson, ReadsTheFilesOfLvsm) {
    const PhotoFolder photos;
    const auto read = [&](const std::string& intrinsics) {
        const auto view = [&](const std::string& photo) {
            return R"({"image_path": ")" + photo + R"(", "fxfycxcy": )" + intrinsics + R"(, "w2c": )" +
                   test::unit_pose + "}";
        };
        return read_scene(photos.file("0a1b.json", R"({"scene_name": "0a1b", "frames": [)" +
                                                       view((photos.path() / "a.png").string()) + "," +
                                                       view("b.png") + "]}"));
    };
    const auto scene = read("[10, 11, 4, 3]");
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->format, "lact-json");
    ASSERT_EQ(scene->views.size(), 2U);
    EXPECT_EQ(scene->views[1].image, photos.path() / "b.png");
    const Camera& camera = scene->views[0].camera;
    EXPECT_EQ(camera.width, 8);
    EXPECT_EQ(camera.fx, 10);
    EXPECT_EQ(camera.fy, 11);
    EXPECT_EQ(camera.cx, 4);
    EXPECT_EQ(camera.cy, 3);
    const auto refused = read("[10, 11]");
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("fxfycxcy: is a list of 2"), std::string::npos)
        << refused.error().message();
}

TEST(TransformsJson, TurnsOpenGlAxesIntoOpenCv) {
    const PhotoFolder photos;
    const auto scene = photos.transforms(R"({"camera_angle_x": 1.5707963267948966, "frames": [
        {"file_path": "./a", "transform_matrix": [[1,0,0,5],[0,1,0,6],[0,0,1,7],[0,0,0,1]]}]})");
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->format, "transforms-json");
    const SceneView& view = scene->views.at(0);
    EXPECT_EQ(view.image.lexically_normal(), photos.path() / "a.png");
    const Eigen::Matrix4d expected =
        (Eigen::Matrix4d() << 1, 0, 0, 5, 0, -1, 0, 6, 0, 0, -1, 7, 0, 0, 0, 1).finished();
    EXPECT_EQ(view.camera.c2w, expected);
    EXPECT_EQ(view.camera.width, 8);
    EXPECT_NEAR(view.camera.fx, 4, 1e-12);
    EXPECT_NEAR(view.camera.fy, 4, 1e-12);
    EXPECT_EQ(view.camera.cx, 4);
    EXPECT_EQ(view.camera.cy, 3);
}

/// Those of instant-ngp are in degrees, and it takes them before a focal length.
TEST(TransformsJson, FieldsOfViewInDegreesGiveTheFocalLength) {
    const PhotoFolder photos;
    for (const char* fields : {R"("x_fov": 90, "y_fov": 90)", R"("x_fov": 90, "y_fov": 90, "fl_x": 17)",
                               R"("x_fov": 90, "fl_y": 3, "camera_angle_x": 1)"}) {
        const auto scene = photos.transforms(R"({"frames": [{"file_path": "a", "transform_matrix": )" +
                                             std::string(test::unit_pose) + "}], " + fields + "}");
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_NEAR(scene->views.at(0).camera.fx, 4, 1e-12) << fields;  // 8x6
        EXPECT_NEAR(scene->views.at(0).camera.fy, 3, 1e-12) << fields;
    }
}

TEST(TransformsJson, CamerasOfMitsubaLookAlongZ) {
    const PhotoFolder photos;
    for (const auto& [fields, mitsuba] :
         {std::pair{R"("from_mitsuba": true)", true}, std::pair{R"("normal_mts_args": {"a": 1})", true},
          std::pair{R"("normal_mts_args": 1, "from_mitsuba": false)", false}}) {
        const auto scene = photos.transforms(R"({"fl_x": 9, )" + std::string(fields) +
                                             R"(, "frames": [{"file_path": "a", "transform_matrix": )" +
                                             R"([[1,0,0,5],[0,1,0,6],[0,0,1,7],[0,0,0,1]]}]})");
        ASSERT_TRUE(scene) << scene.error().message();
        const Eigen::Matrix4d& c2w = scene->views.at(0).camera.c2w;
        const Eigen::Vector4d axes = mitsuba ? Eigen::Vector4d(-1, -1, 1, 1) : Eigen::Vector4d(1, -1, -1, 1);
        EXPECT_EQ(Eigen::Vector4d(c2w.diagonal()), axes) << fields;
        EXPECT_EQ(scene->views.at(0).camera.position(), Eigen::Vector3d(5, 6, 7));
    }
}

/// What programs write for a field that they leave out.
TEST(ReadScene, EmptyAndNullFieldsThatMayBeAbsentRefuseNothing) {
    const PhotoFolder photos;
    const auto transforms = photos.transforms(R"({"camera_model": null, "fl_x": null, "camera_angle_x": 1.5,
        "w": null, "h": null, "cx": null, "cy": null, "k1": 0.1, "k3": null, "frames": [
        {"file_path": "a.png", "mask_path": "", "k1": null, "transform_matrix": )" +
                                              test::unit_pose + R"(},
        {"file_path": "b.png", "mask_path": null, "transform_matrix": )" +
                                              test::unit_pose + "}]}");
    const std::string intrinsics = R"("w": null, "h": null, "fx": 9, "fy": 9, "cx": 4, "cy": 3, "w2c": )";
    const auto lact =
        photos.lact(R"([{"file_path": "a.png", "mask_path": "", )" + intrinsics + test::unit_pose +
                    R"(}, {"file_path": "b.png", "mask_path": null, )" + intrinsics + test::unit_pose + "}]");
    for (const auto& scene : {transforms, lact}) {
        ASSERT_TRUE(scene) << scene.error().message();
        ASSERT_EQ(scene->views.size(), 2U);
        EXPECT_EQ(scene->views[0].camera.size(), (Size{8, 6}));
        EXPECT_EQ(scene->views[0].camera.cx, 4);
        EXPECT_FALSE(scene->views[0].mask);
        const auto said = test::texts_of(*scene, RemarkKind::mask);
        ASSERT_EQ(said.size(), 1U);
        EXPECT_NE(said[0].find("1 of 2 views has no mask"), std::string::npos) << said[0];
    }
    EXPECT_EQ(transforms->views[0].distortion, (LensDistortion{LensModel::opencv, {0.1}}));
}

TEST(ReadScene, TheCentreStandsForACoordinateThatIsNullBesideANumber) {
    const PhotoFolder photos;
    const auto scene = photos.transforms(R"({"fl_x": 9, "cx": 3, "cy": null, "frames": [
        {"file_path": "a.png", "transform_matrix": )" +
                                         test::unit_pose + R"(},
        {"file_path": "b.png", "cx": NaN, "cy": 2, "transform_matrix": )" +
                                         test::unit_pose + "}]}");
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 2U);
    EXPECT_EQ(scene->views[0].camera.cx, 3);
    EXPECT_EQ(scene->views[0].camera.cy, 3) << "half of the height";
    // What a frame has as null, the file may have as a number.
    EXPECT_EQ(scene->views[1].camera.cx, 3);
    EXPECT_EQ(scene->views[1].camera.cy, 2);
    const auto said = test::texts_of(*scene, RemarkKind::corrected);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("1 of 2 views has null"), std::string::npos) << said[0];
    EXPECT_NE(said[0].find("a.png"), std::string::npos) << said[0];
}

/// Without a stated size the intrinsics belong to the photos that are named, not to the copies that are
/// there.
TEST(ReadScene, IntrinsicsBelongToTheFullSizeWhereOnlyReducedCopiesAreThere) {
    const TemporaryFolder folder;
    test::put_photo(folder.path() / "images_4/a.png");  // 8x6.
    const std::string frame = R"({"frames": [{"file_path": "images/a.png", )";
    for (const auto& [fields, focal] :
         {std::pair{R"("fl_x": 40, "transform_matrix": )", 10.0},
          std::pair{R"("camera_angle_x": 1.5707963267948966, "transform_matrix": )", 4.0},
          std::pair{R"("fx": 40, "fy": 40, "cx": 16, "cy": 12, "w2c": )", 10.0}}) {
        const auto scene = read_scene(folder.file("cameras.json", frame + fields + test::unit_pose + "}]}"));
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_EQ(scene->views.at(0).camera.size(), (Size{32, 24})) << fields;
        const auto views = prepare_views(*scene, std::vector<std::size_t>{0}, {8, 6});
        ASSERT_TRUE(views) << views.error().message();
        EXPECT_NEAR(views->front().camera.fx, focal, 1e-9) << fields;
        EXPECT_NEAR(views->front().camera.cx, 4, 1e-9) << fields;
    }
}

TEST(TransformsJson, FramesOverrideWhatHoldsForAll) {
    const PhotoFolder photos;
    const auto scene =
        photos.transforms(R"({"w": 8, "h": 6, "fl_x": 9, "fl_y": 10, "cx": 4.5, "k1": 0.1, "frames": [
        {"file_path": "a.png", "transform_matrix": )" +
                          test::unit_pose + R"(},
        {"file_path": "sub\\d", "fl_x": 20, "fl_y": 21, "cy": 2, "k1": 0.2, "p2": 0.01, "w": 16, "h": 12,
         "mask_path": "b.png", "transform_matrix": )" +
                          test::unit_pose + R"(}]})");
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 2U);
    const SceneView& a = scene->views[0];
    const SceneView& d = scene->views[1];
    EXPECT_EQ(a.camera.fx, 9);
    EXPECT_EQ(a.camera.cy, 3);
    EXPECT_EQ(a.distortion, (LensDistortion{LensModel::opencv, {0.1}}));
    EXPECT_EQ(d.camera.fy, 21);
    EXPECT_EQ(d.camera.cx, 4.5);
    EXPECT_EQ(d.camera.cy, 2);
    EXPECT_EQ(d.camera.width, 16);
    EXPECT_EQ(d.distortion, (LensDistortion{LensModel::opencv, {0.2, 0, 0, 0.01}}));
    EXPECT_EQ(d.mask, photos.path() / "b.png");
}

TEST(TransformsJson, LensesOfEveryProgramLandInTheirPlaces) {
    const PhotoFolder photos;
    const auto lens_of = [&](const std::string& fields) {
        const auto scene =
            photos.transforms(R"({"fl_x": 9, "ply_file_path": "points.ply", "applied_transform":
            [[1,0,0,0],[0,0,1,0],[0,-1,0,0]], "frames": [{"file_path": "a.png", )" +
                              fields + R"(, "transform_matrix": )" + test::unit_pose + "}]}");
        EXPECT_TRUE(scene) << scene.error().message();
        return scene ? scene->views[0].distortion : LensDistortion{};
    };
    const std::string all = R"("k1": 0.1, "k2": 0.2, "k3": 0.3, "k4": 0.4, "p1": 0.01, "p2": 0.02)";
    EXPECT_EQ(lens_of(R"("camera_model": "OPENCV", )" + all),
              (LensDistortion{LensModel::opencv, {0.1, 0.2, 0.01, 0.02, 0.3}}));
    EXPECT_EQ(lens_of(R"("camera_model": "OPENCV_FISHEYE", )" + all),
              (LensDistortion{LensModel::fisheye, {0.1, 0.2, 0.01, 0.02, 0.3, 0.4}}));
    EXPECT_EQ(lens_of(R"("is_fisheye": true, "k4": 0.4)"),
              (LensDistortion{LensModel::fisheye, {0, 0, 0, 0, 0, 0.4}}));
    EXPECT_EQ(lens_of(R"("camera_model": "FULL_OPENCV", "k5": 0.5, "k6": 0.6, )" + all),
              (LensDistortion{LensModel::opencv, {0.1, 0.2, 0.01, 0.02, 0.3, 0.4, 0.5, 0.6}}));
    EXPECT_EQ(lens_of(R"("camera_model": "PINHOLE")"), LensDistortion{});
}

TEST(TransformsJson, LensesWithOtherParameters) {
    const PhotoFolder photos;
    const auto read = [&](const std::string& fields) {
        return photos.transforms(R"({"fl_x": 9, "frames": [{"file_path": "a.png", )" + fields +
                                 R"(, "transform_matrix": )" + test::unit_pose + "}]}");
    };
    EXPECT_EQ(read(R"("camera_model": "FOV", "omega": 0.9, "k1": 3)")->views[0].distortion,
              (LensDistortion{LensModel::fov, {0.9}}));
    for (const char* name : {"FISHEYE624", "RAD_TAN_THIN_PRISM_FISHEYE"}) {
        const std::string model = R"("camera_model": ")" + std::string(name) + "\"";
        EXPECT_EQ(read(model + R"(, "distortion_params": [1,2,3,4,5,6,7,8,9,10,11,12])")->views[0].distortion,
                  (LensDistortion{LensModel::rad_tan_thin_prism, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}}));
        EXPECT_NE(read(model).error().message().find("distortion_params"), std::string::npos);
        EXPECT_NE(read(model + R"(, "distortion_params": [1])").error().message().find("12 numbers"),
                  std::string::npos);
    }
}

TEST(TransformsJson, PhotosForTestingAndValidationAreNoInputsByThemselves) {
    const PhotoFolder photos;
    std::string frames;
    for (const char* name : {"a.png", "./b.png", "sub/d.png", "c.jpg"}) {
        if (!frames.empty()) {
            frames += ',';
        }
        frames += R"({"file_path": ")";
        frames += name;
        frames += R"(", "transform_matrix": )" + test::unit_pose + "}";
    }
    const auto scene = photos.transforms(
        R"({"fl_x": 9, "test_filenames": ["./a.png", 3], "val_filenames": ["b.png", "sub\\d.png"], "frames": [)" +
        frames + "]}");
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 4U);
    for (const SceneView& view : scene->views) {
        EXPECT_EQ(view.test, view.image.filename() != "c.jpg") << view.image;
    }
}

TEST(TransformsJson, TheTrainAndTestPartsOfABlenderSceneAreOneScene) {
    const PhotoFolder photos;
    const auto part = [&](const std::string& image) {
        return R"({"camera_angle_x": 0.69, "frames": [{"file_path": "./)" + image +
               R"(", "rotation": 0.01, "transform_matrix": )" + test::unit_pose + "}]}";
    };
    std::ignore = photos.file("transforms_test.json", part("c"));
    std::ignore = photos.file("transforms_val.json", part("a"));
    const auto train = photos.file("transforms_train.json", part("a"));
    const auto scene = read_scene(photos.path());
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 2U);
    EXPECT_EQ(scene->views[0].image.filename(), "a.png");
    EXPECT_EQ(scene->views[1].image.filename(), "c.jpg");
    EXPECT_NEAR(scene->views[0].camera.fx, 4 / std::tan(0.345), 1e-9);
    EXPECT_EQ(scene->folder, photos.path());
    EXPECT_EQ(read_scene(train)->views.size(), 1U);
    EXPECT_FALSE(scene->views[0].test);
    EXPECT_TRUE(scene->views[1].test);
    EXPECT_FALSE(read_scene(photos.path() / "transforms_test.json")->views[0].test) << "asked for by name";
}

/// A transforms file whose frames show the photos; more fields of the top level in `fields`.
std::string transforms_of(const std::vector<std::string>& names, const std::string& fields = {}) {
    std::string frames;
    for (const std::string& name : names) {
        frames += frames.empty() ? "" : ",";
        frames += R"({"file_path": ")" + name + R"(", "transform_matrix": )" + test::unit_pose + "}";
    }
    return R"({"fl_x": 9, )" + fields + R"("frames": [)" + frames + "]}";
}

TEST(TransformsJson, APhotoOfTwoPartsIsNeverAnInputAndAHeldOutView) {
    const PhotoFolder photos;
    std::ignore = photos.file("transforms_train.json", transforms_of({"a", "b"}));
    std::ignore = photos.file("transforms_test.json", transforms_of({"./b.png", "c"}));
    const auto scene = read_scene(photos.path());
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 3U);
    EXPECT_FALSE(scene->views[1].test);
    EXPECT_EQ(scene->views[2].image.filename(), "c.jpg");
    EXPECT_TRUE(scene->views[2].test);
    const auto twice = test::texts_of(*scene, RemarkKind::duplicate);
    ASSERT_EQ(twice.size(), 1U);
    EXPECT_NE(twice[0].find("1 of 4 views"), std::string::npos) << twice[0];
}

TEST(TransformsJson, SaysHowManyViewsAreReservedAndWhichPartsAreNotRead) {
    const PhotoFolder photos;
    std::ignore = photos.file("transforms_train.json", transforms_of({"a", "b"}));
    std::ignore = photos.file("transforms_val.json", transforms_of({"c"}));
    const auto reserved = [&](const std::string& words) {
        const auto scene = read_scene(photos.path());
        EXPECT_TRUE(scene) << scene.error().message();
        const auto texts = test::texts_of(*scene, RemarkKind::unused);
        return std::ranges::any_of(
            texts, [&](const std::string& text) { return text.find(words) != std::string::npos; });
    };
    EXPECT_TRUE(reserved("reserve 1 of 3 views")) << "validation stands in for testing";
    EXPECT_FALSE(reserved("not read"));
    std::ignore = photos.file("transforms_test.json", transforms_of({"sub/d"}));
    EXPECT_TRUE(reserved("reserve 1 of 3 views"));
    EXPECT_TRUE(reserved("not read: transforms_val.json (1 frame)"));
    std::ignore = photos.file("transforms.json", transforms_of({"a", "b", "c"}));
    EXPECT_FALSE(reserved("reserve"));
    EXPECT_TRUE(reserved("transforms_train.json (2 frames), transforms_test.json (1 frame)"));
}

TEST(TransformsJson, AnEmptyPartForTestingRefusesNothing) {
    const PhotoFolder photos;
    std::ignore = photos.file("transforms_train.json", transforms_of({"a", "b"}));
    std::ignore = photos.file("transforms_test.json", transforms_of(std::vector<std::string>()));
    const auto scene = read_scene(photos.path());
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->views.size(), 2U);
    std::ignore = photos.file("transforms_val.json", transforms_of({"c"}));
    const auto validated = read_scene(photos.path());
    ASSERT_TRUE(validated) << validated.error().message();
    ASSERT_EQ(validated->views.size(), 3U);
    EXPECT_TRUE(validated->views[2].test);
}

TEST(TransformsJson, TheFolderOfAPartLeadsToItsScene) {
    const PhotoFolder photos;
    fs::create_directory(photos.path() / "train");
    fs::copy_file(photos.path() / "a.png", photos.path() / "train/a.png");
    std::ignore = photos.file("transforms_train.json", transforms_of({"./train/a"}));
    const auto part = read_scene(photos.path() / "train");
    ASSERT_FALSE(part);
    EXPECT_NE(part.error().message().find("Open the scene: " + photos.path().string()), std::string::npos)
        << part.error().message();
}

TEST(TransformsJson, ListsOfNerfstudioReserveAllPhotosThatAreNotForTraining) {
    const PhotoFolder photos;
    const auto scene = photos.transforms(transforms_of(
        {"a.png", "b.png", "c.jpg"}, R"("train_filenames": ["./a.png"], "test_filenames": ["b.png"], )"));
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 3U);
    EXPECT_FALSE(scene->views[0].test);
    EXPECT_TRUE(scene->views[1].test);
    EXPECT_TRUE(scene->views[2].test) << "in no list";
    const auto said = test::texts_of(*scene, RemarkKind::unused);
    ASSERT_EQ(said.size(), 1U);
    EXPECT_NE(said[0].find("reserve 2 of 3 views"), std::string::npos) << said[0];
}

TEST(ReadScene, AFolderOfPhotosWithoutPosesSaysHowToGetThem) {
    const PhotoFolder photos;
    for (const fs::path& folder : {photos.path(), photos.path().parent_path() / "lact_test_nothing_here"}) {
        const auto scene = read_scene(folder);
        ASSERT_FALSE(scene);
        EXPECT_EQ(scene.error().message().find("lactscope poses") != std::string::npos,
                  folder == photos.path())
            << scene.error().message();
    }
    fs::create_directories(photos.path() / "capture/images");
    fs::copy_file(photos.path() / "a.png", photos.path() / "capture/images/a.png");
    const auto scene = read_scene(photos.path() / "capture");
    ASSERT_FALSE(scene);
    EXPECT_NE(scene.error().message().find("holds 1 photo"), std::string::npos) << scene.error().message();
}

TEST(TransformsJson, SkipsFramesWithoutAPhotoAndSaysSo) {
    const PhotoFolder photos;
    const auto scene = photos.transforms(R"({"fl_x": 9, "frames": [
        {"file_path": "gone.png", "transform_matrix": )" +
                                         test::unit_pose + R"(},
        {"file_path": "a", "transform_matrix": )" +
                                         test::unit_pose + R"(},
        {"file_path": "c", "transform_matrix": )" +
                                         test::unit_pose + R"(}]})");
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 2U);
    EXPECT_EQ(scene->views[1].image, photos.path() / "c.jpg");
    const auto left_out = test::texts_of(*scene, RemarkKind::left_out);
    ASSERT_EQ(left_out.size(), 1U);
    EXPECT_NE(left_out[0].find("1 of 3"), std::string::npos) << left_out[0];
    EXPECT_NE(left_out[0].find("gone.png"), std::string::npos) << left_out[0];
}

TEST(TransformsJson, FindsMasksBesideThePhotosAndSaysSo) {
    const PhotoFolder photos;
    std::ignore = photos.file("a_mask.png", *encode_png(test::plain_image(8, 6, {255, 255, 255})));
    const auto scene = photos.transforms(R"({"fl_x": 9, "frames": [
        {"file_path": "a.png", "transform_matrix": )" +
                                         test::unit_pose + R"(}]})");
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->views[0].mask, photos.path() / "a_mask.png");
    EXPECT_EQ(test::texts_of(*scene, RemarkKind::mask).size(), 1U);
}

TEST(ReadScene, AFolderIsReadByWhatItHolds) {
    const PhotoFolder photos;
    const std::string frames =
        R"({"fl_x": 9, "frames": [{"file_path": "a.png", "transform_matrix": )" + test::unit_pose + "}]}";
    std::ignore = photos.file("transforms_train.json", frames);
    const auto scene = read_scene(photos.path() / "");
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->name, photos.path().filename().string());
}

TEST(ReadScene, GeneratedScenesHave32ViewsThatCanBePrepared) {
    for (const char* name : {"bouquet", "parcel", "spinning_top"}) {
        const auto scene = read_scene(fs::path(LACT_ASSETS_DIR) / "scenes" / name);
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_EQ(scene->views.size(), 32U);
        EXPECT_EQ(scene->name, name);
        EXPECT_EQ(choose_normalization(*scene, Normalization::automatic).normalization, Normalization::none);
        const auto views = prepare_views(*scene, std::vector<std::size_t>{0, 31}, {64, 64});
        ASSERT_TRUE(views) << views.error().message();
        EXPECT_GT((*views)[0].foreground, 0.02F);
        EXPECT_LT((*views)[0].foreground, 0.98F);
        for (const SceneView& view : scene->views) {
            EXPECT_LT(test::rigidity_error(view.camera.c2w), 1e-5);
        }
    }
}

TEST(ReadScene, TheFoxCaptureReadsNormalizesAndUndistorts) {
    const char* scenes = std::getenv("LACT_SCENES_DIR");
    const fs::path folder = fs::path(scenes != nullptr ? scenes : "") / "fox";
    if (scenes == nullptr || !fs::exists(folder)) {
        GTEST_SKIP() << "SKIPPED: the scene " << folder.string() << " is not there (set LACT_SCENES_DIR)";
    }
    auto scene = read_scene(folder);
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->views.size(), 50U);
    EXPECT_TRUE(scene->remarks.empty());
    EXPECT_NE(scene->views[0].distortion.k[0], 0);
    const auto choice = choose_normalization(*scene, Normalization::automatic);
    EXPECT_NE(choice.normalization, Normalization::none);
    for (const Normalization kind : {Normalization::object, Normalization::mean_pose}) {
        normalize(*scene, kind, 2.66);
        for (const SceneView& view : scene->views) {
            EXPECT_LT(test::rigidity_error(view.camera.c2w), 1e-4);
            EXPECT_LT(view.camera.position().norm(), 20);
        }
    }
    const auto views = prepare_views(*scene, std::vector<std::size_t>{0, 49}, {64, 64});
    ASSERT_TRUE(views) << views.error().message();
    EXPECT_GT((*views)[0].foreground, 0.5F);
}

}  // namespace
}  // namespace lact
