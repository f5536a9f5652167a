// Photos that are not exactly where, or called, as a scene file says: every reader, every deviation.
#include "engine/scene/file_finder.h"

#include "engine/scene/scene_files.h"
#include "tests/engine/scene/scene_writer.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lact {
namespace {

namespace fs = std::filesystem;
using test::SceneFormat;
using test::TemporaryFolder;
using test::texts_of;

constexpr int photo_count = 4;

/// What lies on the disk, what is written, and the words of the remark. "#" stands for the photo's number.
struct Spelling {
    const char* what;
    const char* on_disk;
    const char* written;                      ///< In JSON.
    const char* said;                         ///< Empty: nothing.
    const char* written_in_colmap = nullptr;  ///< Relative to the photos; null: as in JSON without "images/".
    const char* said_of_colmap = nullptr;     ///< Null: as of JSON.
};

std::string numbered(std::string text, int number) {
    for (std::size_t at = text.find('#'); at != std::string::npos; at = text.find('#')) {
        text.replace(at, 1, std::to_string(number));
    }
    return text;
}

const std::vector<Spelling>& spellings() {
    static const std::vector<Spelling> table{
        {"as written", "images/p#.png", "images/p#.png", ""},
        {"with a dot", "images/p#.png", "./images//p#.png", "", "./p#.png"},
        {"Windows separators", "images/rig/p#.png", R"(images\rig\p#.png)", ""},
        {"letter case of the name", "images/Photo_#.png", "images/PHOTO_#.png", "other letter case"},
        {"letter case of a folder", "images/Rig/p#.png", "images/rig/p#.png", "other letter case"},
        {"letter case of images", "Images/p#.png", "images/p#.png", "other letter case", nullptr, ""},
        {"letter case of the ending", "images/p#.jpg", "images/p#.JPG", "another ending"},
        {"jpeg for jpg", "images/p#.jpeg", "images/p#.JPG", "another ending"},
        {"cut out", "images/p#.png", "images/p#.JPG", "another ending"},
        {"converted", "images/p#.jpg", "images/p#.HEIC", "another ending"},
        {"no ending", "images/p#.JPG", "images/p#", ""},
        {"no ending, a dot in the name", "images/r_0.#.png", "images/r_0.#", ""},
        {"composed accents", "images/e\xCC\x81t\xC3\xA9_#.png", "images/\xC3\xA9te\xCC\x81_#.png", "accents"},
        {"decomposed accents", "images/\xC3\xA9_#.png", "images/e\xCC\x81_#.png", "accents"},
        {"decomposed Hangul", "images/\xEA\xB0\x80#.png", "images/\xE1\x84\x80\xE1\x85\xA1#.png", "accents"},
        {"letter case beyond ASCII", "images/\xC3\x84#.png", "images/\xC3\xA4#.png", "other letter case"},
        {"Windows path", "images/p#.png", R"(C:\Users\someone\top\images\p#.png)", "another machine"},
        {"Windows path with slashes", "images/p#.png", "D:/data/top/images/p#.png", "another machine"},
        {"Windows share", "images/p#.png", R"(\\server\data\images\p#.png)", "another machine"},
        {"POSIX path", "images/p#.png", "/mnt/elsewhere/top/images/p#.png", "another machine"},
        {"home folder", "images/p#.png", "~/top/images/p#.png", "another machine"},
        {"one folder deeper", "images/images/p#.png", "images/p#.png", "another folder"},
        {"two folders deeper", "dense/0/images/p#.png", "images/p#.png", "another folder"},
        {"one folder shallower", "p#.png", "images/p#.png", "another folder", nullptr, ""},
        {"relative to a folder above", "images/p#.png", "./data/nerf/elsewhere/images/p#.png",
         "another folder", "data/nerf/elsewhere/images/p#.png"},
        {"beside the folder", "images/p#.png", "../elsewhere/images/p#.png", "another folder",
         "elsewhere/p#.png"},
        {"percent-encoded", "images/my photo #.png", "images/my%20photo%20#.png", ""},
        {"reduced by two", "images_2/p#.png", "images/p#.png", "reduced", nullptr, "reduced"},
        {"reduced by eight", "images_8/p#.png", "images/p#.png", "reduced", nullptr, "reduced"},
    };
    return table;
}

std::string all_remarks(const SceneFiles& scene) {
    std::string text;
    for (const SceneRemark& remark : scene.remarks) {
        text += remark.text + "\n";
    }
    return text;
}

class EveryReader : public testing::TestWithParam<SceneFormat> {};
INSTANTIATE_TEST_SUITE_P(Scenes, EveryReader,
                         testing::Values(SceneFormat::lact, SceneFormat::transforms, SceneFormat::colmap),
                         [](const auto& about) { return test::to_string(about.param); });

TEST_P(EveryReader, FindsPhotosUnderEverySpellingAndSaysSoOnce) {
    const bool colmap = GetParam() == SceneFormat::colmap;
    for (const Spelling& spelling : spellings()) {
        SCOPED_TRACE(spelling.what);
        const TemporaryFolder folder;
        std::vector<std::string> written;
        for (int i = 0; i < photo_count; ++i) {
            test::put_photo(folder.path() / numbered(spelling.on_disk, i));
            std::string name = spelling.written;
            if (colmap && spelling.written_in_colmap != nullptr) {
                name = spelling.written_in_colmap;
            } else if (colmap && (name.starts_with("images/") || name.starts_with("images\\"))) {
                name = name.substr(7);
            }
            written.push_back(numbered(name, i));
        }
        test::write_line_of_cameras(folder.path(), GetParam(), written);
        const auto scene = read_scene(folder.path());
        ASSERT_TRUE(scene) << scene.error().message();
        ASSERT_EQ(scene->views.size(), static_cast<std::size_t>(photo_count)) << all_remarks(*scene);
        for (int i = 0; i < photo_count; ++i) {
            const fs::path& image = scene->views[static_cast<std::size_t>(i)].image;
            EXPECT_EQ(image.lexically_normal(), folder.path() / numbered(spelling.on_disk, i));
        }
        const std::string said =
            colmap && spelling.said_of_colmap != nullptr ? spelling.said_of_colmap : spelling.said;
        EXPECT_EQ(scene->remarks.size(), said.empty() ? 0U : 1U) << all_remarks(*scene);
        const auto found = texts_of(*scene, RemarkKind::found_elsewhere);
        ASSERT_EQ(found.size(), said.empty() ? 0U : 1U) << all_remarks(*scene);
        if (!said.empty()) {
            EXPECT_NE(found[0].find(said), std::string::npos) << found[0];
        }
    }
}

TEST_P(EveryReader, OpensASceneThatWasUnpackedIntoAFolderOfItsOwn) {
    for (const char* within : {"top", "download/top", "gas_mask"}) {
        const TemporaryFolder folder;
        for (const char* name : {"images/a.png", "images/b.png"}) {
            test::put_photo(folder.path() / within / name);
        }
        const bool colmap = GetParam() == SceneFormat::colmap;
        test::write_line_of_cameras(folder.path() / within, GetParam(),
                                    colmap ? std::vector<std::string>{"a.png", "b.png"}
                                           : std::vector<std::string>{"images/a.png", "images/b.png"});
        fs::create_directories(folder.path() / "__MACOSX/top");
        const auto scene = read_scene(folder.path());
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_EQ(scene->views.size(), 2U);
        const auto found = texts_of(*scene, RemarkKind::found_elsewhere);
        ASSERT_EQ(found.size(), 1U) << all_remarks(*scene);
        EXPECT_NE(found[0].find(within), std::string::npos) << found[0];
        fs::copy(folder.path() / within, (folder.path() / within).parent_path() / "second",
                 fs::copy_options::recursive);
        const auto several = read_scene(folder.path());
        ASSERT_FALSE(several);
        EXPECT_NE(several.error().what.find("2 scenes"), std::string::npos) << several.error().what;
    }
}

TEST_P(EveryReader, FindsMasksAlsoWhereTheyMirrorTheFoldersOfARig) {
    const bool colmap = GetParam() == SceneFormat::colmap;
    for (const char* mask :
         {"masks/front/#.png", "masks/front/#.jpg.png", "mask/front/#.PNG", "Masks/front/#.png",
          "images/MASK/front/#.png", "images/masks/front/#.png", "images/front/#_mask.png"}) {
        SCOPED_TRACE(mask);
        const TemporaryFolder folder;
        std::vector<std::string> names;
        for (int i = 0; i < photo_count; ++i) {
            test::put_photo(folder.path() / numbered("images/front/#.jpg", i));
            test::put_photo(folder.path() / numbered(mask, i));
            names.push_back(numbered(colmap ? "front/#.jpg" : "images/front/#.jpg", i));
        }
        test::put_photo((folder.path() / mask).parent_path() / "._0.png");
        test::write_line_of_cameras(folder.path(), GetParam(), names);
        const auto scene = read_scene(folder.path());
        ASSERT_TRUE(scene) << scene.error().message();
        ASSERT_EQ(scene->views.size(), static_cast<std::size_t>(photo_count));
        for (int i = 0; i < photo_count; ++i) {
            EXPECT_EQ(scene->views[static_cast<std::size_t>(i)].mask, folder.path() / numbered(mask, i));
        }
        ASSERT_EQ(scene->remarks.size(), 1U) << all_remarks(*scene);
        EXPECT_NE(scene->remarks[0].text.find("4 photos"), std::string::npos) << scene->remarks[0].text;
    }
}

/// instant-ngp's colmap2nerf.py --mask_categories writes them beside the photos: what they mark is left out.
TEST_P(EveryReader, FindsMasksOfWhatIsLeftOut) {
    const bool colmap = GetParam() == SceneFormat::colmap;
    const TemporaryFolder folder;
    std::vector<std::string> names;
    for (int i = 0; i < photo_count; ++i) {
        test::put_photo(folder.path() / numbered("images/#.jpg", i));
        names.push_back(numbered(colmap ? "#.jpg" : "images/#.jpg", i));
    }
    for (const char* name : {"0", "1", "gone"}) {
        test::put_photo(folder.path() / "images" / ("dynamic_mask_" + std::string(name) + ".png"));
    }
    test::put_photo(folder.path() / "masks/1.png");
    test::write_line_of_cameras(folder.path(), GetParam(), names);
    const auto scene = read_scene(folder.path());
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), static_cast<std::size_t>(photo_count));
    EXPECT_EQ(scene->views[0].mask, folder.path() / "images/dynamic_mask_0.png");
    EXPECT_TRUE(scene->views[0].mask_hides);
    EXPECT_EQ(scene->views[1].mask, folder.path() / "masks/1.png");
    EXPECT_FALSE(scene->views[1].mask_hides);
    EXPECT_FALSE(scene->views[2].mask);
    const auto masks = texts_of(*scene, RemarkKind::mask);
    ASSERT_EQ(masks.size(), 2U) << all_remarks(*scene);
    EXPECT_NE(masks[0].find("1 photo are used (white is kept)"), std::string::npos) << masks[0];
    EXPECT_NE(masks[1].find("1 photo are used (black is kept)"), std::string::npos) << masks[1];
    const auto unused = texts_of(*scene, RemarkKind::unused);
    ASSERT_EQ(unused.size(), 1U) << all_remarks(*scene);
    EXPECT_NE(unused[0].find("1 of 5 photos"), std::string::npos) << unused[0];
    EXPECT_NE(unused[0].find("dynamic_mask_gone.png"), std::string::npos) << "the mask of no photo";
}

