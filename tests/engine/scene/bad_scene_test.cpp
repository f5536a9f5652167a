// What is wrong with a scene is said with file and field, and no file, however broken, stops the program.
#include "engine/scene/scene_files.h"
#include "tests/engine/scene/images.h"
#include "tests/support/replaced.h"
#include "tests/support/temporary_folder.h"

#include <cmath>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

namespace fs = std::filesystem;
using test::replaced;
using test::TemporaryFolder;

/// Two good views; the snippets of the tables replace a part of the second.
const std::string good_lact = R"([
{"w": 8, "h": 6, "fx": 9, "fy": 9, "cx": 4, "cy": 3, "w2c": [[1,0,0,0],[0,1,0,0],[0,0,1,2],[0,0,0,1]], "file_path": "a.png"},
{"w": 16, "h": 12, "fx": 10, "fy": 11, "cx": 7, "cy": 5, "w2c": [[1,0,0,0],[0,1,0,0],[0,0,1,3],[0,0,0,1]], "file_path": "b.png"}
])";
const std::string good_transforms = R"({"k1": 0.5, "frames": [
{"w": 8, "h": 6, "fl_x": 9, "file_path": "a.png", "transform_matrix": [[1,0,0,0],[0,1,0,0],[0,0,1,2],[0,0,0,1]]},
{"w": 16, "h": 12, "fl_x": 10, "fl_y": 11, "cx": 7, "cy": 5, "file_path": "b.png", "transform_matrix": [[1,0,0,0],[0,1,0,0],[0,0,1,3],[0,0,0,1]]}
]})";

class BadScene : public testing::Test {
  protected:
    BadScene() {
        const std::string bytes = *encode_png(test::plain_image(8, 6, {1, 2, 3}));
        std::ignore = folder_.file("a.png", bytes);
        std::ignore = folder_.file("b.png", bytes);
    }

    struct Case {
        std::string what;
        std::string with;
        std::string field;  ///< Part of Error::where.
        std::string said;   ///< Part of Error::what.
    };

    void expect_errors(const std::string& name, const std::string& good, const std::vector<Case>& cases) {
        ASSERT_TRUE(read_scene(folder_.file(name, good)));
        for (const Case& c : cases) {
            const auto scene = read_scene(folder_.file(name, replaced(good, c.what, c.with)));
            ASSERT_FALSE(scene) << c.what << " -> " << c.with;
            const std::string place =
                (folder_.path() / name).string() + (c.field.empty() ? "" : ": " + c.field);
            EXPECT_EQ(scene.error().where, place) << c.what << " -> " << c.with << "\n"
                                                  << scene.error().message();
            EXPECT_NE(scene.error().what.find(c.said), std::string::npos)
                << c.what << " -> " << c.with << "\n"
                << scene.error().message();
        }
    }

    TemporaryFolder folder_;
};

TEST_F(BadScene, LactJsonNamesFileAndField) {
    expect_errors("opencv_cameras.json", good_lact,
                  {{R"("fx": 10)", R"("fx": 0)", "views[1].fx", "is 0"},
                   {R"("fx": 10)", R"("fx": -10)", "views[1].fx", "is -10"},
                   {R"("fx": 10)", R"("fx": NaN)", "views[1].fx", "NaN"},
                   {R"("fx": 10)", R"("fx": 1e300)", "views[1].fx", "1e+300"},
                   {R"("fx": 10)", R"("fx": "10")", "views[1].fx", "a number was expected"},
                   {R"("fx": 10, )", "", "views[1]", "no field \"fx\""},
                   {R"("cy": 5)", R"("cy": -1e9)", "views[1].cy", "principal point"},
                   {R"("cy": 5)", R"("cy": [5])", "views[1].cy", "a list of 1"},
                   {R"("w": 16)", R"("w": 0)", "views[1].w", "is 0"},
                   {R"("w": 16)", R"("w": 0.5)", "views[1].w", "is 0.5"},
                   {R"("w": 16)", R"("w": 99999999999999999999)", "views[1].w", "pixels"},
                   {R"("w": 16, )", "", "views[1]", "no field \"w\""},
                   {"[0,0,1,3]", "[0,0,NaN,3]", "views[1].w2c[2][2]", "NaN"},
                   {"[0,0,1,3]", "[0,0,1,-Infinity]", "views[1].w2c[2][3]", "infinite"},
                   {"[0,0,1,3]", "[0,0,1,1e30]", "views[1].w2c", "farther"},
                   {"[0,0,1,3]", "[0,1,1,3]", "views[1].w2c", "not a rigid pose"},
                   {"[0,0,1,3]", "[0,0,0,3]", "views[1].w2c", "not a rigid pose"},
                   {"[0,0,1,3]", "[0,0,-1,3]", "views[1].w2c", "reflection"},
                   {"[0,0,1,3]", "[0,0,1]", "views[1].w2c[2]", "4 numbers"},
                   {"[0,0,1,3]", "\"row\"", "views[1].w2c[2]", "4 numbers"},
                   {"[0,0,1,3],[0,0,0,1]]", "[0,0,1,3],[0,0,1,1]]", "views[1].w2c", "last row"},
                   {"[0,0,1,3],[0,0,0,1]]", "[0,0,1,3],[0,0,0,1],[0,0,0,1]]", "views[1].w2c", "4 rows"},
                   {R"("b.png")", R"("")", "views[1].file_path", "empty"},
                   {R"("b.png")", R"("b.png\u0000x")", "views[1].file_path", "zero byte"},
                   {R"("b.png")", "17", "views[1].file_path", "a string was expected"},
                   {R"("b.png")", R"("b.png", "mask_path": 3)", "views[1].mask_path", "a string"},
                   {good_lact, "[]", "views", "no poses"},
                   {good_lact, "[1, 2]", "views[0]", "an object was expected"},
                   {good_lact, "{\"frames\": 3}", "", "no list"},
                   {good_lact, "null", "", "no list"}});
}

