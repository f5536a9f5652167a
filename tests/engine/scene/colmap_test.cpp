#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "engine/scene/colmap_model.h"
#include "engine/scene/prepare.h"
#include "engine/scene/scene_files.h"
#include "tests/engine/scene/images.h"
#include "tests/support/temporary_folder.h"

#include <array>
#include <cmath>
#include <random>

#include <Eigen/LU>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::TemporaryFolder;

/// A scene written by COLMAP (tests/tools/make_colmap_models.py): a photo in every perspective camera model.
fs::path data_folder() {
    return fs::path(LACT_TESTS_DIR) / "data" / "colmap";
}

const json& ground_truth() {
    static const json value = json::parse(*read_file(data_folder() / "truth.json"));
    return value;
}

Eigen::Matrix4d true_c2w(const json& view) {
    Eigen::Matrix4d w2c = Eigen::Matrix4d::Identity();
    for (Eigen::Index r = 0; r < 3; ++r) {
        for (Eigen::Index c = 0; c < 4; ++c) {
            w2c(r, c) = view["w2c"][static_cast<std::size_t>(r)][static_cast<std::size_t>(c)];
        }
    }
    return w2c.inverse();
}

/// The colours that the tool painted, in 0 to 255, of a direction in the world.
Eigen::Vector3d pattern(const Eigen::Vector3d& d) {
    return 255 * Eigen::Vector3d(0.5 + 0.4 * std::sin(5 * d.x() + 1),
                                 0.5 + 0.4 * std::sin(6 * d.y() - 2 * d.x()),
                                 0.5 + 0.4 * std::cos(4 * d.z() + 3 * d.y()));
}

TEST(Colmap, ReadsCamerasAndPosesAsColmapMeantThem) {
    for (const char* name :
         {"", "sparse/0", "sparse/0/images.bin", "sparse/0/cameras.bin", "text", "text/images.txt"}) {
        const auto scene = read_scene(data_folder() / name);
        ASSERT_TRUE(scene) << name << ": " << scene.error().message();
        EXPECT_EQ(scene->format, "colmap") << name;
        EXPECT_TRUE(scene->remarks.empty()) << name << ": " << scene->remarks[0].text;
        ASSERT_EQ(scene->views.size(), ground_truth()["views"].size()) << name;
        for (std::size_t i = 0; i < scene->views.size(); ++i) {
            const SceneView& view = scene->views[i];
            const json& expected = ground_truth()["views"][i];
            EXPECT_EQ(view.image.filename().string(), expected["name"]);
            EXPECT_LT((view.camera.c2w - true_c2w(expected)).cwiseAbs().maxCoeff(), 1e-9) << name << " " << i;
            EXPECT_EQ(view.camera.width, expected["width"]);
            EXPECT_EQ(view.camera.height, expected["height"]);
            EXPECT_EQ(view.camera.fx, expected["params"][0]);
        }
    }
}

TEST(Colmap, EveryLensProjectsAsColmapDoes) {
    const auto scene = read_scene(data_folder());
    ASSERT_TRUE(scene);
    for (std::size_t i = 0; i < scene->views.size(); ++i) {
        const SceneView& view = scene->views[i];
        const json& expected = ground_truth()["views"][i];
        for (std::size_t p = 0; p < expected["plane"].size(); ++p) {
            const PlanePoint seen =
                distorted({expected["plane"][p][0], expected["plane"][p][1]}, view.distortion);
            EXPECT_NEAR(seen.x * view.camera.fx + view.camera.cx, expected["pixels"][p][0], 1e-9)
                << expected["model"];
            EXPECT_NEAR(seen.y * view.camera.fy + view.camera.cy, expected["pixels"][p][1], 1e-9)
                << expected["model"];
        }
        const bool pinhole = expected["model"] == "PINHOLE" || expected["model"] == "SIMPLE_PINHOLE";
        EXPECT_EQ(bends(view.distortion, view.camera), !pinhole) << expected["model"];
    }
}