TEST_P(EveryReader, CountsMasksAgainstViews) {
    const bool colmap = GetParam() == SceneFormat::colmap;
    const TemporaryFolder folder;
    std::vector<std::string> names;
    for (int i = 0; i < photo_count; ++i) {
        test::put_photo(folder.path() / numbered("images/front/#.png", i));
        names.push_back(numbered(colmap ? "front/#.png" : "images/front/#.png", i));
    }
    for (const char* name : {"front/0.png", "front/1.png", "front/8.png", "back/0.png"}) {
        test::put_photo(folder.path() / "masks" / name);
    }
    test::write_line_of_cameras(folder.path(), GetParam(), names);
    const auto scene = read_scene(folder.path());
    ASSERT_TRUE(scene) << scene.error().message();
    const auto masks = texts_of(*scene, RemarkKind::mask);
    ASSERT_EQ(masks.size(), 1U) << all_remarks(*scene);
    EXPECT_NE(masks[0].find("2 of 4 views have none"), std::string::npos) << masks[0];
    const auto unused = texts_of(*scene, RemarkKind::unused);
    ASSERT_EQ(unused.size(), 1U) << all_remarks(*scene);
    EXPECT_NE(unused[0].find("2 of 4 masks"), std::string::npos) << unused[0];
}

TEST_P(EveryReader, CountsPhotosAgainstPosesWithoutLitter) {
    const bool colmap = GetParam() == SceneFormat::colmap;
    const TemporaryFolder folder;
    for (const char* name : {"images/a.png", "images/b.png", "images/c.png", "images/rig/d.png",
                             "images/._a.png", "images/.hidden.png", "images/__MACOSX/a.png"}) {
        test::put_photo(folder.path() / name);
    }
    for (const char* litter : {".DS_Store", "Thumbs.db", "desktop.ini"}) {
        (void)folder.file(std::string("images/") + litter, "x");
    }
    test::write_line_of_cameras(folder.path(), GetParam(),
                                colmap ? std::vector<std::string>{"a.png", "b.png"}
                                       : std::vector<std::string>{"images/a.png", "images/b.png"});
    const auto scene = read_scene(folder.path());
    ASSERT_TRUE(scene) << scene.error().message();
    const auto unused = texts_of(*scene, RemarkKind::unused);
    ASSERT_EQ(unused.size(), 1U) << all_remarks(*scene);
    EXPECT_NE(unused[0].find("3 of 5 photos"), std::string::npos)
        << unused[0] << " (.hidden.png is a photo, though hidden)";
}

