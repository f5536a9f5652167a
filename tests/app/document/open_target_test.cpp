#include "app/document/open_target.h"

#include "app/document/scene_prober.h"
#include "app/video/gif_comment.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

TEST(OpenDispatch, KnowsTheBundledScenesAndWeights) {
    const std::filesystem::path assets = LACT_ASSETS_DIR;
    EXPECT_EQ(dispatch_path(assets / "scenes/bouquet").kind, OpenKind::scene);
    EXPECT_EQ(dispatch_path(assets / "scenes/bouquet/").kind, OpenKind::scene);
    EXPECT_EQ(dispatch_path(assets / "scenes/bouquet/opencv_cameras.json").kind, OpenKind::scene);
    const OpenTarget weights = dispatch_path(assets / "weights/general.safetensors");
    EXPECT_EQ(weights.kind, OpenKind::weights);
    EXPECT_EQ(weights.path, assets / "weights/general.safetensors");
    EXPECT_TRUE(weights.sentence.empty());
}

TEST(OpenDispatch, TellsJsonFilesApart) {
    const lact::test::TemporaryFolder folder;
    EXPECT_EQ(dispatch_path(folder.file("tour.json", R"([{"wait": "idle"}])")).kind, OpenKind::script);
    EXPECT_EQ(dispatch_path(folder.file("empty.json", "[]")).kind, OpenKind::script);
    EXPECT_EQ(dispatch_path(folder.file("transforms_test.json", R"({"frames": []})")).kind, OpenKind::scene);
    EXPECT_EQ(dispatch_path(folder.file("cameras.json", R"([{"w2c": [], "file_path": "a.png"}])")).kind,
              OpenKind::scene);
    EXPECT_EQ(dispatch_path(folder.file("other.json", "{}")).kind, OpenKind::unknown);
    EXPECT_EQ(dispatch_path(folder.file("broken.json", "[1")).kind, OpenKind::unknown);
    EXPECT_EQ(dispatch_path(folder.file("W.SafeTensors", "x")).kind, OpenKind::weights);
    EXPECT_EQ(dispatch_path(folder.file("w.pt", "x")).kind, OpenKind::weights);
    for (const char* name : {"model.safetensors.index.json", "pytorch_model.bin.index.json"}) {
        EXPECT_EQ(dispatch_path(folder.file(name, R"({"weight_map": {}})")).kind, OpenKind::weights) << name;
    }
    EXPECT_EQ(dispatch_path(folder.file("other.index.json", "{}")).kind, OpenKind::unknown);
}

TEST(OpenDispatch, TakesFilesWithANameOfColmapForAScene) {
    const lact::test::TemporaryFolder folder;
    // Counts that begin as an old file of PyTorch does.
    const std::string bytes = "\x80\x02}.";
    const auto images = folder.file("images.bin", bytes);
    EXPECT_EQ(dispatch_path(folder.file("cameras.bin", bytes)).kind, OpenKind::scene);
    EXPECT_EQ(dispatch_path(images).kind, OpenKind::scene);
    EXPECT_EQ(dispatch_path(folder.file("points3D.bin", bytes)).kind, OpenKind::unknown);
    EXPECT_EQ(dispatch_path(folder.file("other.bin", bytes)).kind, OpenKind::weights);
}

TEST(OpenDispatch, TellsFilesOfItsOwnExtensionsApartByTheirContent) {
    const lact::test::TemporaryFolder folder;
    const std::string session = R"({"lactscope_session": 1})";
    const std::string path = R"({"format": "lactscope-camera-track", "version": 1, "keys": []})";
    const std::string script = R"([{"wait": "idle"}])";
    for (const char* name : {"a.lactscope", "a.lactscript", "a.lactpath", "A.LactScope", "a.JSON"}) {
        EXPECT_EQ(dispatch_path(folder.file(name, session)).kind, OpenKind::session) << name;
        EXPECT_EQ(dispatch_path(folder.file(name, path)).kind, OpenKind::camera_path) << name;
        EXPECT_EQ(dispatch_path(folder.file(name, script)).kind, OpenKind::script) << name;
        EXPECT_EQ(dispatch_path(folder.file(name, "{}")).kind, OpenKind::unknown) << name;
        EXPECT_EQ(dispatch_path(folder.file(name, "[1")).kind, OpenKind::unknown) << name;
    }
    EXPECT_EQ(dispatch_path(folder.file("a.lacts", session)).kind, OpenKind::unknown);
}