TEST(Colmap, UndistortedPhotosShowWhatAPinholeSees) {
    const auto scene = read_scene(data_folder());
    ASSERT_TRUE(scene);
    for (const SceneView& view : scene->views) {
        const auto photo = load_image(view.image);
        ASSERT_TRUE(photo);
        const Image8 out = undistort(*photo, view.camera, view.distortion);
        double worst = 0;
        int compared = 0;
        for (int y = 1; y + 1 < out.height; ++y) {
            for (int x = 1; x + 1 < out.width; ++x) {
                const auto at = 4 * static_cast<std::size_t>(y * out.width + x);
                if (out.pixels[at + 3] < 255) {
                    continue;
                }
                const Eigen::Vector3d ray((x + 0.5 - view.camera.cx) / view.camera.fx,
                                          (y + 0.5 - view.camera.cy) / view.camera.fy, 1);
                // The outermost pixels are continued beyond their centres; there the pattern is not.
                const PlanePoint lens = distorted({ray.x(), ray.y()}, view.distortion);
                const double u = lens.x * view.camera.fx + view.camera.cx;
                const double v = lens.y * view.camera.fy + view.camera.cy;
                if (u < 1 || v < 1 || u > out.width - 1 || v > out.height - 1) {
                    continue;
                }
                const Eigen::Vector3d colour = pattern(view.camera.c2w.block<3, 3>(0, 0) * ray.normalized());
                for (std::size_t c = 0; c < 3; ++c) {
                    worst =
                        std::max(worst, std::abs(out.pixels[at + c] - colour[static_cast<Eigen::Index>(c)]));
                }
                ++compared;
            }
        }
        EXPECT_LT(worst, 3) << view.image;
        EXPECT_GT(compared, 800) << view.image;
    }
}

TEST(Colmap, ASceneIsNamedAfterItsCapture) {
    const TemporaryFolder folder;
    const fs::path capture = folder.path() / "chair";
    for (const char* within : {"", "dense", "colmap"}) {
        fs::create_directories(capture / within / "sparse/0");
        fs::copy(data_folder() / "sparse/0", capture / within / "sparse/0");
    }
    fs::create_directory_symlink(data_folder() / "images", capture / "images");
    for (const char* named : {"", "sparse", "sparse/", "sparse/0", "sparse/0/images.bin", "dense",
                              "dense/sparse/0", "colmap/sparse/0"}) {
        const auto scene = read_scene(capture / named);
        ASSERT_TRUE(scene) << named << ": " << scene.error().message();
        EXPECT_EQ(scene->name, "chair") << named;
    }
    fs::rename(capture, folder.path() / "0");
    EXPECT_EQ(read_scene(folder.path() / "0")->name, "0");
}

TEST(Lens, ShowsNothingTwice) {
    EXPECT_EQ(fold_radius({}, 2), 2);
    EXPECT_NEAR(fold_radius({LensModel::opencv, {-0.6}}, 2), std::sqrt(1 / 1.8), 2e-3);
    EXPECT_EQ(fold_radius({LensModel::opencv, {-0.1}}, 1), 1);
    EXPECT_EQ(fold_radius({LensModel::fisheye, {}}, 50), 50);
    EXPECT_NEAR(fold_radius({LensModel::division, {0.25}}, 2), 1, 2e-3);  // 1 - 4 k r² < 0 beyond.
}

TEST(Lens, AlmostNoneIsNone) {
    const Camera camera{640, 480, 500, 500, 320, 240, Eigen::Matrix4d::Identity()};
    EXPECT_FALSE(bends({}, camera));
    EXPECT_FALSE(bends({LensModel::opencv, {1e-5}}, camera));
    EXPECT_TRUE(bends({LensModel::opencv, {1e-2}}, camera));
    EXPECT_TRUE(bends({LensModel::fisheye, {}}, camera));
    EXPECT_TRUE(bends({LensModel::division, {10}}, camera));
}

/// A scene of two photos whose model is a text that tests change.
struct TextScene {
    TemporaryFolder folder;
    std::string cameras = "# comment\n\n1 PINHOLE 8 6 9 9 4 3\r\n2 SIMPLE_RADIAL 8 6 9 4 3 0.1\n";
    std::string images =
        "# comment\n1 1 0 0 0 0 0 2 1 b c.png\n\n2 0 1 0 0 1 2 3 2 sub/a.png\n1 2 -1 3 4 7\n";

