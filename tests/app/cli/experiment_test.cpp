// `lactscope experiment` from outside.
#include "engine/experiment/experiment.h"

#include "engine/core/files.h"
#include "tests/app/cli/run_program.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace lact::app {

namespace {

using lact::test::TemporaryFolder;
using nlohmann::json;
using test::run_lactscope;

const std::string opened = " --device cpu --weights " + test::general_weights +
                           " --scene " LACT_ASSETS_DIR "/scenes/bouquet --inputs 3 ";

TEST(ExperimentCommand, ListsEveryExperiment) {
    const auto text = run_lactscope("experiment --list");
    ASSERT_EQ(text.exit_code, 0) << text.err;
    const auto run = run_lactscope("experiment --list --json");
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json all = json::parse(run.out);
    ASSERT_EQ(all.size(), experiments().size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].at("experiment"), std::string(experiments()[i].id));
        EXPECT_NE(text.out.find(std::string(experiments()[i].title)), std::string::npos);
        EXPECT_FALSE(all[i].at("claim").get<std::string>().empty());
    }
}

TEST(ExperimentCommand, PrintsJsonAndWritesTheSame) {
    const TemporaryFolder folder;
    const auto run =
        run_lactscope("experiment mirror --json --views 1 -o " + (folder.path() / "m").string() + opened);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    const json report = json::parse(run.out);
    EXPECT_EQ(report.at("experiment"), "mirror");
    EXPECT_TRUE(report.at("finished").get<bool>());
    EXPECT_EQ(report.at("settings").at("input views").get<std::string>().substr(0, 1), "0");
    // Of several runs each says which views its images and its PSNR are of: here the first held-out one.
    const auto target = report.at("settings").at("target camera").get<std::string>();
    ASSERT_TRUE(target.starts_with("view ")) << target;
    EXPECT_EQ(report.at("settings").at("held-out views"), "1: " + target.substr(5));
    ASSERT_FALSE(report.at("tables").empty());
    const json& table = report.at("tables")[0];
    EXPECT_FALSE(table.at("rows").empty());
    EXPECT_EQ(table.at("rows")[0].size(), table.at("columns").size());
    const auto written = read_file(folder.path() / "m" / "report.json");
    ASSERT_TRUE(written.has_value());
    EXPECT_EQ(json::parse(*written), report);
    const auto csv = read_file(folder.path() / "m" / (table.at("name").get<std::string>() + ".csv"));
    ASSERT_TRUE(csv.has_value());
    EXPECT_EQ(static_cast<std::size_t>(std::count(csv->begin(), csv->end(), '\n')),
              table.at("rows").size() + 1);
}

TEST(ExperimentCommand, TextSaysClaimFindingAndSettings) {
    const auto run = run_lactscope("experiment mirror --views 1 --target 5" + opened);
    ASSERT_EQ(run.exit_code, 0) << run.err;
    for (const char* words :
         {"The paper:", "This run:", "Settings:", "bouquet", "The symmetry holds.", " view 5\n"}) {
        EXPECT_NE(run.out.find(words), std::string::npos) << words << "\n" << run.out;
    }
}

TEST(ExperimentCommand, AnIndependentProgramReproducesTheNumbers) {
    if (std::system("python3 -c 'import numpy' >/dev/null 2>&1") != 0) {
        GTEST_SKIP() << "no numpy for python3";
    }
    const TemporaryFolder folder;
    const std::string place = " --layer 3 --head 2" + opened;
    const auto out = [&](const char* name) { return (folder.path() / name).string(); };
    for (const std::string& command : {"inspect --what shares --view 5 -o " + out("i"),
                                       "experiment memory --steps 1 --views 1 -o " + out("m"),
                                       "experiment distributions --target 5 -o " + out("d")}) {
        const auto run = run_lactscope(command + place);
        ASSERT_EQ(run.exit_code, 0) << command << ": " << run.err;
    }
    const std::string check = "python3 -B " LACT_TESTS_DIR "/tools/check_inspection.py " + out("i") +
                              "/shares.safetensors " + out("m") + "/report.json " + out("d") +
                              "/report.json >" + out("log") + " 2>&1";
    EXPECT_EQ(std::system(check.c_str()), 0) << read_file(folder.path() / "log").value_or("");
}

TEST(ExperimentCommand, SaysWhatIsWrong) {
    EXPECT_EQ(run_lactscope("experiment").exit_code, 2);
    EXPECT_EQ(run_lactscope("experiment nothing" + opened).exit_code, 2);
    EXPECT_EQ(run_lactscope("experiment mirror --steps 65" + opened).exit_code, 2);
    const auto target = run_lactscope("experiment mirror --target 99" + opened);
    EXPECT_EQ(target.exit_code, 1);
    EXPECT_NE(target.err.find("99"), std::string::npos) << target.err;
    for (const Experiment& one : experiments()) {
        if (one.uses.place) {
            const auto layer = run_lactscope("experiment " + std::string(one.id) + " --layer 77" + opened);
            EXPECT_EQ(layer.exit_code, 1) << one.id;
            EXPECT_NE(layer.err.find("77"), std::string::npos) << layer.err;
            return;
        }
    }
    FAIL() << "no experiment is of one layer";
}

}  // namespace

}  // namespace lact::app
