// Sessions whose scene and weights are not where they were when it was saved.
#include "app/document/session_file.h"
#include "tests/support/temporary_folder.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace lact::app {
namespace {

namespace fs = std::filesystem;
using lact::test::TemporaryFolder;

struct MovedSession {
    const char* scene;    ///< As written.
    const char* weights;  ///< As written.
    std::size_t notes;
};

TEST(SessionFile, FindsSceneAndWeightsThatMovedWithTheSession) {
    const TemporaryFolder folder;
    fs::create_directories(folder.path() / "sessions");
    fs::create_directories(folder.path() / "sessions/scenes/top");
    const fs::path weights = folder.file("sessions/nano.safetensors", "x");
    const std::vector<MovedSession> table{
        {"scenes/top", "nano.safetensors", 0},
        {R"(scenes\top)", "nano.safetensors", 0},
        {"Scenes/Top", "NANO.safetensors", 2},
        {"/elsewhere/work/scenes/top", "/elsewhere/nano.safetensors", 2},
        {R"(C:\work\scenes\top)", R"(D:\nano.safetensors)", 2},
        {"top", "../nano.safetensors", 2},
    };
    for (const MovedSession& moved : table) {
        const nlohmann::json json{
            {"lactscope_session", 1U}, {"scene", moved.scene}, {"weights", moved.weights}};
        const auto session = session_from(json, "s.json", folder.path() / "sessions");
        ASSERT_TRUE(session) << session.error().message();
        EXPECT_EQ(session->scene.lexically_normal(), folder.path() / "sessions/scenes/top") << moved.scene;
        EXPECT_EQ(session->weights.lexically_normal(), weights) << moved.weights;
        EXPECT_EQ(session->notes.size(), moved.notes) << moved.scene;
    }
}

TEST(SessionFile, KeepsThePathOfWhatIsNowhere) {
    const TemporaryFolder folder;
    const nlohmann::json json{
        {"lactscope_session", 1U}, {"scene", "/nowhere-at-all/top"}, {"weights", "gone.safetensors"}};
    const auto session = session_from(json, "s.json", folder.path());
    ASSERT_TRUE(session) << session.error().message();
    EXPECT_EQ(session->scene, "/nowhere-at-all/top");
    EXPECT_EQ(session->weights, folder.path() / "gone.safetensors");
    EXPECT_TRUE(session->notes.empty());
}

/// Weights have no other ending: those of another file would be others.
TEST(SessionFile, TakesNoFileOfAnotherEnding) {
    const TemporaryFolder folder;
    (void)folder.file("nano.png", "x");
    const nlohmann::json json{{"lactscope_session", 1U}, {"weights", "nano.jpg"}};
    const auto session = session_from(json, "s.json", folder.path());
    ASSERT_TRUE(session) << session.error().message();
    EXPECT_EQ(session->weights, folder.path() / "nano.jpg");
}

}  // namespace
}  // namespace lact::app