    TextScene() {
        fs::create_directories(folder.path() / "images/sub");
        fs::create_directories(folder.path() / "sparse/0");
        const auto png = encode_png(test::plain_image(8, 6, {1, 2, 3}));
        (void)folder.file("images/b c.png", *png);
        (void)folder.file("images/sub/a.png", *png);
    }
    [[nodiscard]] Result<SceneFiles> read() const {
        (void)folder.file("sparse/0/cameras.txt", cameras);
        (void)folder.file("sparse/0/images.txt", images);
        return read_scene(folder.path());
    }
    [[nodiscard]] std::string refusal() const {
        const auto scene = read();
        return scene ? "was accepted" : scene.error().message();
    }
};

TEST(ColmapText, SkipsCommentsKeepsSpacesAndSubfolders) {
    const TextScene files;
    const auto scene = files.read();
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 2U);
    EXPECT_EQ(scene->views[0].image, files.folder.path() / "images/b c.png");
    EXPECT_EQ(scene->views[1].image, files.folder.path() / "images/sub/a.png");
    EXPECT_LT((scene->views[0].camera.position() - Eigen::Vector3d(0, 0, -2)).norm(), 1e-12);
    EXPECT_EQ(scene->views[1].distortion, (LensDistortion{LensModel::opencv, {0.1}}));
}

TEST(ColmapText, SizesMayHaveADecimalPoint) {
    TextScene files;
    files.cameras = "1 PINHOLE 8.0 6.0 9 9 4 3\n2 SIMPLE_RADIAL 8 6 9 4 3 0.1\n";
    const auto scene = files.read();
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->views[0].camera.size(), (Size{8, 6}));
    files.cameras.replace(files.cameras.find("8.0"), 3, "8.5");
    EXPECT_NE(files.refusal().find("8.5"), std::string::npos) << files.refusal();
}

TEST(ColmapText, RefusesWhatIsWrongWithFileAndLine) {
    const std::vector<std::tuple<std::string, std::string, std::string>> table{
        {"PINHOLE", "FISH_BOWL", "FISH_BOWL"},
        {"PINHOLE 8 6 9 9 4 3", "EQUIRECTANGULAR 8 6 8 6", "perspective"},
        {"8 6 9 9 4 3", "8 6 9 9 4", "3 parameters"},
        {"8 6 9 9 4 3", "8 6 9 9 4 3 1", "5 parameters"},
        {"8 6 9 9 4 3", "8 6 nan 9 4 3", "nan"},
        {"8 6 9 9 4 3", "8 6 1e-9 9 4 3", "focal length"},
        {"8 6 9 9 4 3", "8 6 9 9 4e9 3", "principal point"},
        {"8 6 9 9 4 3", "0 6 9 9 4 3", "0x6"},
        {"8 6 9 9 4 3", "99999 6 9 9 4 3", "99999x6"},
        {"8 6 9 9 4 3", "-8 6 9 9 4 3", "-8"},
        {"2 SIMPLE", "1 SIMPLE", "twice"},
        {"3 0.1", "3 1000", "lens parameter"},
        {"2 sub/a.png", "7 sub/a.png", "camera 7"},
        {"1 0 0 0 0 0 2 1 b", "0 0 0 0 0 0 2 1 b", "rotation"},
        {"1 0 0 0 0 0 2 1 b", "1 0 0 0 0 0 1e300 1 b", "position"},
        {"1 0 0 0 0 0 2 1 b", "1 0 0 0 0 0 x 1 b", "'x'"},
        {"sub/a.png", "", "name"},
    };
    for (const auto& [good, bad, words] : table) {
        TextScene files;
        for (std::string* text : {&files.cameras, &files.images}) {
            if (const auto at = text->find(good); at != std::string::npos) {
                text->replace(at, good.size(), bad);
                break;
            }
        }
        EXPECT_NE(files.refusal().find(words), std::string::npos) << bad << ": " << files.refusal();
        EXPECT_NE(files.refusal().find(".txt"), std::string::npos) << bad << ": " << files.refusal();
    }
    TextScene files;
    files.images = "# nothing\n";
    EXPECT_NE(files.refusal().find("no photo is registered"), std::string::npos) << files.refusal();
}

