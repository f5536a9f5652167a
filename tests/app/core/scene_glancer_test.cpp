#include "app/core/scene_glancer.h"

#include "tests/support/temporary_folder.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

namespace lact::app {
namespace {

/// The answer, waited for; none after some seconds.
std::optional<PathGlance> glance_at(SceneGlancer& glancer, const std::string& path, bool on_cpu = true) {
    ModelConfig config;
    config.layers = 2;
    config.d = 128;
    config.ttt_head = 64;
    config.patch = 8;
    for (int i = 0; i < 500; ++i) {
        if (auto answer = glancer.at(path, config, {64, 64}, on_cpu)) {
            return answer;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return std::nullopt;
}

TEST(SceneGlancer, SaysWhatScenesAndFoldersOfPhotosAre) {
    SceneGlancer glancer([] {});
    const std::string bouquet = LACT_ASSETS_DIR "/scenes/bouquet";
    const auto on_cpu = glance_at(glancer, bouquet);
    ASSERT_TRUE(on_cpu);
    EXPECT_FALSE(on_cpu->warns);
    EXPECT_NE(on_cpu->sentence.find("32 photos"), std::string::npos) << on_cpu->sentence;
    const auto elsewhere = glance_at(glancer, bouquet, false);
    ASSERT_TRUE(elsewhere);
    EXPECT_FALSE(elsewhere->warns);

    const lact::test::TemporaryFolder folder;
    for (const char* name : {"1.jpg", "2.jpg", "3.jpg"}) {
        (void)folder.file(name, "x");
    }
    const auto photos = glance_at(glancer, folder.path().string());
    ASSERT_TRUE(photos);
    EXPECT_NE(photos->sentence.find("3 photos without poses"), std::string::npos) << photos->sentence;
    const lact::test::TemporaryFolder heic;
    (void)heic.file("a.heic", "x");
    const auto warned = glance_at(glancer, heic.path().string());
    ASSERT_TRUE(warned);
    EXPECT_TRUE(warned->warns);
    EXPECT_NE(warned->sentence.find("cannot be read"), std::string::npos) << warned->sentence;
}

}  // namespace
}  // namespace lact::app