TEST(OpenDispatch, RecordedGifsAreSessions) {
    using namespace std::string_literals;
    const lact::test::TemporaryFolder folder;
    const std::string head = "GIF89a\1\0\1\0\0\0\0"s;
    const std::string image = "\x2C\0\0\0\0\1\0\1\0\0\2\2D\1\0;"s;
    const auto kind = [&](const std::string& comment) {
        return dispatch_path(folder.file("video.GIF", head + gif_comment_block(comment) + image)).kind;
    };
    EXPECT_EQ(kind(R"({"session": "{}"})"), OpenKind::session);
    EXPECT_EQ(kind(R"({"rule": "ascent"})"), OpenKind::unknown);
    EXPECT_EQ(kind("by hand"), OpenKind::unknown);
}

TEST(OpenDispatch, KnowsPhotosWithoutPoses) {
    const lact::test::TemporaryFolder folder;
    (void)folder.file("a.png", "x");
    (void)folder.file("b.JPG", "x");
    const OpenTarget few = dispatch_path(folder.path());
    EXPECT_EQ(few.kind, OpenKind::unknown);
    EXPECT_NE(few.sentence.find("holds 2 photos"), std::string::npos) << few.sentence;
    EXPECT_NE(few.sentence.find("at least 3"), std::string::npos) << few.sentence;
    (void)folder.file("c.jpeg", "x");
    (void)folder.file("notes.txt", "x");
    const OpenTarget photos = dispatch_path(folder.path());
    EXPECT_EQ(photos.kind, OpenKind::photos);
    EXPECT_EQ(photos.path, folder.path());
    EXPECT_EQ(photos.photos, 3U);
    const lact::test::TemporaryFolder capture;
    std::filesystem::copy(folder.path(), capture.path() / "images");
    EXPECT_EQ(dispatch_path(capture.path()).kind, OpenKind::photos);
    EXPECT_EQ(dispatch_path(capture.path()).photos, 3U);
    (void)capture.file("transforms.json", R"({"frames": []})");
    EXPECT_EQ(dispatch_path(capture.path()).kind, OpenKind::scene);
    EXPECT_EQ(dispatch_path(std::filesystem::path(LACT_TESTS_DIR) / "data/colmap").kind, OpenKind::scene);
    // Its poses are in the folder above.
    const OpenTarget images = dispatch_path(std::filesystem::path(LACT_TESTS_DIR) / "data/colmap/images");
    EXPECT_EQ(images.kind, OpenKind::unknown);
    EXPECT_NE(images.why.find(std::string(LACT_TESTS_DIR) + "/data/colmap"), std::string::npos) << images.why;
}

TEST(OpenDispatch, PointsAtPhotosThatLieElsewhereOrAreNotRead) {
    const lact::test::TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "capture/frames");
    (void)folder.file("a.heic", "x");
    (void)folder.file("b.webp", "x");
    const OpenTarget heic = dispatch_path(folder.path());
    EXPECT_EQ(heic.kind, OpenKind::unknown);
    EXPECT_TRUE(heic.is_folder);
    EXPECT_NE(heic.why.find("2 images in a format that cannot be read"), std::string::npos) << heic.why;
    for (const char* name : {"1.jpg", "2.jpg", "3.jpg"}) {
        (void)folder.file("capture/frames/" + std::string(name), "x");
    }
    const OpenTarget deeper = dispatch_path(folder.path() / "capture");
    EXPECT_NE(deeper.why.find("3 photos lie in its folder frames"), std::string::npos) << deeper.why;
}

