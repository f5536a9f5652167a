// Writers put results in place under temporary names that nobody else has.
#include "engine/core/output_path.h"

#include "engine/core/files.h"
#include "tests/support/temporary_folder.h"

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lact {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;
using Names = std::set<std::string>;

TEST(OutputFile, ALinkOrFileWithAPredictableNameIsLeftAlone) {
    const TemporaryFolder folder;
    const fs::path victim = folder.file("victim.txt", "precious");
    fs::create_symlink(victim, folder.path() / "out.part");
    (void)folder.file(".out.part", "mine");
    ASSERT_TRUE(write_file_atomically(folder.path() / "out", "bytes"));
    EXPECT_EQ(read_file(victim).value_or(""), "precious");
    EXPECT_EQ(read_file(folder.path() / "out").value_or(""), "bytes");
    EXPECT_EQ(folder.names(), (Names{".out.part", "out", "out.part", "victim.txt"}));
}

TEST(OutputFile, ALinkAtTheTargetIsReplacedNotFollowed) {
    const TemporaryFolder folder;
    const fs::path victim = folder.file("victim.txt", "precious");
    fs::create_symlink(victim, folder.path() / "out");
    ASSERT_TRUE(write_file_atomically(folder.path() / "out", "bytes"));
    EXPECT_EQ(read_file(victim).value_or(""), "precious");
    EXPECT_FALSE(fs::is_symlink(folder.path() / "out"));
}

TEST(OutputFile, WritersOfOneNameAtTheSameTimeLeaveOneWholeFile) {
    const TemporaryFolder folder;
    const fs::path target = folder.path() / "out";
    constexpr int writers = 8;
    constexpr std::size_t bytes = 200'000;
    std::vector<std::jthread> threads;
    std::array<bool, writers> written{};
    for (int i = 0; i < writers; ++i) {
        threads.emplace_back([&, i] {
            written.at(static_cast<std::size_t>(i)) =
                write_file_atomically(target, std::string(bytes, static_cast<char>('a' + i))).has_value();
        });
    }
    threads.clear();
    for (const bool one : written) {
        EXPECT_TRUE(one);
    }
    const std::string text = read_file(target).value_or("");
    ASSERT_EQ(text.size(), bytes);
    EXPECT_EQ(text, std::string(bytes, text.front()));
    EXPECT_EQ(folder.names(), Names{"out"});
}

TEST(OutputFile, RemainsOfAKilledProgramGoButWorkInProgressStays) {
    const TemporaryFolder folder;
    const fs::path target = folder.path() / "out";
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto file = OutputFile::create(target);
        const auto made = OutputFolder::beside(target);
        if (!file || !made || ::write(pipe[1], "x", 1) != 1) {
            ::_exit(1);
        }
        ::pause();
    }
    char byte = 0;
    ASSERT_EQ(::read(pipe[0], &byte, 1), 1);
    ::close(pipe[0]);
    ::close(pipe[1]);
    ASSERT_TRUE(write_file_atomically(target, "bytes"));
    EXPECT_EQ(folder.temporaries_of("out").size(), 2U) << "they are being written to";
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_EQ(folder.temporaries_of("out").size(), 2U);
    ASSERT_TRUE(write_file_atomically(target, "bytes"));
    EXPECT_EQ(folder.names(), Names{"out"});
}

TEST(OutputFile, AbandonedLinksAndSimilarNamesStay) {
    const TemporaryFolder folder;
    const fs::path victim = folder.file("victim.txt", "precious");
    fs::create_symlink(victim, folder.path() / ".out.0123456789abcdef.part");
    for (const char* name : {".out.0123456789abcde.part", ".out.0123456789abcdeG.part", "out.part",
                             ".out.txt.0123456789abcdef.part"}) {
        (void)folder.file(name, "mine");
    }
    const std::size_t before = folder.names().size();
    ASSERT_TRUE(write_file_atomically(folder.path() / "out", "bytes"));
    EXPECT_EQ(folder.names().size(), before + 1);
    EXPECT_EQ(read_file(victim).value_or(""), "precious");
}

