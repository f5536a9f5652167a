// Files dropped on a real window by another X client.
#include "app/document/open_target.h"
#include "app/document/session_file.h"
#include "tests/app/application/running.h"
#include "tests/app/gfx/x_server.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/vulkan.h"
#include "tests/support/xdnd_drop.h"

#include <chrono>
#include <future>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

using test::errors;
using test::options_for;
using test::Running;

/// Runs the window while another thread drops the files, and then until nothing is computed any more.
void drop(const Running& running, const std::vector<std::filesystem::path>& files) {
    auto dropped = std::async(std::launch::async, [&] { return lact::test::drop_files(files); });
    while (dropped.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
        ASSERT_TRUE(running.program->shell().step(0.02).has_value());
    }
    ASSERT_EQ(dropped.get(), "");
    // GLFW hands the files over before it says that the drop is finished.
    ASSERT_TRUE(running.program->shell().step(0.02).has_value());
    ASSERT_TRUE(running.program->settle().has_value());
}

TEST(WindowDrop, OpensScenesSessionsAndScripts) {
    const auto server = gfx::test::XServer::start();
    if (!server) {
        GTEST_SKIP() << "no Xvfb here";
    }
    auto display = gfx::open_window({});
    if (!display) {
        LACT_NO_VULKAN(display.error());
    }
    const Running running = test::start(std::move(*display), options_for("bouquet"));
    ASSERT_TRUE(running.program);
    ASSERT_EQ(running.program->snapshot()->scene->name, "bouquet");

    drop(running, {LACT_ASSETS_DIR "/scenes/parcel"});
    EXPECT_EQ(running.program->snapshot()->scene->name, "parcel");

    // A name with what a URL escapes.
    const lact::test::TemporaryFolder folder;
    const auto session = folder.path() / (std::string("mein Fluß, 50%.") + session_extension);
    SessionFile file = running.program->session();
    file.scene = LACT_ASSETS_DIR "/scenes/spinning_top";
    ASSERT_TRUE(save_session_file(session, file).has_value());
    drop(running, {session});
    EXPECT_EQ(running.program->snapshot()->scene->name, "spinning_top");

    // Two at once.
    const auto script =
        folder.file(std::string("ascent.") + script_extension, R"([{"action": "rule.ascent"}])");
    drop(running, {LACT_ASSETS_DIR "/scenes/bouquet", script});
    EXPECT_EQ(running.program->snapshot()->scene->name, "bouquet");
    EXPECT_EQ(running.program->snapshot()->state->rule_text, "ascent");
    EXPECT_EQ(errors(*running.program), 0);
}

}  // namespace

}  // namespace lact::app