TEST(OpenDispatch, UnderstandsWhatPeopleTypeAndPaste) {
    EXPECT_EQ(typed_path("  /a b \n"), "/a b");
    EXPECT_EQ(typed_path("file:///a%20b/%C3%BC.json"), "/a b/\xC3\xBC.json");
    EXPECT_EQ(typed_path("file://localhost/a%2"), "/a%2");
    EXPECT_EQ(typed_path("file:///50%"), "/50%");
    EXPECT_EQ(typed_path("~x"), "~x");
    EXPECT_EQ(typed_path(" "), "");
    const char* home = std::getenv("HOME");
    if (home != nullptr) {
        EXPECT_EQ(typed_path("~/x"), std::string(home) + "/x");
        EXPECT_EQ(typed_path("~"), home);
    }
}

TEST(OpenDispatch, KnowsCameraPaths) {
    const lact::test::TemporaryFolder folder;
    const auto kind = [&](const char* text) { return dispatch_path(folder.file("path.json", text)).kind; };
    EXPECT_EQ(kind(R"({"format": "lactscope-camera-track", "version": 1, "keys": []})"),
              OpenKind::camera_path);
    EXPECT_EQ(kind(R"({"path": [{"R": [0, 0, 0, 1], "T": [0, 0, 0]}], "time": 0})"), OpenKind::camera_path);
    EXPECT_EQ(kind(R"({"keyframes": [], "camera_path": []})"), OpenKind::camera_path);
    EXPECT_EQ(kind(R"({"path": "a/b", "format": "another"})"), OpenKind::unknown);
}

TEST(OpenDispatch, SaysWhatIsUnderstoodWhereItDoesNotKnow) {
    const lact::test::TemporaryFolder folder;
    for (const auto& path : {folder.path(), folder.path() / "none", folder.file("photo.png", "x"),
                             folder.file("broken.json", "[1"), std::filesystem::path()}) {
        const OpenTarget target = dispatch_path(path);
        EXPECT_EQ(target.kind, OpenKind::unknown) << path;
        EXPECT_NE(target.sentence.find("opencv_cameras.json"), std::string::npos);
        EXPECT_NE(target.sentence.find(".safetensors"), std::string::npos);
        EXPECT_NE(target.sentence.find(path.string()), std::string::npos);
    }
}

/// The answer, waited for; none after some seconds.
std::optional<PathProbe> probe_at(SceneProber& prober, const std::string& path, bool on_cpu = true) {
    ModelConfig config;
    config.layers = 2;
    config.d = 128;
    config.ttt_head = 64;
    config.patch = 8;
    for (int i = 0; i < 500; ++i) {
        if (auto answer = prober.at(path, {config, {64, 64}, on_cpu, Precision::fp32})) {
            return answer;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return std::nullopt;
}

TEST(SceneProber, SaysWhatScenesAndFoldersOfPhotosAre) {
    SceneProber prober([] {});
    const std::string bouquet = LACT_ASSETS_DIR "/scenes/bouquet";
    const auto on_cpu = probe_at(prober, bouquet);
    ASSERT_TRUE(on_cpu);
    EXPECT_FALSE(on_cpu->warns);
    EXPECT_NE(on_cpu->sentence.find("32 photos"), std::string::npos) << on_cpu->sentence;
    const auto elsewhere = probe_at(prober, bouquet, false);
    ASSERT_TRUE(elsewhere);
    EXPECT_FALSE(elsewhere->warns);

    const lact::test::TemporaryFolder folder;
    for (const char* name : {"1.jpg", "2.jpg", "3.jpg"}) {
        (void)folder.file(name, "x");
    }
    const auto photos = probe_at(prober, folder.path().string());
    ASSERT_TRUE(photos);
    EXPECT_NE(photos->sentence.find("3 photos without poses"), std::string::npos) << photos->sentence;
    const lact::test::TemporaryFolder heic;
    (void)heic.file("a.heic", "x");
    const auto warned = probe_at(prober, heic.path().string());
    ASSERT_TRUE(warned);
    EXPECT_TRUE(warned->warns);
    EXPECT_NE(warned->sentence.find("cannot be read"), std::string::npos) << warned->sentence;
}

}  // namespace

}  // namespace lact::app