TEST_P(EveryReader, CountsAPhotoThatIsListedTwiceOnce) {
    const bool colmap = GetParam() == SceneFormat::colmap;
    const std::string in = colmap ? "" : "images/";
    for (const char* again : {"b.png", "B.png", "./b.png", "b.jpg", R"(rig\..\b.png)"}) {
        SCOPED_TRACE(again);
        const TemporaryFolder folder;
        for (const char* name : {"images/a.png", "images/b.png", "images/c.png"}) {
            test::put_photo(folder.path() / name);
        }
        test::write_line_of_cameras(folder.path(), GetParam(),
                                    {in + "a.png", in + "b.png", in + "c.png", in + again});
        const auto scene = read_scene(folder.path());
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_EQ(scene->views.size(), 3U);
        const auto twice = texts_of(*scene, RemarkKind::duplicate);
        ASSERT_EQ(twice.size(), 1U) << all_remarks(*scene);
        EXPECT_NE(twice[0].find("1 of 4 views"), std::string::npos) << twice[0];
        EXPECT_NE(twice[0].find("b.png"), std::string::npos) << twice[0];
    }
}

TEST(FileFinder, PrefersByARuleWhereSeveralFilesMatch) {
    const auto found = [](const std::vector<const char*>& on_disk, const std::string& written) {
        const TemporaryFolder folder;
        for (const char* name : on_disk) {
            test::put_photo(folder.path() / name);
        }
        FileFinder finder({folder.path()});
        const auto file = finder.find(written);
        return file ? file->lexically_relative(folder.path()).string() : "nothing";
    };
    EXPECT_EQ(found({"a.JPG", "a.jpg", "A.JPG"}, "A.JPG"), "A.JPG");
    EXPECT_EQ(found({"a.png", "a.jpg"}, "a.JPG"), "a.jpg");
    EXPECT_EQ(found({"a.png", "a.jpeg"}, "a.JPG"), "a.jpeg");
    EXPECT_EQ(found({"a.png", "a.bmp", "a.tga"}, "a.JPG"), "a.png");
    EXPECT_EQ(found({"a.jpg", "a.bmp", "a.png"}, "a"), "a.png");
    EXPECT_EQ(found({"A.png", "a.jpg"}, "a.png"), "A.png") << "letter case comes before endings";
    for (const char* ending : {".tif", ".webp", ".HEIC", ".exr", ".hdr", ".jp2", ".psd", ".dng"}) {
        const std::string original = std::string("a") + ending;
        EXPECT_EQ(found({original.c_str(), "a.png"}, original), "a.png") << "converted beside " << original;
        EXPECT_EQ(found({original.c_str(), "x/a.png"}, original), original) << "not of another folder";
        EXPECT_EQ(found({"a.jpg"}, original), "a.jpg") << "converted in place of " << original;
        EXPECT_EQ(found({original.c_str()}, original), original) << "its message says what it is";
    }
    EXPECT_EQ(found({"photos/a.png", "extra/a.png"}, "a.png"), "photos/a.png");
    EXPECT_EQ(found({"y/a.png", "x/a.png"}, "a.png"), "x/a.png");
    EXPECT_EQ(found({"masks/a.png"}, "a.png"), "nothing") << "a mask is no photo";
    EXPECT_EQ(found({"._a.png", "__MACOSX/a.png"}, "a.png"), "nothing");
    EXPECT_EQ(found({"._a.png"}, "._a.png"), "nothing");
    EXPECT_EQ(found({"a_1.png", "ab.png", "a.txt"}, "a.png"), "nothing");
    EXPECT_EQ(found({"a.0002.png"}, "a.0001"), "nothing") << ".0001 is no ending";
    EXPECT_EQ(found({"x/1.png", "1.png"}, "/gone/x/1.png"), "x/1.png") << "the longest tail";
    EXPECT_EQ(found({"a.png"}, ""), "nothing");
    EXPECT_EQ(found({"r_0.exr.png", "r_0.exr"}, "r_0.exr"), "r_0.exr.png") << "made of it";
    EXPECT_EQ(found({"r_0.exr.png", "r_0.png"}, "r_0.exr"), "r_0.png");
    EXPECT_EQ(found({"a.png"}, std::string("a.png\0b", 7)), "nothing");
}

