#include "app/document/scene_prober.h"

#include "tests/support/temporary_folder.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

/// The answer, waited for; none after some seconds.
std::optional<PathProbe> probe_at(SceneProber& prober, const std::string& path, bool on_cpu = true) {
    ModelConfig config;
    config.layers = 2;
    config.d = 128;
    config.ttt_head = 64;
    config.patch = 8;
    for (int i = 0; i < 500; ++i) {
        if (auto answer = prober.at(path, config, {64, 64}, on_cpu)) {
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