TEST(ColmapText, MissingPhotosAreNamed) {
    TextScene files;
    files.images += "3 1 0 0 0 0 0 3 1 d.png\n\n";
    (void)files.folder.file("images/d.png", *encode_png(test::plain_image(8, 6, {1, 2, 3})));
    fs::remove(files.folder.path() / "images/sub/a.png");
    const auto scene = files.read();
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->views.size(), 2U);
    ASSERT_EQ(scene->remarks.size(), 1U);
    EXPECT_NE(scene->remarks[0].text.find("sub/a.png"), std::string::npos) << scene->remarks[0].text;
    fs::remove(files.folder.path() / "images/b c.png");
    EXPECT_NE(files.refusal().find("b c.png"), std::string::npos) << files.refusal();
}

TEST(ColmapText, ReducedCopiesAreUsedOnlyWhereNothingElseIs) {
    const TextScene files;
    const auto reduced = encode_png(test::plain_image(4, 3, {1, 2, 3}));
    fs::create_directories(files.folder.path() / "images_2/sub");
    (void)files.folder.file("images_2/b c.png", *reduced);
    (void)files.folder.file("images_2/sub/a.png", *reduced);
    EXPECT_EQ(files.read()->views[0].image, files.folder.path() / "images/b c.png");
    fs::remove_all(files.folder.path() / "images");
    const auto scene = files.read();
    ASSERT_TRUE(scene) << scene.error().message();
    EXPECT_EQ(scene->views[0].image, files.folder.path() / "images_2/b c.png");
    EXPECT_EQ(scene->remarks.size(), 1U);
    const std::vector<std::size_t> all{0, 1};
    EXPECT_TRUE(prepare_views(*scene, all, {8, 8}));
}

TEST(ColmapText, OfSeveralModelsTheLargestIsRead) {
    const TextScene files;
    ASSERT_TRUE(files.read());
    fs::create_directories(files.folder.path() / "sparse/1");
    (void)files.folder.file("sparse/1/cameras.txt", files.cameras);
    (void)files.folder.file("sparse/1/images.txt", "1 1 0 0 0 0 0 2 1 b c.png\n\n");
    // The number of photos decides, not the length of the file.
    (void)files.folder.file("sparse/1/images.txt",
                            "1 1 0 0 0 0 0 2 1 b c.png\n\n# " + std::string(500, 'x') + "\n");
    const auto scene = files.read();
    EXPECT_EQ(scene->views.size(), 2U);
    ASSERT_EQ(scene->remarks.size(), 1U);
    EXPECT_NE(scene->remarks[0].text.find("2 models"), std::string::npos) << scene->remarks[0].text;
    EXPECT_NE(scene->remarks[0].text.find("sparse/0, of 2 photos"), std::string::npos)
        << scene->remarks[0].text;
    (void)files.folder.file("sparse/0/images.txt", "1 1 0 0 0 0 0 2 1 b c.png\n\n");
    (void)files.folder.file("sparse/1/images.txt", files.images);
    EXPECT_EQ(read_scene(files.folder.path())->views.size(), 2U);
}

TEST(ColmapText, ModelsAreNumberedWithGapsAndFromAnyNumber) {
    for (const char* other : {"", "0", "1", "17"}) {
        const TextScene files;
        ASSERT_TRUE(files.read());
        fs::rename(files.folder.path() / "sparse/0", files.folder.path() / "sparse/12");
        if (*other != 0) {
            const std::string model = "sparse/" + std::string(other);
            fs::create_directories(files.folder.path() / model);
            (void)files.folder.file(model + "/cameras.txt", files.cameras);
            (void)files.folder.file(model + "/images.txt", "1 1 0 0 0 0 0 2 1 b c.png\n\n");
        }
        const auto scene = read_scene(files.folder.path());
        ASSERT_TRUE(scene) << other << ": " << scene.error().message();
        EXPECT_EQ(scene->views.size(), 2U) << other;
        ASSERT_EQ(scene->remarks.size(), *other == 0 ? 0U : 1U) << other;
        if (*other != 0) {
            EXPECT_NE(scene->remarks[0].text.find("sparse/12, of 2 photos"), std::string::npos)
                << scene->remarks[0].text;
            EXPECT_NE(scene->remarks[0].text.find("not " + std::string(other) + " with 1"), std::string::npos)
                << scene->remarks[0].text;
            const auto chosen = read_scene(files.folder.path() / "sparse" / other);
            ASSERT_TRUE(chosen) << other;
            EXPECT_EQ(chosen->views.size(), 1U) << "the model that is named is read";
            EXPECT_EQ(chosen->remarks.size(), 2U) << "the other model, and a photo without a pose";
        }
    }
}

