// Open and Save dialogs with keys, as a user types; what becomes a recent path.
#include "tests/app/application/running.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;
using test::draw_frames;
using test::hold_key;
using test::run;
using test::Running;
using test::start_null;
using test::type_text;

/// Types over the name that the Save dialog suggests.
void save_as(const Running& running, const fs::path& path) {
    draw_frames(running, 4);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, true);
    hold_key(running, ImGuiKey_A);
    ImGui::GetIO().AddKeyEvent(ImGuiMod_Ctrl, false);
    type_text(running, path.string());
    hold_key(running, ImGuiKey_Enter);
    draw_frames(running, 3);
}

/// As in a window with a user in front of it.
Running start_with_user() {
    Running running = start_null();
    running.program->set_user_present();
    return running;
}

TEST(SaveDialog, AsksForANameAndWritesThere) {
    const lact::test::TemporaryFolder folder;
    const Running running = start_with_user();
    ASSERT_TRUE(running.run("file.save_session").has_value());
    ASSERT_TRUE(running.program->document().save_request.has_value());
    save_as(running, folder.path() / "mine");
    EXPECT_TRUE(fs::exists(folder.path() / "mine.lactscope")) << "the extension is added";
    EXPECT_FALSE(running.program->document().save_request.has_value());
    EXPECT_FALSE(test::dialog_is_open());
    EXPECT_EQ(running.program->document().save_folder, folder.path());
}

TEST(SaveDialog, AsksBeforeItReplacesAFile) {
    const lact::test::TemporaryFolder folder;
    const fs::path file = folder.file("mine.json", "before");
    const Running running = start_with_user();
    ASSERT_TRUE(running.run("file.save_session").has_value());
    save_as(running, file);
    EXPECT_EQ(fs::file_size(file), 6U) << "nothing is replaced without a yes";
    EXPECT_TRUE(test::dialog_is_open());
    hold_key(running, ImGuiKey_Escape);
    EXPECT_TRUE(running.program->document().save_request.has_value()) << "back to the name";
    hold_key(running, ImGuiKey_Escape);
    EXPECT_FALSE(running.program->document().save_request.has_value());
    EXPECT_EQ(fs::file_size(file), 6U);
}

TEST(SaveDialog, AScriptIsNotAsked) {
    const lact::test::TemporaryFolder folder;
    const Running running = start_with_user();
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    const auto script = nlohmann::json::array({{{"action", "file.save_session"}}});
    ASSERT_TRUE(running.program->run_script(script, "test").has_value());
    ASSERT_TRUE(running.program->settle().has_value());
    fs::current_path(before);
    EXPECT_FALSE(running.program->document().save_request.has_value());
    EXPECT_EQ(folder.names().size(), 1U);
}

TEST(OpenDialog, TabCompletesAPathAndEnterListsAFolder) {
    const lact::test::TemporaryFolder folder;
    fs::create_directories(folder.path() / "photographs/empty");
    const Running running = start_null();
    run(running, "file.open");
    draw_frames(running, 3);
    type_text(running, folder.path().string() + "/pho");
    hold_key(running, ImGuiKey_Tab);
    hold_key(running, ImGuiKey_Enter);
    draw_frames(running, 2);
    EXPECT_TRUE(test::dialog_is_open()) << "a folder that is nothing to open is listed";
    EXPECT_EQ(test::errors(*running.program), 0);
    EXPECT_EQ(running.program->panels().open_dialog.folder(), folder.path() / "photographs/");
}

TEST(OpenDialog, ProbesAtTheSizeOfTheOpenScene) {
    const Running running = start_null();
    const auto size = [&] { return size_to_open(*running.program->snapshot(), running.program->document()); };
    EXPECT_EQ(size(), (Size{64, 64}));
    test::set(running, "model.size", "32x32");
    EXPECT_EQ(size(), (Size{32, 32})) << "a scene that is opened keeps it";
    Snapshot without_scene = *running.program->snapshot();
    without_scene.scene = nullptr;
    EXPECT_EQ(size_to_open(without_scene, running.program->document()), (Size{64, 64}));
}

