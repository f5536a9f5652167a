// `lactscope generate` from outside.
#include "engine/scene/image.h"
#include "engine/scene/scene_files.h"
#include "tests/app/cli/run_program.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using test::ProgramRun;
using test::run_lactscope;

TEST(Generate, WritesScenesAPreviewAndSaysSo) {
    const TemporaryFolder folder;
    const std::string out = (folder.path() / "scenes").string();
    const std::string preview = (folder.path() / "preview.png").string();
    for (const std::string family : {"vehicles", "general", "scenes"}) {
        const ProgramRun run = run_lactscope(fmt::format(
            "generate --seed 7 --count 2 --views 3 --size 24 --family {} -o {} --json --preview {}", family,
            out, preview));
        ASSERT_EQ(run.exit_code, 0) << run.err;
        const auto result = nlohmann::json::parse(run.out);
        EXPECT_EQ(result["family"]["name"], family);
        EXPECT_EQ(result["family"]["version"], 1);
        EXPECT_EQ(result["generator_version"], 1);
        ASSERT_EQ(result["scenes"].size(), 2U);
        for (std::size_t i = 0; i < 2; ++i) {
            EXPECT_EQ(result["scenes"][i]["seed"], 7 + i);
            const auto scene = read_scene(result["scenes"][i]["folder"].get<std::string>());
            ASSERT_TRUE(scene) << scene.error().message();
            EXPECT_EQ(scene->views.size(), 3U);
            const auto image = load_image(scene->views[0].image);
            ASSERT_TRUE(image);
            EXPECT_EQ(image->channels, family == "scenes" ? 3 : 4);
        }
        EXPECT_TRUE(load_image(preview));
    }
    EXPECT_EQ(TemporaryFolder::names_in(out),
              (std::set<std::string>{"general_00000007", "general_00000008", "scenes_00000007",
                                     "scenes_00000008", "vehicles_00000007", "vehicles_00000008"}));
}

TEST(Generate, RefusesWhatIsThereAndWrongUsage) {
    const TemporaryFolder folder;
    const std::string out = folder.path().string();
    ASSERT_EQ(run_lactscope("generate --views 1 --size 16 -o " + out).exit_code, 0);
    const ProgramRun again = run_lactscope("generate --views 1 --size 16 -o " + out);
    EXPECT_EQ(again.exit_code, 1);
    EXPECT_NE(again.err.find("general_00000000"), std::string::npos) << again.err;
    EXPECT_EQ(folder.names(), std::set<std::string>{"general_00000000"});
    const TemporaryFolder later;
    std::filesystem::create_directory(later.path() / "general_00000002");
    EXPECT_EQ(run_lactscope("generate --count 3 --views 1 --size 16 -o " + later.path().string()).exit_code,
              1);
    EXPECT_EQ(later.names(), std::set<std::string>{"general_00000002"}) << "none of those before it";
    const auto file = folder.file("file", "");
    EXPECT_EQ(run_lactscope("generate -o " + file.string()).exit_code, 1);
    for (const char* arguments :
         {"generate", "generate -o x --size 4", "generate -o x --views 0", "generate -o x --family room",
          "generate -o x --seed -1", "generate -o x --count 0"}) {
        EXPECT_EQ(run_lactscope(arguments).exit_code, 2) << arguments;
    }
}

}  // namespace

}  // namespace lact::app