/// What the message about a TIFF advises, mogrify, leaves it beside the PNG.
TEST_P(EveryReader, TakesWhatWasConvertedBesideWhatCannotBeRead) {
    const bool colmap = GetParam() == SceneFormat::colmap;
    const TemporaryFolder folder;
    for (const char* name : {"images/a.png", "images/b.png"}) {
        test::put_photo(folder.path() / name);
        test::write_text(fs::path(folder.path() / name).replace_extension(".tif"), std::string("II*\0", 4));
    }
    test::write_line_of_cameras(folder.path(), GetParam(),
                                colmap ? std::vector<std::string>{"a.tif", "b.tif"}
                                       : std::vector<std::string>{"images/a.tif", "images/b.tif"});
    const auto scene = read_scene(folder.path());
    ASSERT_TRUE(scene) << scene.error().message();
    ASSERT_EQ(scene->views.size(), 2U);
    EXPECT_EQ(scene->views[0].image.filename(), "a.png");
    ASSERT_EQ(scene->remarks.size(), 1U) << all_remarks(*scene);
    EXPECT_NE(scene->remarks[0].text.find("a.tif is a.png"), std::string::npos) << scene->remarks[0].text;
}

/// The photos of a rig have equal names: one camera's photo never stands in for another's.
TEST_P(EveryReader, TakesNoPhotoOfAnotherCameraOfARig) {
    const bool colmap = GetParam() == SceneFormat::colmap;
    const std::string in = colmap ? "" : "images/";
    for (const char* prefix : {"", "/mnt/elsewhere/top/", R"(C:\top\)"}) {
        const TemporaryFolder folder;
        for (const char* name : {"images/back/1.png", "images/back/2.png", "images/front/2.png"}) {
            test::put_photo(folder.path() / name);
        }
        test::write_line_of_cameras(folder.path(), GetParam(),
                                    {prefix + in + "front/1.png", prefix + in + "front/2.png",
                                     prefix + in + "back/1.png", prefix + in + "back/2.png"});
        const auto scene = read_scene(folder.path());
        ASSERT_TRUE(scene) << scene.error().message();
        EXPECT_EQ(scene->views.size(), 3U) << all_remarks(*scene);
        EXPECT_TRUE(texts_of(*scene, RemarkKind::duplicate).empty()) << all_remarks(*scene);
        const auto left_out = texts_of(*scene, RemarkKind::left_out);
        ASSERT_EQ(left_out.size(), 1U) << all_remarks(*scene);
        EXPECT_NE(left_out[0].find("front/1.png"), std::string::npos) << left_out[0];
    }
}