TEST(OutputFile, LongNamesFit) {
    const TemporaryFolder folder;
    const std::string name(255, 'n');
    ASSERT_TRUE(write_file_atomically(folder.path() / name, "bytes"));
    EXPECT_EQ(folder.names(), Names{name});
}

TEST(OutputFolder, NeverTakesThePlaceOfAFilledFolder) {
    const TemporaryFolder folder;
    const fs::path target = folder.path() / "out";
    auto made = OutputFolder::beside(target);
    ASSERT_TRUE(made) << made.error().message();
    ASSERT_TRUE(write_new_file(made->path() / "new", "bytes"));
    fs::create_directory(target);
    (void)folder.file("out/diary.txt", "dear");
    const auto refused = made->publish_as(target);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("not replaced"), std::string::npos);
    EXPECT_EQ(TemporaryFolder::names_in(target), Names{"diary.txt"});
    fs::remove(target / "diary.txt");
    EXPECT_TRUE(made->publish_as(target));
    EXPECT_EQ(TemporaryFolder::names_in(target), Names{"new"});
}

TEST(WriteNewFile, NeitherReplacesNorFollows) {
    const TemporaryFolder folder;
    const fs::path victim = folder.file("victim.txt", "precious");
    fs::create_symlink(victim, folder.path() / "link");
    EXPECT_FALSE(write_new_file(victim, "bytes"));
    EXPECT_FALSE(write_new_file(folder.path() / "link", "bytes"));
    EXPECT_FALSE(move_to_free_name(folder.file("new", "bytes"), victim));
    EXPECT_EQ(read_file(victim).value_or(""), "precious");
    EXPECT_TRUE(move_to_free_name(folder.path() / "new", folder.path() / "free"));
}

TEST(UnnamedFile, HasNoName) {
    const TemporaryFolder folder;
    const auto fd = unnamed_file_beside(folder.path() / "video.gif");
    ASSERT_TRUE(fd) << fd.error().message();
    EXPECT_TRUE(write_all(fd->get(), "bytes", "x"));
    EXPECT_TRUE(folder.names().empty());
}

TEST(LockFolder, ExcludesAnotherRun) {
    const TemporaryFolder folder;
    {
        const auto held = lock_folder(folder.path());
        ASSERT_TRUE(held);
        const auto refused = lock_folder(folder.path());
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().message().find("another run"), std::string::npos);
    }
    EXPECT_TRUE(lock_folder(folder.path()));
}

TEST(CheckOutput, TellsBeforeLongWorkWhatCannotBeWritten) {
    const TemporaryFolder folder;
    const fs::path file = folder.file("file", "mine");
    EXPECT_TRUE(check_output_file(file));
    EXPECT_TRUE(check_output_file(folder.path() / "new"));
    EXPECT_TRUE(check_output_folder(folder.path()));
    EXPECT_TRUE(check_output_folder(folder.path() / "a" / "b" / ""));
    EXPECT_FALSE(check_output_file(folder.path()));
    EXPECT_FALSE(check_output_file(folder.path() / "a" / "b"));
    const auto below = check_output_folder(file / "a");
    ASSERT_FALSE(below);
    EXPECT_NE(below.error().message().find("is not a folder"), std::string::npos) << below.error().message();
    fs::create_directory_symlink(folder.path() / "loop", folder.path() / "loop");
    EXPECT_FALSE(check_output_folder(folder.path() / "loop" / "a"));
    // No program can write here, not even one with all rights.
    EXPECT_FALSE(check_output_file("/proc/lactscope.mp4"));
    EXPECT_FALSE(check_output_folder("/proc/lactscope"));
    EXPECT_EQ(folder.names(), (Names{"file", "loop"}));
}

}  // namespace
}  // namespace lact