/// Lines of points may be there, empty, or left out; every mix of them is read as COLMAP means it.
TEST(ColmapText, PhotosAreReadWithAndWithoutLinesOfPoints) {
    const std::array<std::string, 3> photos{"1 1 0 0 0 0 0 2 1 b c.png\n", "2 0 1 0 0 1 2 3 2 sub/a.png\n",
                                            "3 1 0 0 0 1 0 2 1 7\n"};
    const std::array<std::string, 4> points{"", "\n", "1.5 2 -1 3e1 4 7\n", "# no points\n"};
    for (std::size_t mix = 0; mix < 64; ++mix) {
        TextScene files;
        (void)files.folder.file("images/7", *encode_png(test::plain_image(8, 6, {1, 2, 3})));
        files.images.clear();
        for (std::size_t i = 0; i < photos.size(); ++i) {
            files.images += photos[i] + points[(mix >> (2 * i)) % 4];
        }
        const auto scene = files.read();
        ASSERT_TRUE(scene) << files.images << scene.error().message();
        EXPECT_EQ(scene->views.size(), 3U) << files.images;
        EXPECT_EQ(colmap_image_count(files.folder.path() / "sparse/0/images.txt"), 3U) << files.images;
    }
}

/// The points of a large capture: more than the largest text file of other kinds.
TEST(ColmapText, AListOfPhotosOfAnySizeIsRead) {
    const TextScene files;
    ASSERT_TRUE(files.read());
    // The hole of the file, which takes no space on the disk, belongs to the comment.
    const fs::path file =
        files.folder.file("sparse/0/images.txt", files.images + "# " + std::string(5000, 'x'));
    fs::resize_file(file, largest_text_file + 1);
    EXPECT_EQ(colmap_image_count(file), 2U);
    const auto model = read_colmap_model(file);
    ASSERT_TRUE(model) << model.error().message();
    EXPECT_EQ(model->images.size(), 2U);
}

TEST(ColmapText, LineEndsOfEverySystemAreRead) {
    for (const char* end : {"\n", "\r\n", "\r"}) {
        TextScene files;
        for (std::string* text : {&files.cameras, &files.images}) {
            std::string changed;
            for (const char c : *text) {
                changed += c == '\r' ? "" : c == '\n' ? end : std::string(1, c);
            }
            *text = changed;
        }
        const auto scene = files.read();
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_EQ(scene->views.size(), 2U);
        EXPECT_EQ(colmap_image_count(files.folder.path() / "sparse/0/images.txt"), 2U);
    }
    TextScene files;
    files.images = "<!DOCTYPE html><html></html>";
    EXPECT_NE(files.refusal().find("HTML page"), std::string::npos) << files.refusal();
}

TEST(ColmapText, OfAPhotoThatIsListedTwiceTheFirstEntryCounts) {
    TextScene files;
    files.images += "9 1 0 0 0 0 0 5 1 b c.png\n\n";
    const auto scene = files.read();
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 2U);
    EXPECT_LT((scene->views[0].camera.position() - Eigen::Vector3d(0, 0, -2)).norm(), 1e-12);
    ASSERT_EQ(scene->remarks.size(), 1U);
    EXPECT_EQ(scene->remarks[0].kind, RemarkKind::duplicate);
}