TEST(FileFinder, NamesThatAreNotUtf8AreFoundByTheirBytes) {
    const TemporaryFolder folder;
    const std::string latin1 = "\xE9t\xE9.png";
    test::put_photo(folder.path() / latin1);
    FileFinder finder({folder.path()});
    EXPECT_EQ(finder.find("\xE9T\xE9.PNG"), folder.path() / latin1);
    EXPECT_FALSE(finder.find("\xC9t\xE9.png"));
}

TEST(FileFinder, EarlierFoldersAndSmallerDeviationsComeFirst) {
    const TemporaryFolder folder;
    for (const char* name : {"one/A.png", "two/a.png", "one/b.jpg", "two/B.png", "one/c.png", "two/c.png"}) {
        test::put_photo(folder.path() / name);
    }
    FileFinder finder({folder.path() / "one", folder.path() / "two"});
    EXPECT_EQ(finder.find("a.png"), folder.path() / "two/a.png");
    EXPECT_EQ(finder.find("b.png"), folder.path() / "two/B.png");
    EXPECT_EQ(finder.find("c.png"), folder.path() / "one/c.png");
    EXPECT_EQ(finder.found().size(), 3U);
}

/// colmap2nerf.py of instant-ngp writes paths that are relative to where it ran.
TEST(FileFinder, APathRelativeToAFolderAboveIsCutAtTheFolderOrAtItsPhotos) {
    const TemporaryFolder folder;
    const fs::path fox = folder.path() / "data/nerf/fox";
    for (const char* name : {"images/1.png", "rgb/2.png", "front/3.png", "masks/1.png", "4.png"}) {
        test::put_photo(fox / name);
    }
    FileFinder finder({fox});
    EXPECT_EQ(finder.find("./data/nerf/fox/images/1.png"), fox / "images/1.png");
    EXPECT_EQ(finder.find("scenes/today/Images/1.png"), fox / "images/1.png") << "another name of the scene";
    EXPECT_EQ(finder.find("data/nerf/fox/rgb/2.png"), fox / "rgb/2.png");
    EXPECT_EQ(finder.find("data/nerf/fox/4.png"), fox / "4.png");
    EXPECT_FALSE(finder.find("data/nerf/fox/back/3.png")) << "front/3.png is another photo";
    EXPECT_FALSE(finder.find("data/nerf/bear/rgb/2.png"));
    EXPECT_FALSE(finder.find("data/nerf/bear/4.png"));
    test::put_photo(fox.parent_path() / "bear/deep/images/6.png");
    test::put_photo(fox / "images/6.png");
    FileFinder beside({fox});
    const auto sixth = beside.find("bear/deep/images/6.png");
    ASSERT_TRUE(sixth);
    EXPECT_TRUE(std::filesystem::equivalent(*sixth, fox.parent_path() / "bear/deep/images/6.png"))
        << "the whole path beside the scene goes before its tail";
    FileFinder masks({fox}, FileFinder::Kind::mask);
    EXPECT_EQ(masks.find("./data/nerf/fox/masks/1.png"), fox / "masks/1.png");
    EXPECT_FALSE(masks.find("./data/nerf/fox/4.png")) << "a photo";
}