TEST_F(BadScene, TransformsJsonNamesFileAndField) {
    expect_errors(
        "transforms.json", good_transforms,
        {{R"("fl_x": 10)", R"("fl_x": 0)", "frames[1].fl_x", "is 0"},
         {R"("fl_x": 10)", R"("camera_angle_x": 4)", "frames[1].camera_angle_x", "angle"},
         {R"("fl_x": 10)", R"("x_fov": 181)", "frames[1].x_fov", "degrees"},
         {R"("fl_x": 10, "fl_y": 11, )", "", "frames[1]", "no focal length"},
         {R"("k1": 0.5)", R"("k1": "much")", "k1", "a number"},
         {R"("k1": 0.5)", R"("k1": 1e9)", "k1", "lens distortion"},
         {R"("k1": 0.5)", R"("camera_model": "EQUIRECTANGULAR")", "camera_model", "EQUIRECTANGULAR"},
         {R"("k1": 0.5)", R"("ftheta_p0": 0.1)", "ftheta_p0", "selects a lens"},
         {R"("k1": 0.5)", R"("latlong": true)", "latlong", "selects a lens"},
         {R"("cx": 7)", R"("equirectangular": true)", "frames[1].equirectangular", "selects a lens"},
         {R"("cx": 7)", R"("orthographic": 1)", "frames[1].orthographic", "selects a lens"},
         {R"("w": 16, )", "", "frames[1].h", "is given without"},
         {R"("cx": 7)", R"("cx": 1e9)", "frames[1].cx", "a principal point"},
         {"[0,0,1,3]", "[0,0,NaN,3]", "frames[1].transform_matrix[2][2]", "NaN"},
         {"[0,0,1,3]", "[0,1,1,3]", "frames[1].transform_matrix", "not a rigid pose"},
         {R"("b.png")", "null", "frames[1].file_path", "a string"},
         {R"("b.png")", R"("b.png", "mask_path": [])", "frames[1].mask_path", "a string"},
         {good_transforms, "{}", "", "no field \"frames\""},
         {good_transforms, R"({"frames": {}})", "frames", "a list was expected"},
         {good_transforms, R"({"frames": []})", "frames", "no poses"},
         {good_transforms, R"({"frames": [[]]})", "frames[0]", "an object was expected"},
         {good_transforms, R"({"frames": [{"file_path": "x"}]})", "frames", "not one of their photos"},
         {good_transforms, "[]", "", "an object was expected"}});
}

TEST_F(BadScene, SyntaxErrorsNameLineColumnAndByte) {
    const auto scene = read_scene(folder_.file("opencv_cameras.json", "[\n{\"w\": 8,\n \"h\": }]"));
    ASSERT_FALSE(scene);
    EXPECT_NE(scene.error().what.find("line 3, column 7, byte 18"), std::string::npos)
        << scene.error().message();
    for (const char* text : {"", "[", "{\"frames\": [", "[1e999]", "\xff\xfe", "[\"\xc3\"]"}) {
        const auto broken = read_scene(folder_.file("transforms.json", text));
        ASSERT_FALSE(broken) << text;
        EXPECT_NE(broken.error().message().find("transforms.json"), std::string::npos)
            << broken.error().message();
    }
}