/// The binary model's files, changed by `change`, in a folder of their own beside the photos.
template <class Change>
Result<SceneFiles> read_changed(const TemporaryFolder& folder, const Change& change) {
    std::string cameras = *read_file(data_folder() / "sparse/0/cameras.bin");
    std::string images = *read_file(data_folder() / "sparse/0/images.bin");
    change(cameras, images);
    (void)folder.file("cameras.bin", cameras);
    (void)folder.file("images.bin", images);
    return read_scene(folder.path());
}

TEST(ColmapBinary, EveryCutIsRefused) {
    const TemporaryFolder folder;
    fs::create_directory_symlink(data_folder() / "images", folder.path() / "images");
    ASSERT_TRUE(read_changed(folder, [](auto&, auto&) {}));
    const std::size_t cameras_size = fs::file_size(data_folder() / "sparse/0/cameras.bin");
    const std::size_t images_size = fs::file_size(data_folder() / "sparse/0/images.bin");
    for (std::size_t size = 0; size < cameras_size; size += 11) {
        const auto scene = read_changed(folder, [&](auto& cameras, auto&) { cameras.resize(size); });
        ASSERT_FALSE(scene) << size;
        EXPECT_NE(scene.error().message().find("cameras.bin"), std::string::npos);
    }
    for (std::size_t size = 0; size < images_size; size += 41) {
        const auto scene = read_changed(folder, [&](auto&, auto& images) { images.resize(size); });
        ASSERT_FALSE(scene) << size;
        EXPECT_NE(scene.error().message().find("images.bin"), std::string::npos);
    }
}

TEST(ColmapBinary, AbsurdCountsAreRefusedBeforeAnythingIsAllocated) {
    const TemporaryFolder folder;
    const auto with_count = [](std::string& file) { file.replace(0, 8, std::string(7, '\xff') + '\x7f'); };
    const auto cameras = read_changed(folder, [&](auto& file, auto&) { with_count(file); });
    ASSERT_FALSE(cameras);
    EXPECT_NE(cameras.error().what.find("9223372036854775807"), std::string::npos) << cameras.error().what;
    const auto images = read_changed(folder, [&](auto&, auto& file) { with_count(file); });
    ASSERT_FALSE(images);
    EXPECT_NE(images.error().what.find("photos"), std::string::npos) << images.error().what;
    const auto model = read_changed(folder, [](auto& file, auto&) { file[12] = 17; });
    ASSERT_FALSE(model);
    EXPECT_NE(model.error().message().find("spherical"), std::string::npos) << model.error().message();
}

TEST(ColmapBinary, ThePhotosOfALargeModelAreCountedByItsFirstBytes) {
    const TemporaryFolder folder;
    const fs::path file = folder.file("images.bin", std::string("\3\0\0\0\0\0\0\0", 8));
    EXPECT_EQ(colmap_image_count(file), 0U) << "three do not fit";
    fs::resize_file(file, std::uintmax_t{1} << 40);  // Takes no space on the disk, and fits in no memory.
    EXPECT_EQ(colmap_image_count(file), 3U);
    fs::resize_file(file, 7);
    EXPECT_EQ(colmap_image_count(file), 0U);
}

TEST(ColmapBinary, MutatedModelsNeverBreakTheReader) {
    const TemporaryFolder folder;
    fs::create_directory_symlink(data_folder() / "images", folder.path() / "images");
    std::mt19937 generator(3);
    int refused = 0;
    for (int round = 0; round < 400; ++round) {
        const auto scene = read_changed(folder, [&](std::string& cameras, std::string& images) {
            std::string& file = generator() % 2 == 0 ? cameras : images;
            for (unsigned i = 0; i <= generator() % 4; ++i) {
                file[generator() % file.size()] = static_cast<char>(generator() % 256);
            }
        });
        refused += scene ? 0 : 1;
        for (std::size_t i = 0; scene && i < scene->views.size(); ++i) {
            const Camera& camera = scene->views[i].camera;
            EXPECT_TRUE(camera.c2w.allFinite());
            EXPECT_TRUE(camera.fx > 0 && camera.fy > 0 && camera.width > 0 && camera.height > 0);
        }
    }
    EXPECT_GT(refused, 80);
}

}  // namespace
}  // namespace lact