TEST(FileFinder, AMaskIsNeverThePhotoOfItsName) {
    const TemporaryFolder folder;
    test::put_photo(folder.path() / "images/a.png");
    FileFinder before({folder.path()}, FileFinder::Kind::mask);
    EXPECT_FALSE(before.find("/elsewhere/masks/a.png"));
    EXPECT_FALSE(before.find("a.png"));
    test::put_photo(folder.path() / "masks/a.png");
    for (const char* name : {"/elsewhere/masks/a.png", "a.png", R"(C:\x\masks\a.JPG)"}) {
        FileFinder finder({folder.path()}, FileFinder::Kind::mask);
        EXPECT_EQ(finder.find(name), folder.path() / "masks/a.png") << name;
    }
}

TEST(FileFinder, UrlsArePathsAndEncodedNamesAreDecodedLast) {
    const TemporaryFolder folder;
    const fs::path photo = folder.path() / "a b.png";
    const fs::path percent = folder.path() / "100%25.png";
    test::put_photo(photo);
    test::put_photo(percent);
    FileFinder finder({folder.path()});
    EXPECT_EQ(finder.find("a%20b.png"), photo);
    EXPECT_EQ(finder.find("100%25.png"), percent) << "as written comes first";
    for (const char* before : {"file://", "file:", "file://localhost"}) {
        EXPECT_EQ(finder.find(before + photo.string()), photo) << before;
        EXPECT_EQ(finder.find(before + (folder.path() / "a%20b.png").string()), photo) << before;
    }
    EXPECT_TRUE(finder.remarks().empty()) << finder.remarks()[0].text;
    EXPECT_EQ(finder.find("file:///C:/gone/a%20b.png"), photo);
    EXPECT_EQ(finder.remarks().size(), 1U);
    for (const char* other : {"a%2.png", "a%2", "%", "a%00b.png"}) {
        EXPECT_FALSE(finder.find(other)) << other;
    }
}

