// The program with names and files that are made to break it.
#include "engine/core/text_file.h"
#include "tests/app/cli/run_program.h"

#include <csignal>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace lact::app::test {

namespace {

namespace fs = std::filesystem;
using lact::test::TemporaryFolder;
using namespace std::string_literals;

const std::string hostile_scene = LACT_ASSETS_DIR "/scenes/yellow_car";

std::string quoted(const fs::path& path) {
    return "'" + path.string() + "'";
}

TEST(CliHostile, PathsThatAreNotUtf8AreNoReasonToFail) {
    const TemporaryFolder folder;
    const fs::path scene = folder.path() / "caf\xE9";
    fs::copy(hostile_scene, scene, fs::copy_options::recursive);
    for (const std::string& command :
         {"info --json " + quoted(scene),
          "eval --json --weights " + general_weights + " --scene " + quoted(scene),
          "generate --json --count 1 --views 3 --size 32 -o " + quoted(folder.path() / "made\xFF")}) {
        const ProgramRun run = run_lactscope(command);
        EXPECT_EQ(run.exit_code, 0) << command << run.err;
        EXPECT_TRUE(parse_json(run.out, "output")) << run.out;
        EXPECT_EQ(run.err.find("json.exception"), std::string::npos) << run.err;
    }
}

TEST(CliHostile, ControlCharactersOfNamesDoNotReachTheTerminal) {
    const TemporaryFolder folder;
    const fs::path name = folder.path() /
                          "a\x1b]0;owned\x07\xC2\x9B"
                          "31m.safetensors";
    for (const std::string command : {"info ", "info --json ", "render -o x.mp4 --scene ", "convert "}) {
        const ProgramRun run =
            run_lactscope(command + quoted(name) + (command == "convert " ? " out.safetensors" : ""));
        EXPECT_NE(run.exit_code, 0);
        for (const std::string& text : {run.out, run.err}) {
            EXPECT_EQ(text.find_first_of("\x1b\x07"), std::string::npos) << text;
            EXPECT_EQ(text.find("\xC2\x9B"), std::string::npos) << text;
        }
        EXPECT_NE(run.err.find("\\x1b]0;owned"), std::string::npos) << run.err;
    }
}

TEST(CliHostile, PipesAndLoopsGetASentence) {
    const TemporaryFolder folder;
    for (const char* ending : {"", ".png", ".mp4", ".json", ".safetensors", ".pt"}) {
        const fs::path pipe = folder.path() / ("pipe"s + ending);
        const fs::path loop = folder.path() / ("loop"s + ending);
        ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
        fs::create_symlink(loop, loop);
        const ProgramRun piped = run_lactscope("info " + quoted(pipe), "timeout 60");
        EXPECT_EQ(piped.exit_code, 1) << piped.err;
        EXPECT_NE(piped.err.find("error: "), std::string::npos) << piped.err;
        const ProgramRun looped = run_lactscope("info " + quoted(loop));
        EXPECT_EQ(looped.exit_code, 1) << looped.err;
        EXPECT_NE(looped.err.find("lead in a circle"), std::string::npos) << looped.err;
    }
}

// Each would load weights and work for seconds to hours before it finds out by itself.
TEST(CliHostile, WhatCannotBeWrittenIsSaidAtOnce) {
    const std::string missing = " --weights /nowhere.safetensors --scene /nowhere ";
    for (const std::string& command :
         {"render" + missing + "-o /proc/video.mp4", "compare --b rule=mse" + missing + "-o /proc/out",
          "inspect --what inputs" + missing + "-o /proc/out", "experiment all" + missing + "-o /proc/out",
          std::string("heldout --weights /nowhere --sheet /proc/sheet.png"),
          std::string("train --config /nowhere.json -o /proc/out"),
          std::string("--screenshot /proc/window.png"),
          std::string("convert /nowhere.safetensors /proc/out.safetensors")}) {
        const ProgramRun run = run_lactscope(command);
        EXPECT_EQ(run.exit_code, 1) << command << "\n" << run.err;
        EXPECT_NE(run.err.find("/proc/"), std::string::npos) << command << "\n" << run.err;
    }
}

TEST(CliHostile, ResultsThatCannotBeWrittenAreAFailure) {
    for (const std::string& arguments : {"info --json " + general_weights, std::string("--help")}) {
        const std::string program = std::string(LACT_PROGRAM) + " " + arguments;
        // NOLINTBEGIN(cert-env33-c): the test's own words
        const int full = std::system((program + " >/dev/full 2>/dev/null").c_str());
        // A reader that has seen enough ends the program as it ends others, by SIGPIPE, without an error.
        const TemporaryFolder folder;
        const fs::path errors = folder.path() / "errors";
        const int closed = std::system(
            ("bash -c 'set -o pipefail; " + program + " 2>" + errors.string() + " | true'").c_str());
        // NOLINTEND(cert-env33-c)
        EXPECT_EQ(WEXITSTATUS(full), 1) << arguments;
        EXPECT_TRUE(WEXITSTATUS(closed) == 0 || WEXITSTATUS(closed) == 128 + SIGPIPE)
            << arguments << ": " << WEXITSTATUS(closed);
        EXPECT_EQ(read_file(errors.string()).value_or("unread"), "") << arguments;
    }
}

TEST(CliHostile, FramesOfAnEarlierVideoStay) {
    const TemporaryFolder folder;
    (void)fs::create_directory(folder.path() / "frames");
    (void)folder.file("frames/00000.png", "mine");
    const ProgramRun run = run_lactscope("render --frames 2 --weights " + general_weights + " --scene " +
                                         hostile_scene + " -o " + quoted(folder.path() / "frames"));
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_NE(run.err.find("is not empty: it holds 00000.png"), std::string::npos) << run.err;
    EXPECT_EQ(TemporaryFolder::names_in(folder.path() / "frames"), std::set<std::string>{"00000.png"});
}

}  // namespace

}  // namespace lact::app::test
