// Remarks on a scene in the window: one note, one list, dismissed by a command.
#include "app/document/scene_remarks.h"
#include "tests/app/application/running.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <imgui_internal.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
namespace fs = std::filesystem;

/// A copy of a bundled scene in which one photo is missing and another one is no image.
fs::path damaged_scene(const TemporaryFolder& folder) {
    const fs::path copy = folder.path() / "damaged";
    fs::copy(LACT_ASSETS_DIR "/scenes/parcel", copy, fs::copy_options::recursive);
    std::vector<fs::path> photos;
    for (const auto& entry : fs::recursive_directory_iterator(copy)) {
        if (entry.path().extension() == ".png") {
            photos.push_back(entry.path());
        }
    }
    std::ranges::sort(photos);
    fs::remove(photos.at(2));
    std::ofstream(photos.at(5), std::ios::trunc) << "no image";
    return copy;
}

class RemarksWindow : public testing::Test {
  protected:
    RemarksWindow() : scene_(damaged_scene(folder_)) {
        ApplicationOptions options = test::options_for("parcel");
        options.paths.back() = scene_;
        running_ = test::start(gfx::make_null({}), std::move(options));
    }
    [[nodiscard]] std::vector<SceneRemark> shown() const {
        return running_.program->document().remarks.shown(*running_.program->snapshot()->scene);
    }
    [[nodiscard]] std::size_t notes() const { return running_.program->panels().notices.about_remarks(); }
    void frame() const { ASSERT_TRUE(running_.program->shell().frame().has_value()); }
    /// Opens the scene again and draws frames until there is a note. settle() would draw until it is gone.
    void open_until_a_note() const {
        const auto before = running_.program->snapshot()->scene->sequence;
        ASSERT_TRUE(running_.run("scene.open", {{"path", scene_.string()}}));
        const auto waits = [&] {
            return notes() == 0 || running_.program->snapshot()->scene->sequence == before;
        };
        for (int i = 0; i < 4000 && waits(); ++i) {
            frame();
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        frame();
    }
    /// Whether the list in the Scene panel was drawn in the last frame.
    [[nodiscard]] static bool list_is_drawn() {
        return std::ranges::any_of(ImGui::GetCurrentContext()->Windows, [](const ImGuiWindow* window) {
            const std::string name = window->Name;
            return name.find("###Scene") != std::string::npos &&
                   name.find("/remarks_") != std::string::npos && window->WasActive;
        });
    }

    TemporaryFolder folder_;
    fs::path scene_;
    test::Running running_;
};

TEST_F(RemarksWindow, AreOneNoteHoweverManyThereAre) {
    ASSERT_GE(shown().size(), 2U);
    open_until_a_note();
    EXPECT_EQ(notes(), 1U);
    EXPECT_TRUE(list_is_drawn());
    // The log has each of them.
    for (const SceneRemark& remark : shown()) {
        const auto entries = running_.program->log().after(0);
        EXPECT_TRUE(std::ranges::any_of(entries, [&](const LogEntry& entry) {
            return entry.what == remark.text;
        })) << remark.text;
    }
    EXPECT_EQ(test::errors(*running_.program), 0);
}

TEST_F(RemarksWindow, AreDismissedByACommandUntilTheSceneIsOpenedAgain) {
    const std::size_t count = shown().size();
    open_until_a_note();
    EXPECT_EQ(notes(), 1U);
    ASSERT_TRUE(running_.run("scene.dismiss_remarks"));
    frame();
    frame();
    EXPECT_TRUE(shown().empty());
    EXPECT_EQ(notes(), 0U);
    EXPECT_FALSE(list_is_drawn());
    EXPECT_FALSE(running_.run("scene.dismiss_remarks"));  // There are none any more.
    // Other inputs do not bring them back.
    test::run(running_, "inputs.first");
    for (const SceneRemark& remark : shown()) {
        EXPECT_EQ(remark.kind, RemarkKind::training) << remark.text;
    }
    open_until_a_note();
    EXPECT_EQ(shown().size(), count);
    EXPECT_EQ(notes(), 1U);
    EXPECT_TRUE(list_is_drawn());
}

TEST_F(RemarksWindow, AScriptReadsThemFromTheNumbersOfTheScenePanel) {
    const fs::path file = folder_.path() / "scene.csv";
    test::run(running_, "panel.export", {{"panel", "Scene"}, {"path", file.string()}});
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("# remarks: ")) {
            EXPECT_EQ(nlohmann::json::parse(line.substr(11)),
                      remarks_to_json(running_.program->snapshot()->scene->remarks));
            return;
        }
    }
    FAIL() << "no line of remarks";
}

TEST_F(RemarksWindow, AnotherSceneHasItsOwn) {
    test::run(running_, "scene.open_bundled", {{"name", "bouquet"}});
    for (const SceneRemark& remark : shown()) {
        EXPECT_EQ(remark.kind, RemarkKind::training) << remark.text;
    }
    EXPECT_EQ(notes(), shown().empty() ? 0U : 1U);
}

}  // namespace

}  // namespace lact::app