TEST(FileFinder, EveryDeviationOfAFileIsSaid) {
    const TemporaryFolder folder;
    test::put_photo(folder.path() / "Images/\xC3\xA9.jpg");
    FileFinder finder({folder.path()});
    ASSERT_TRUE(finder.find("C:\\old\\images\\e\xCC\x81.JPG"));
    std::string said;
    for (const SceneRemark& remark : finder.remarks()) {
        said += remark.text;
    }
    for (const char* words : {"accents", "letter case", "another ending", "another machine"}) {
        EXPECT_NE(said.find(words), std::string::npos) << words << ": " << said;
    }
    EXPECT_EQ(finder.remarks().size(), 4U) << said;
}

TEST(FileFinder, OneRemarkForEachKindNamesThreeFilesAndCountsAll) {
    const TemporaryFolder folder;
    FileFinder finder({folder.path()});
    for (int i = 0; i < 5; ++i) {
        test::put_photo(folder.path() / numbered("#.jpg", i));
    }
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(finder.find(numbered("#.JPG", i)));
    }
    ASSERT_EQ(finder.remarks().size(), 1U);
    EXPECT_EQ(finder.remarks()[0].text,
              "5 photos were found under another ending than written: 0.JPG is 0.jpg, 1.JPG is 1.jpg, 2.JPG "
              "is 2.jpg, ...");
}

}  // namespace
}  // namespace lact
