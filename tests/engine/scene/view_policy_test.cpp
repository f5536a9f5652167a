// Every reader against every way in which a view can be bad.
#include "engine/scene/view_policy.h"

#include "engine/model/config.h"
#include "engine/session/load_scene.h"
#include "tests/engine/scene/cameras.h"
#include "tests/engine/scene/images.h"
#include "tests/engine/scene/scene_writer.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <limits>

#include <gtest/gtest.h>

namespace lact {
namespace {

namespace fs = std::filesystem;
using test::SceneFormat;
using test::TemporaryFolder;
using test::WrittenView;

constexpr double infinite_number = std::numeric_limits<double>::infinity();
constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

/// Five photos of 16x16 around an object; the tests spoil the one called b.
struct PolicyScene {
    explicit PolicyScene(SceneFormat scene_format) : format(scene_format) {
        fs::create_directories(folder.path() / "images");
        const auto cameras = test::ring(5, 360, 20, 3);
        for (std::size_t i = 0; i < cameras.size(); ++i) {
            WrittenView view;
            view.photo = std::string(1, static_cast<char>('a' + i)) + ".jpg";
            view.camera = cameras[i];
            view.camera.width = view.camera.height = 16;
            view.camera.fx = view.camera.fy = 20;
            view.camera.cx = view.camera.cy = 8;
            put_photo(view.photo, photo);
            views.push_back(view);
        }
    }
    void put_photo(const std::string& name, const std::string& bytes) const {
        fs::remove(folder.path() / "images" / name);
        (void)folder.file("images/" + name, bytes);
    }
    /// A mask at the place that the format finds: named, or beside the photos.
    void put_mask(const std::string& bytes) {
        fs::create_directories(folder.path() / "masks");
        (void)folder.file("masks/b.png", bytes);
        if (format != SceneFormat::colmap) {
            views[1].mask = "masks/b.png";
        }
    }
    void spoil_pose(const std::function<void(Eigen::Matrix4d&)>& spoil) {
        Eigen::Matrix4d stated = test::stated_pose(format, views[1].camera.c2w);
        spoil(stated);
        views[1].pose = test::matrix_text(stated);
    }
    [[nodiscard]] Result<SceneFiles> read() const {
        test::write_scene_of_images(folder.path(), format, views);
        return read_scene(folder.path());
    }
    [[nodiscard]] Result<LoadedScene> load(SceneRequest request = {}) const {
        test::write_scene_of_images(folder.path(), format, views);
        request.path = folder.path();
        request.size = Size{16, 16};
        return load_scene(request, ModelConfig{}, WeightsInfo{});
    }