TEST_F(BadScene, NanInATextIsAText) {
    const auto scene =
        read_scene(folder_.file("opencv_cameras.json", replaced(replaced(good_lact, "b.png", "\\\"NaN"),
                                                                "\"fx\": 9", "\"fx\": NaN")));
    ASSERT_FALSE(scene);
    EXPECT_NE(scene.error().where.find("views[0].fx"), std::string::npos) << scene.error().message();
}

TEST_F(BadScene, WhatIsNoSceneListsTheFormatsLookedFor) {
    fs::create_directories(folder_.path() / "empty");
    for (const fs::path& path :
         {folder_.path() / "empty", folder_.path() / "a.png", folder_.file("list.json", "[1, 2]")}) {
        const auto scene = read_scene(path);
        ASSERT_FALSE(scene) << path;
        for (const char* format : {"opencv_cameras.json", "transforms.json"}) {
            EXPECT_NE(scene.error().what.find(format), std::string::npos) << scene.error().message();
        }
        EXPECT_EQ(scene.error().where, path.string());
    }
    const auto missing = read_scene(folder_.path() / "missing");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().what.find("does not exist"), std::string::npos);
    EXPECT_FALSE(read_scene(""));
    EXPECT_FALSE(read_scene(std::string(5000, 'x')));
}

TEST_F(BadScene, DeepNestingIsRefused) {
    const std::string deep = std::string(200000, '[');
    EXPECT_FALSE(read_scene(folder_.file("opencv_cameras.json", deep)));
    EXPECT_FALSE(read_scene(folder_.file("opencv_cameras.json", deep + std::string(200000, ']'))));
}

/// One random change: bytes overwritten, removed, doubled, or a number replaced by a nasty one.
std::string mutated(std::string text, std::mt19937& random) {
    const auto pick = [&](std::size_t count) {
        return std::uniform_int_distribution<std::size_t>(0, count - 1)(random);
    };
    static const std::vector<std::string> nasty{"0",
                                                "-1",
                                                "1e308",
                                                "-0.0",
                                                "null",
                                                "NaN",
                                                "true",
                                                "[]",
                                                "{}",
                                                "\"\"",
                                                "1e-9",
                                                "65537",
                                                "9007199254740993",
                                                "[[]]",
                                                "\"a.png\""};
    const std::size_t at = pick(text.size());
    switch (pick(5)) {
        case 0:
            text[at] = static_cast<char>(pick(256));
            break;
        case 1:
            text.erase(at, 1 + pick(40));
            break;
        case 2:
            text.insert(at, text.substr(pick(text.size()), 1 + pick(60)));
            break;
        case 3:
            text.resize(at + 1);
            break;
        default: {
            const auto digit = text.find_first_of("0123456789", at);
            if (digit != std::string::npos) {
                text.replace(digit, text.find_first_not_of("0123456789.", digit) - digit,
                             nasty[pick(nasty.size())]);
            }
        }
    }
    return text;
}

TEST_F(BadScene, MutatedFilesAreReadOrRefusedButNeverFatal) {
    for (const auto& [name, good] :
         {std::pair{"opencv_cameras.json", good_lact}, std::pair{"transforms.json", good_transforms}}) {
        std::mt19937 random(12345);
        int refused = 0;
        for (int round = 0; round < 3000; ++round) {
            std::string text = good;
            for (int change = round % 3; change >= 0 && !text.empty(); --change) {
                text = mutated(text, random);
            }
            // Removed first: file systems flush a file that is overwritten, which would make this test wait
            // for the disk.
            fs::remove(folder_.path() / name);
            const auto scene = read_scene(folder_.file(name, text));
            if (!scene) {
                ++refused;
                EXPECT_NE(scene.error().where.find(name), std::string::npos) << scene.error().message();
                continue;
            }
            for (const SceneView& view : scene->views) {  // What is let through can be worked with.
                ASSERT_TRUE(view.camera.c2w.allFinite()) << text;
                ASSERT_TRUE(view.camera.width > 0 && view.camera.height > 0) << text;
                ASSERT_TRUE(view.camera.fx > 0 && view.camera.fy > 0) << text;
                ASSERT_TRUE(std::isfinite(view.camera.cx) && std::isfinite(view.camera.cy)) << text;
            }
        }
        EXPECT_GT(refused, 1000);
        fs::remove(folder_.path() / name);
    }
}

}  // namespace
}  // namespace lact
