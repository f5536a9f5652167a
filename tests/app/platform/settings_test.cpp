#include "app/platform/settings.h"

#include "engine/core/files.h"
#include "tests/support/environment.h"
#include "tests/support/temporary_folder.h"

#include <string>

#include <gtest/gtest.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;
using lact::test::Environment;

std::size_t files_in(const fs::path& folder) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(Settings, ComeBackAsTheyWereSaved) {
    const lact::test::TemporaryFolder folder;
    const fs::path place = folder.path() / "new/lactscope";
    Settings settings;
    settings.theme = "light";
    settings.ui_scale = 1.5;
    settings.window_width = 1920;
    settings.window_height = 1080;
    settings.layout = "[Window][Viewport]\nPos=0,0\n";
    settings.parameters["viewport.filter"] = "nearest";
    remember_recent(settings.recent,
                    "/scenes/b\xc3\xbc"
                    "cher");
    ASSERT_TRUE(save_settings(place, settings));
    const LoadedSettings loaded = load_settings(place);
    EXPECT_TRUE(loaded.notes.empty());
    EXPECT_EQ(loaded.settings.theme, "light");
    EXPECT_EQ(loaded.settings.ui_scale, 1.5);
    EXPECT_EQ(loaded.settings.window_width, 1920);
    EXPECT_EQ(loaded.settings.window_height, 1080);
    EXPECT_EQ(loaded.settings.layout, settings.layout);
    EXPECT_EQ(loaded.settings.parameters, settings.parameters);
    EXPECT_EQ(loaded.settings.recent, settings.recent);
    EXPECT_EQ(files_in(place), 1U);
}

TEST(Settings, NoFileGivesTheDefaultsSilently) {
    const lact::test::TemporaryFolder folder;
    const LoadedSettings loaded = load_settings(folder.path() / "none");
    EXPECT_TRUE(loaded.notes.empty());
    EXPECT_EQ(loaded.settings.theme, "dark");
    EXPECT_FALSE(fs::exists(folder.path() / "none"));
}

TEST(Settings, UnknownKeysAreKept) {
    const lact::test::TemporaryFolder folder;
    (void)folder.file("settings.json", R"({"version": 1, "theme": "light", "future": {"a": [1, 2]}})");
    const LoadedSettings loaded = load_settings(folder.path());
    EXPECT_TRUE(loaded.notes.empty());
    ASSERT_TRUE(save_settings(folder.path(), loaded.settings));
    const auto written = nlohmann::json::parse(*read_file(folder.path() / "settings.json"));
    EXPECT_EQ(written["future"], nlohmann::json::parse(R"({"a": [1, 2]})"));
    EXPECT_EQ(written["theme"], "light");
    EXPECT_EQ(written["version"], 1);
}

TEST(Settings, BrokenFilesAreMovedAside) {
    const lact::test::TemporaryFolder folder;
    for (const char* text : {"{\"theme\": ", "[1, 2]", ""}) {
        (void)folder.file("settings.json", text);
        const LoadedSettings loaded = load_settings(folder.path());
        ASSERT_EQ(loaded.notes.size(), 1U) << text;
        EXPECT_NE(loaded.notes[0].find("settings.broken-"), std::string::npos);
        EXPECT_EQ(loaded.settings.theme, "dark");
        EXPECT_FALSE(fs::exists(folder.path() / "settings.json"));
    }
    // Each broken one is kept, none overwrites another.
    EXPECT_EQ(*read_file(folder.path() / "settings.broken-1.json"), "{\"theme\": ");
    EXPECT_EQ(*read_file(folder.path() / "settings.broken-2.json"), "[1, 2]");
    EXPECT_EQ(files_in(folder.path()), 3U);
}

TEST(Settings, WrongValuesBecomeDefaultsOneByOne) {
    const lact::test::TemporaryFolder folder;
    (void)folder.file("settings.json", R"({"theme": "pink", "ui_scale": -1, "window_width": "wide",
        "window_height": 900, "recent": [1], "layout": 3, "parameters": []})");
    const LoadedSettings loaded = load_settings(folder.path());
    EXPECT_EQ(loaded.notes.size(), 6U);
    EXPECT_EQ(loaded.settings.theme, "dark");
    EXPECT_EQ(loaded.settings.ui_scale, 1);
    EXPECT_EQ(loaded.settings.window_width, 1280);
    EXPECT_EQ(loaded.settings.window_height, 900);
    EXPECT_TRUE(loaded.settings.recent.empty());
    EXPECT_TRUE(loaded.settings.parameters.is_object());
}