TEST(RecentPaths, HoldWhatWasOpenedAndNothingElse) {
    const lact::test::TemporaryFolder folder;
    const fs::path broken = folder.file("transforms.json", R"({"frames": []})");
    const Running running = start_null();
    const auto has = [&](const fs::path& path) {
        const auto& recent = running.program->document().recent;
        return std::ranges::find(recent, path.string()) != recent.end();
    };
    run(running, "file.open", {{"path", broken.string()}});
    EXPECT_FALSE(has(broken)) << "a scene that cannot be read";
    const fs::path scene = fs::path(LACT_ASSETS_DIR) / "scenes/spinning_top";
    run(running, "file.open", {{"path", scene.string()}});
    EXPECT_TRUE(has(scene));
    EXPECT_FALSE(has(broken));
    const fs::path weights = fs::path(LACT_ASSETS_DIR) / "weights/nano128.safetensors";
    run(running, "file.open", {{"path", weights.string()}});
    EXPECT_TRUE(has(weights));
}

TEST(ReopenLast, OffersWhatWasOpenAtTheEnd) {
    const lact::test::TemporaryFolder folder;
    const auto options = [&](bool scene) {
        ApplicationOptions given = test::options_for("spinning_top");
        given.settings_folder = folder.path();
        if (!scene) {
            given.paths.pop_back();
        }
        return given;
    };
    std::string before;
    {
        const Running running = test::start(gfx::make_null({}), options(true));
        EXPECT_FALSE(running.run("file.reopen_last").has_value()) << "the first start";
        test::set(running, "model.size", "32x32");
        run(running, "camera.turn");
        before = nlohmann::json(running.program->session().viewpoint->position()[0]).dump();
    }
    const Running running = test::start(gfx::make_null({}), options(false));
    EXPECT_NE(running.program->snapshot()->scene->name, "spinning_top");
    EXPECT_EQ(running.program->commands().find("file.reopen_last")->title_now(), "Reopen last: spinning_top");
    run(running, "file.reopen_last");
    EXPECT_EQ(running.program->snapshot()->scene->name, "spinning_top");
    EXPECT_EQ(nlohmann::json(running.program->session().viewpoint->position()[0]).dump(), before);
    EXPECT_EQ(running.program->snapshot()->scene->size, (Size{32, 32})) << "what may be all that fits";
    EXPECT_FALSE(running.run("file.reopen_last").has_value());
}

TEST(ReopenLast, IsOfferedUntilItIsOpen) {
    const lact::test::TemporaryFolder folder;
    const lact::test::TemporaryFolder scenes;
    const fs::path scene = scenes.path() / "mine";
    fs::copy(LACT_ASSETS_DIR "/scenes/parcel", scene, fs::copy_options::recursive);
    ApplicationOptions options = test::options_for("spinning_top");
    options.settings_folder = folder.path();
    {
        options.paths.back() = scene;
        const Running running = test::start(gfx::make_null({}), options);
        ASSERT_EQ(running.program->snapshot()->scene->name, "mine");
    }
    options.paths.back() = LACT_ASSETS_DIR "/scenes/spinning_top";
    const Running running = test::start(gfx::make_null({}), options);
    fs::rename(scene / "opencv_cameras.json", scenes.path() / "away.json");
    ASSERT_TRUE(running.run("file.reopen_last").has_value());
    (void)running.program->settle();
    EXPECT_EQ(running.program->snapshot()->scene->name, "spinning_top");
    EXPECT_TRUE(running.program->commands().find("file.reopen_last")->why_not().empty()) << "try again";
    fs::rename(scenes.path() / "away.json", scene / "opencv_cameras.json");
    run(running, "file.reopen_last");
    EXPECT_EQ(running.program->snapshot()->scene->name, "mine");
    EXPECT_FALSE(running.run("file.reopen_last").has_value());
}

TEST(ReopenLast, OffersWeightsOfItsOwnOnTheSceneThatOpensFirst) {
    const lact::test::TemporaryFolder folder;
    const auto options = [&](const char* weights) {
        ApplicationOptions given = test::options_for("yellow_car");
        given.settings_folder = folder.path();
        given.paths.front() = std::string(LACT_ASSETS_DIR "/weights/") + weights;
        return given;
    };
    {
        const Running running = test::start(gfx::make_null({}), options("general.safetensors"));
        ASSERT_EQ(running.program->snapshot()->scene->name, "yellow_car");
    }
    const Running running = test::start(gfx::make_null({}), options("vehicles.safetensors"));
    const Command* last = running.program->commands().find("file.reopen_last");
    EXPECT_EQ(last->title_now(), "Reopen last: yellow_car with general");
    run(running, "file.reopen_last");
    EXPECT_EQ(running.program->snapshot()->weights->path.filename(), "general.safetensors");
}

}  // namespace

}  // namespace lact::app
