// What writers may and may not put a finished file in the place of.
#include "engine/core/files.h"

#include "tests/support/temporary_folder.h"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

TEST(WriteFileAtomically, ReplacesAFileButNoDevicePipeOrFolder) {
    const test::TemporaryFolder folder;
    const fs::path file = folder.file("file", "before");
    ASSERT_TRUE(write_file_atomically(file, "after").has_value());
    EXPECT_EQ(read_file(file).value_or(""), "after");

    const fs::path pipe = folder.path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const fs::path device = folder.path() / "device";
    fs::create_symlink("/dev/null", device);
    const fs::path below = folder.path() / "folder";
    fs::create_directory(below);
    for (const fs::path& path : {pipe, device, below}) {
        const auto written = write_file_atomically(path, "bytes");
        ASSERT_FALSE(written.has_value()) << path;
        EXPECT_EQ(written.error().where, path.string());
    }
    EXPECT_TRUE(fs::is_fifo(pipe));
    EXPECT_TRUE(fs::is_symlink(device));
    EXPECT_TRUE(fs::is_directory(below));
    EXPECT_EQ(folder.names(), (std::set<std::string>{"device", "file", "folder", "pipe"}));
}

TEST(Crc32, IsThatOfZipFilesAndPng) {
    EXPECT_EQ(crc32_of(""), 0U);
    EXPECT_EQ(crc32_of("123456789"), 0xcbf43926U);  // The check value of the standard.
    EXPECT_EQ(crc32_of("The quick brown fox jumps over the lazy dog"), 0x414fa339U);
    EXPECT_EQ(crc32_of("IEND"), 0xae426082U);
}

TEST(FileState, ChangesWithTheFileOfAPath) {
    const test::TemporaryFolder folder;
    const fs::path file = folder.file("file", "before");
    const auto before = file_state(file);
    ASSERT_TRUE(before.has_value());
    EXPECT_EQ(before->size, 6U);
    EXPECT_TRUE(file_state(file).value() == *before);
    ASSERT_TRUE(write_file_atomically(file, "after_").has_value());
    EXPECT_FALSE(file_state(file).value() == *before) << "of the same size, but another file";
    EXPECT_FALSE(file_state(folder.path() / "none").has_value());
}

TEST(ReadFile, RefusesWhatIsLargerThanAskedFor) {
    const test::TemporaryFolder folder;
    const fs::path file = folder.file("file", "12345");
    EXPECT_EQ(read_file(file, 5).value_or(""), "12345");
    const auto refused = read_file(file, 4);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message().find("5 bytes"), std::string::npos);
    fs::resize_file(file, largest_file + 1);  // Takes no space on the disk.
    EXPECT_FALSE(read_file(file).has_value());
}

}  // namespace
}  // namespace lact
