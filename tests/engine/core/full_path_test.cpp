#include "engine/core/full_path.h"

#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

TEST(FullPath, IsAbsoluteWithoutLinksAndASlashAtItsEnd) {
    const test::TemporaryFolder folder;
    const fs::path real = fs::canonical(folder.path());
    fs::create_directories(real / "scene");
    fs::create_directory_symlink(real / "scene", real / "link");
    EXPECT_EQ(full_path("."), fs::current_path());
    EXPECT_EQ(full_path("not/there"), fs::current_path() / "not/there");
    EXPECT_EQ(full_path(folder.path() / "scene/"), real / "scene");
    EXPECT_EQ(full_path(folder.path() / "link/photos"), real / "scene/photos");
    EXPECT_EQ(full_path(real / "scene/../other"), real / "other");
    EXPECT_EQ(full_path("/"), "/");
    EXPECT_EQ(full_path(""), "");
}

TEST(FullPath, OfWhatTheSystemCannotFollowIsKept) {
    const test::TemporaryFolder folder;
    const fs::path real = fs::canonical(folder.path());
    const std::string too_long(300, 'n');
    EXPECT_EQ(full_path(real / too_long / "a"), real / too_long / "a");
    EXPECT_EQ(full_path(real / too_long / "../a/"), real / "a");
    EXPECT_EQ(full_path(too_long), fs::current_path() / too_long);
    fs::create_symlink("loop", real / "loop");
    EXPECT_EQ(full_path(real / "loop/a"), real / "loop/a");
}

}  // namespace
}  // namespace lact