TEST(Settings, ANewerVersionIsReadAndKept) {
    const lact::test::TemporaryFolder folder;
    const std::string text = R"({"version": 7, "theme": "light"})";
    (void)folder.file("settings.json", text);
    const LoadedSettings loaded = load_settings(folder.path());
    ASSERT_EQ(loaded.notes.size(), 1U);
    EXPECT_EQ(loaded.settings.theme, "light");
    EXPECT_EQ(*read_file(folder.path() / "settings.version-7-1.json"), text);
}

TEST(Settings, ResetForgetsThem) {
    const lact::test::TemporaryFolder folder;
    EXPECT_TRUE(reset_settings(folder.path()));
    Settings settings;
    settings.theme = "light";
    ASSERT_TRUE(save_settings(folder.path(), settings));
    EXPECT_TRUE(reset_settings(folder.path()));
    EXPECT_EQ(load_settings(folder.path()).settings.theme, "dark");
}

TEST(Settings, SavingWhereNothingCanBeWrittenIsAnError) {
    const lact::test::TemporaryFolder folder;
    (void)folder.file("file", "");
    const auto saved = save_settings(folder.path() / "file/lactscope", {});
    ASSERT_FALSE(saved);
    EXPECT_FALSE(saved.error().hint.empty());
}

TEST(Settings, FolderFollowsTheXdgRules) {
    const Environment home("HOME", "/home/somebody");
    {
        const Environment config("XDG_CONFIG_HOME", "/config");
        EXPECT_EQ(*settings_folder(), "/config/lactscope");
    }
    {
        const Environment config("XDG_CONFIG_HOME", "relative/is/ignored");
        EXPECT_EQ(*settings_folder(), "/home/somebody/.config/lactscope");
    }
    const Environment config("XDG_CONFIG_HOME", nullptr);
    EXPECT_EQ(*settings_folder(), "/home/somebody/.config/lactscope");
    const Environment no_home("HOME", nullptr);
    EXPECT_FALSE(settings_folder());
}

TEST(Settings, GeneratedScenesAreNeverInAFolderThatOthersShare) {
    const lact::test::TemporaryFolder folder;
    const Environment home("HOME", folder.path().c_str());
    const auto in_cache = folder.path() / "cache/lactscope/generated";
    {
        const Environment cache("XDG_CACHE_HOME", (folder.path() / "cache").c_str());
        EXPECT_EQ(*generated_scenes_folder(), in_cache);
        EXPECT_TRUE(std::filesystem::is_directory(in_cache));
    }
    for (const char* unusable : {"", "relative/is/ignored"}) {
        const Environment cache("XDG_CACHE_HOME", unusable);
        EXPECT_EQ(*generated_scenes_folder(), folder.path() / ".cache/lactscope/generated");
        for (const char* no_home : {static_cast<const char*>(nullptr), "", "relative"}) {
            const Environment without("HOME", no_home);
            const auto refused = generated_scenes_folder();
            ASSERT_FALSE(refused) << *refused;
            EXPECT_NE(refused.error().what.find("neither XDG_CACHE_HOME nor HOME"), std::string::npos);
            EXPECT_FALSE(refused.error().hint.empty());
        }
    }
}

TEST(Settings, RecentPathsAreNewestFirstAndOnce) {
    Settings settings;
    for (int i = 0; i < 12; ++i) {
        remember_recent(settings.recent, "/scene" + std::to_string(i));
    }
    remember_recent(settings.recent, "/scene5");
    ASSERT_EQ(settings.recent.size(), 10U);
    EXPECT_EQ(settings.recent[0], "/scene5");
    EXPECT_EQ(settings.recent[1], "/scene11");
    EXPECT_EQ(std::count(settings.recent.begin(), settings.recent.end(), "/scene5"), 1);
    settings.recent[3] = "/scene7/";  // As an older version wrote it.
    remember_recent(settings.recent, "/x/../scene7/");
    EXPECT_EQ(settings.recent[0], "/scene7");
    EXPECT_EQ(std::count(settings.recent.begin(), settings.recent.end(), "/scene7/"), 0);
    remember_recent(settings.recent, "/./scene7");
    EXPECT_EQ(std::count(settings.recent.begin(), settings.recent.end(), "/scene7"), 1);
    remember_recent(settings.recent, "/");
    EXPECT_EQ(settings.recent[0], "/");
}

}  // namespace

}  // namespace lact::app