    SceneFormat format;
    TemporaryFolder folder;
    std::vector<WrittenView> views;
    std::string photo = test::jpeg_of(test::random_image(16, 16, 3, 5));
};

std::string remarks_about(const std::vector<SceneRemark>& remarks, RemarkKind kind) {
    std::string text;
    for (const SceneRemark& remark : remarks) {
        text += remark.kind == kind ? remark.text + "\n" : "";
    }
    return text;
}

std::vector<std::string> names_of(const SceneFiles& scene) {
    std::vector<std::string> names;
    for (const SceneView& view : scene.views) {
        names.push_back(view.image.filename().string());
    }
    return names;
}

const std::vector<std::string> all_but_b{"a.jpg", "c.jpg", "d.jpg", "e.jpg"};

/// A way to spoil the view b, and a part of the remark about it.
struct Spoil {
    std::string name;
    std::string said;
    std::function<void(PolicyScene&)> spoil;
    bool colmap = true;  ///< Whether a COLMAP model can hold it.
    bool json = true;
};

void spoil_numbers(PolicyScene& scene, const std::function<void(Eigen::Matrix4d&)>& spoil,
                   const std::string& colmap) {
    if (scene.format == SceneFormat::colmap) {
        scene.views[1].pose = colmap;
    } else {
        scene.spoil_pose(spoil);
    }
}

/// What is seen without decoding a photo.
std::vector<Spoil> spoils_of_reading() {
    const auto pose = [](const char* name, const char* said, std::function<void(Eigen::Matrix4d&)> change) {
        return Spoil{name, said, [change](PolicyScene& s) { s.spoil_pose(change); }, false, true};
    };
    return {
        {"no photo", "b.jpg", [](PolicyScene& s) { fs::remove(s.folder.path() / "images/b.jpg"); }},
        {"an empty photo", "b.jpg is empty", [](PolicyScene& s) { s.put_photo("b.jpg", ""); }},
        {"a cut photo", "b.jpg is cut short",
         [](PolicyScene& s) { s.put_photo("b.jpg", s.photo.substr(0, s.photo.size() - 20)); }},
        {"a page", "b.jpg is", [](PolicyScene& s) { s.put_photo("b.jpg", "<!DOCTYPE html>"); }},
        {"a PNG of Apple's programs", "(CgBI), which is not read. Export the photo again as a normal PNG.",
         [](PolicyScene& s) {
             const std::string chunk("\0\0\0\4CgBI\0\0\0\2\0\0\0\0", 16);
             std::string png = *encode_png(test::random_image(16, 16, 3, 7));
             s.put_photo("b.jpg", png.insert(8, chunk));
         }},
        {"an infinite position", "b.jpg",
         [](PolicyScene& s) {
             spoil_numbers(
                 s, [](auto& m) { m(0, 3) = infinite_number; }, "1 0 0 0 inf 0 2");
         }},
        {"a rotation of NaN", "b.jpg",
         [](PolicyScene& s) {
             spoil_numbers(
                 s, [](auto& m) { m(1, 1) = no_number; }, "nan 0 0 0 0 0 2");
         }},
        {"a position out of reach", "b.jpg",
         [](PolicyScene& s) {
             spoil_numbers(
                 s, [](auto& m) { m(2, 3) = 1e30; }, "1 0 0 0 1e30 0 2");
         }},
        {"no rotation", "b.jpg",
         [](PolicyScene& s) {
             spoil_numbers(
                 s, [](auto& m) { m.template block<3, 3>(0, 0).setZero(); }, "0 0 0 0 0 0 2");
         }},
        pose("a mirrored pose", "reflection",
             [](auto& m) {
                 m.col(0) *= -1;
                 m(3, 0) = 0;
             }),
        pose("a sheared pose", "orthonormal",
             [](auto& m) { m.template block<3, 1>(0, 0) += 0.3 * m.template block<3, 1>(0, 1); }),
        pose("a flat pose", "not a rigid pose",
             [](auto& m) { m.template block<3, 1>(0, 0) = m.template block<3, 1>(0, 1); }),
        pose("a projective pose", "last row", [](auto& m) { m(3, 2) = 1; }),
        {"no pose", "b.jpg", [](PolicyScene& s) { s.views[1].pose = "null"; }, false},
    };
}

/// What is seen when the photos are decoded.
std::vector<Spoil> spoils_of_decoding() {
    return {
        {"a photo of another aspect", "b.jpg is 16x8 pixels",
         [](PolicyScene& s) { s.put_photo("b.jpg", test::jpeg_of(test::random_image(16, 8, 3, 1))); }},
        {"a corrupt photo with both ends", "b.jpg is not an image",
         [](PolicyScene& s) {
             std::string png = *encode_png(test::random_image(16, 16, 3, 7));
             png.replace(png.find("IDAT") + 4, 60, std::string(60, '\x5a'));
             s.put_photo("b.jpg", png);
         }},
        {"a black mask", "b.jpg is black all over",
         [](PolicyScene& s) {
             s.put_mask(*encode_png(test::plain_image(16, 16, {0, 0, 0})));
         }},
        {"a mask of another aspect", "b.jpg is 16x12 pixels",
         [](PolicyScene& s) {
             s.put_mask(*encode_png(test::plain_image(16, 12, {255, 255, 255})));
         },
         false},  // COLMAP names no masks.
        {"a corrupt mask", "b.jpg is not an image",
         [](PolicyScene& s) {
             std::string png = *encode_png(test::random_image(16, 16, 3, 7));
             png.replace(png.find("IDAT") + 4, 60, std::string(60, '\x5a'));
             s.put_mask(png);
         }},
    };
}

bool applies(const Spoil& spoil, SceneFormat format) {
    return format == SceneFormat::colmap ? spoil.colmap : spoil.json;
}

TEST(ViewPolicy, AGoodSceneHasNothingToRemark) {
    for (const SceneFormat format : test::scene_formats) {
        const auto scene = PolicyScene(format).read();
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_EQ(scene->views.size(), 5U);
        EXPECT_TRUE(scene->remarks.empty()) << scene->remarks[0].text;
    }
}

TEST(ViewPolicy, ABadViewIsLeftOutAndNamedByEveryReader) {
    for (const SceneFormat format : test::scene_formats) {
        for (const Spoil& spoil : spoils_of_reading()) {
            if (!applies(spoil, format)) {
                continue;
            }
            SCOPED_TRACE(spoil.name + " in format " + std::to_string(static_cast<int>(format)));
            PolicyScene files(format);
            spoil.spoil(files);
            const auto scene = files.read();
            ASSERT_TRUE(scene) << scene.error().message();
            EXPECT_EQ(names_of(*scene), all_but_b);
            const std::string said = remarks_about(scene->remarks, RemarkKind::left_out);
            EXPECT_NE(said.find(spoil.said), std::string::npos) << said;
            EXPECT_NE(said.find("1 of 5 views"), std::string::npos) << said;
            ASSERT_EQ(scene->remarks.size(), 1U);
            EXPECT_EQ(scene->remarks[0].view, format == SceneFormat::colmap ? "b.jpg" : "images/b.jpg");
        }
    }
}

/// The same numbers as of a scene that never listed the view.
TEST(ViewPolicy, AViewThatCannotBeDecodedIsLeftOutAsIfItWereNotThere) {
    for (const SceneFormat format : test::scene_formats) {
        PolicyScene control(format);
        control.views.erase(control.views.begin() + 1);
        SceneRequest request;
        request.input_count = 3;
        const auto expected = control.load(request);
        ASSERT_TRUE(expected) << expected.error().message();
        for (const Spoil& spoil : spoils_of_decoding()) {
            if (!applies(spoil, format)) {
                continue;
            }
            SCOPED_TRACE(spoil.name + " in format " + std::to_string(static_cast<int>(format)));
            PolicyScene files(format);
            spoil.spoil(files);
            const auto loaded = files.load(request);
            ASSERT_TRUE(loaded) << loaded.error().message();
            EXPECT_EQ(names_of(loaded->set->files), all_but_b);
            EXPECT_EQ(loaded->inputs, expected->inputs);
            EXPECT_EQ(loaded->targets, expected->targets);
            ASSERT_EQ(loaded->set->views.size(), expected->set->views.size());
            for (std::size_t i = 0; i < 4; ++i) {
                EXPECT_EQ(loaded->set->views[i].index, i);
                EXPECT_EQ(loaded->set->views[i].camera, expected->set->views[i].camera);
                EXPECT_EQ(loaded->set->views[i].image->rgb, expected->set->views[i].image->rgb);
            }
            const std::string said = remarks_about(loaded->remarks, RemarkKind::left_out);
            EXPECT_NE(said.find(spoil.said), std::string::npos) << said;
        }
    }
}

/// Of a to e, b cannot be decoded: c is view 1, whether all views are decoded or only some.
TEST(ViewPolicy, IndicesCountTheViewsThatCanBeDecoded) {
    PolicyScene files(SceneFormat::lact);
    spoils_of_decoding()[2].spoil(files);
    const auto names = [](const LoadedScene& loaded, const std::vector<std::size_t>& indices) {
        std::string text;
        for (const std::size_t index : indices) {
            text += loaded.set->photo_name(index).substr(0, 1);
        }
        return text;
    };
    SceneRequest request;
    request.inputs = {3, 0};
    for (const bool all : {false, true}) {
        SCOPED_TRACE(all);
        request.targets.reset();
        if (!all) {
            request.targets = std::vector<std::size_t>{1};
        }
        const auto loaded = files.load(request);
        ASSERT_TRUE(loaded) << loaded.error().message();
        EXPECT_EQ(names(*loaded, loaded->inputs), "ea");
        EXPECT_EQ(names(*loaded, loaded->targets), all ? "cd" : "c");
        EXPECT_EQ(loaded->set->views.size(), all ? 4U : 3U);  // Not those before them.
    }
    request.inputs = {2};
    request.targets = std::vector<std::size_t>{};
    const auto one = files.load(request);
    ASSERT_TRUE(one) << one.error().message();
    EXPECT_EQ(names(*one, one->inputs), "d");
    EXPECT_EQ(one->set->views.size(), 1U);
    request.inputs = {4};
    const auto none = files.load(request);
    ASSERT_FALSE(none);
    for (const char* part : {"input view 4 is not there", "0 to 3", "b.jpg", "black all over"}) {
        EXPECT_NE(none.error().message().find(part), std::string::npos) << none.error().message();
    }
}

TEST(ViewPolicy, TwoViewsSufficeAndOneDoesNot) {
    for (const SceneFormat format : test::scene_formats) {
        SCOPED_TRACE(static_cast<int>(format));
        PolicyScene files(format);
        fs::remove(files.folder.path() / "images/a.jpg");
        files.put_photo("c.jpg", "");
        const auto spoils = spoils_of_reading();
        std::ranges::find(spoils, "an infinite position", &Spoil::name)->spoil(files);
        const auto two = files.read();
        ASSERT_TRUE(two) << two.error().message();
        EXPECT_EQ(names_of(*two), (std::vector<std::string>{"d.jpg", "e.jpg"}));
        EXPECT_EQ(two->remarks.size(), 3U);
        // The last of three defects is seen when the photos are decoded.
        files.put_photo("d.jpg", test::jpeg_of(test::random_image(16, 8, 3, 1)));
        SceneRequest request;
        request.input_count = 1;
        const auto undecodable = files.load(request);
        ASSERT_FALSE(undecodable);
        EXPECT_NE(undecodable.error().message().find("d.jpg"), std::string::npos)
            << undecodable.error().message();
        files.put_photo("d.jpg", "");
        const auto one = files.read();
        ASSERT_FALSE(one);
        for (const char* part : {"5 views", "only 1", "a.jpg", "b.jpg", "c.jpg is empty", "d.jpg is empty"}) {
            EXPECT_NE(one.error().message().find(part), std::string::npos) << one.error().message();
        }
        files.put_photo("e.jpg", "");
        EXPECT_FALSE(files.read());
        files.views.resize(0);
    }
}

TEST(ViewPolicy, ASceneOfASingleGoodViewOpens) {
    for (const SceneFormat format : test::scene_formats) {
        PolicyScene files(format);
        files.views.resize(1);
        const auto scene = files.read();
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_EQ(scene->views.size(), 1U);
    }
}

TEST(ViewPolicy, ScaledAxesAreNormalisedAndThePositionStays) {
    const Eigen::Vector3d scales[]{{2, 2, 2}, {0.5, 3, 1}, {1, 1, 1.2}, {1e-4, 1e-4, 1e-4}};
    for (const SceneFormat format : {SceneFormat::lact, SceneFormat::transforms}) {
        for (const Eigen::Vector3d& scale : scales) {
            PolicyScene files(format);
            // A camera with scaled axes: its camera-to-world transform times a diagonal.
            Eigen::Matrix4d scaled = files.views[1].camera.c2w;
            scaled.block<3, 3>(0, 0) *= scale.asDiagonal();
            files.views[1].pose = test::matrix_text(test::stated_pose(format, scaled));
            const auto scene = files.read();
            ASSERT_TRUE(scene) << scene.error().message();
            ASSERT_EQ(scene->views.size(), 5U);
            EXPECT_LT((scene->views[1].camera.c2w - files.views[1].camera.c2w).cwiseAbs().maxCoeff(), 1e-9);
            const std::string said = remarks_about(scene->remarks, RemarkKind::corrected);
            EXPECT_NE(said.find("1 of 5 views has scaled axes"), std::string::npos) << said;
            EXPECT_NE(said.find("b.jpg"), std::string::npos) << said;
        }
    }
}

TEST(ViewPolicy, RotationsOfAFewDigitsAreNotTouched) {
    const Eigen::Matrix4d nearly =
        (Eigen::Matrix4d() << 0.999, 0, 0, 1, 0, 1, 0, 2, 0, 0, 1.001, 3, 0, 0, 0, 1).finished();
    const auto pose = rigid_pose(nearly, PoseKind::camera_to_world, "here");
    ASSERT_TRUE(pose);
    EXPECT_EQ(pose->c2w, nearly);
    EXPECT_FALSE(pose->rescaled);
}

TEST(ViewPolicy, AMissingOrBrokenMaskLeavesThePhotoUnmasked) {
    for (const SceneFormat format : test::scene_formats) {
        for (const bool missing : {true, false}) {
            if (missing && format == SceneFormat::colmap) {
                continue;  // Names no masks.
            }
            PolicyScene files(format);
            files.put_mask("");
            if (missing) {
                files.views[1].mask = "masks/gone.png";
                fs::remove(files.folder.path() / "masks/b.png");
            }
            const auto scene = files.read();
            ASSERT_TRUE(scene) << scene.error().message();
            ASSERT_EQ(scene->views.size(), 5U);
            EXPECT_FALSE(scene->views[1].mask);
            const std::string said = remarks_about(scene->remarks, RemarkKind::mask);
            EXPECT_NE(said.find("1 of 5 views"), std::string::npos) << said;
            EXPECT_NE(said.find("b.jpg"), std::string::npos) << said;
        }
    }
}

TEST(ViewPolicy, AMaskOfAnotherAspectThatNoFileNamesIsNoMaskOfThePhoto) {
    for (const SceneFormat format : test::scene_formats) {
        PolicyScene files(format);
        files.put_mask(*encode_png(test::plain_image(16, 12, {255, 255, 255})));
        files.views[1].mask.clear();
        const auto loaded = files.load();
        ASSERT_TRUE(loaded) << loaded.error().message();
        ASSERT_EQ(loaded->set->files.views.size(), 5U);
        EXPECT_FALSE(loaded->set->files.views[1].mask);
        const std::string said = remarks_about(loaded->remarks, RemarkKind::mask);
        EXPECT_NE(said.find("1 mask found beside the photos has another aspect"), std::string::npos) << said;
        EXPECT_NE(said.find("masks/b.png, of 16x12 pixels"), std::string::npos) << said;
        EXPECT_EQ(remarks_about(loaded->remarks, RemarkKind::unused), "");
    }
}

/// A sixth camera that was registered far away.
TEST(ViewPolicy, AnOutlyingCameraIsNamedAndChosenForNothingByDefault) {
    for (const SceneFormat format : test::scene_formats) {
        for (const Normalization normalization : {Normalization::object, Normalization::mean_pose}) {
            const PolicyScene control(format);
            PolicyScene files(format);
            WrittenView stray = files.views[0];
            stray.photo = "stray.jpg";
            stray.camera.c2w.block<3, 1>(0, 3) = Eigen::Vector3d(900, -700, 3);
            files.put_photo(stray.photo, files.photo);
            files.views.insert(files.views.begin() + 2, stray);
            if (format == SceneFormat::colmap) {
                std::rotate(files.views.begin() + 2, files.views.begin() + 3, files.views.end());
            }
            SceneRequest request;
            request.normalization = normalization;
            request.input_count = 3;
            const auto expected = control.load(request);
            const auto loaded = files.load(request);
            ASSERT_TRUE(expected && loaded);
            ASSERT_EQ(loaded->set->files.views.size(), 6U);
            ASSERT_EQ(loaded->set->views.size(), 6U);
            const std::size_t at = format == SceneFormat::colmap ? 5 : 2;
            for (std::size_t i = 0; i < 6; ++i) {
                EXPECT_EQ(loaded->set->files.views[i].outlying, i == at);
                EXPECT_EQ(loaded->set->views[i].outlying, i == at);
                if (i != at) {
                    EXPECT_EQ(loaded->set->poses[i], expected->set->poses[i > at ? i - 1 : i]);
                }
            }
            EXPECT_EQ(std::ranges::count(loaded->inputs, at), 0);
            EXPECT_EQ(std::ranges::count(loaded->targets, at), 0);
            EXPECT_EQ(loaded->inputs.size() + loaded->targets.size(), 5U);
            const std::string said = remarks_about(loaded->remarks, RemarkKind::geometry);
            EXPECT_NE(said.find("1 of 6 cameras does not fit the others: stray.jpg"), std::string::npos)
                << said;
            request.inputs = {at, 0};
            const auto asked = files.load(request);
            ASSERT_TRUE(asked);
            EXPECT_EQ(asked->inputs, request.inputs) << "who asks for it gets it";
        }
    }
}

}  // namespace
}  // namespace lact
