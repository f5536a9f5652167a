// Files that would make a reader wait, end by a signal, or throw.
#include "engine/core/file_kind.h"
#include "engine/core/files.h"
#include "engine/core/text_file.h"
#include "engine/scene/exif.h"
#include "engine/scene/image.h"
#include "engine/scene/photo_files.h"
#include "engine/scene/scene_files.h"
#include "tests/support/temporary_folder.h"

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace lact {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

// A test that waits fails by the time limit of the suite.
TEST(HostileFiles, PipesAndDevicesAreRefusedNotWaitedFor) {
    const TemporaryFolder folder;
    for (const char* name : {"a.png", "a.jpg", "scene.json", "weights.safetensors", "images.bin"}) {
        const fs::path pipe = folder.path() / name;
        ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
        const auto bytes = read_file(pipe);
        ASSERT_FALSE(bytes);
        EXPECT_NE(bytes.error().message().find("is a pipe, a file was expected"), std::string::npos)
            << bytes.error().message();
        EXPECT_FALSE(read_text_file(pipe));
        EXPECT_FALSE(parse_json_file(pipe));
        EXPECT_FALSE(image_info(pipe));
        EXPECT_FALSE(load_image(pipe));
        EXPECT_FALSE(sha256_of_file(pipe));
        EXPECT_EQ(exif_orientation(pipe), 1);
        EXPECT_EQ(sniff_file(pipe).kind, FileKind::unknown);
        (void)broken_image(pipe);
        EXPECT_FALSE(read_scene(pipe));
    }
    const auto device = read_file("/dev/zero");
    ASSERT_FALSE(device);
    EXPECT_NE(device.error().message().find("is a device"), std::string::npos) << device.error().message();
}

TEST(HostileFiles, ALoopOfLinksGetsASentence) {
    const TemporaryFolder folder;
    for (const char* name : {"loop", "loop.json", "loop.png"}) {
        const fs::path loop = folder.path() / name;
        fs::create_symlink(loop, loop);
        for (const Error& error : {read_file(loop).error(), load_image(loop).error(),
                                   read_scene(loop).error(), read_text_file(loop).error()}) {
            EXPECT_NE(error.message().find("its links lead in a circle"), std::string::npos)
                << error.message();
        }
    }
}

TEST(HostileFiles, BytesStayWhereTheFileIsTruncated) {
    const TemporaryFolder folder;
    const fs::path path = folder.file("weights.safetensors", std::string(1 << 20, 'w'));
    const auto bytes = FileBytes::read(path);
    ASSERT_TRUE(bytes) << bytes.error().message();
    fs::resize_file(path, 0);
    EXPECT_EQ(bytes->bytes().back(), std::byte{'w'});
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(bytes->bytes().data()) % 64, 0U);
}

TEST(HostileFiles, AFileThatShrinksWhileItIsReadIsAnError) {
    const TemporaryFolder folder;
    const fs::path path = folder.file("file", std::string(1000, 'x'));
    const auto file = open_for_reading(path);
    ASSERT_TRUE(file);
    fs::resize_file(path, 10);
    const auto part = read_file_part(*file, 0, file->size, path);
    ASSERT_FALSE(part);
    EXPECT_NE(part.error().message().find("stopped at byte 10 of 1000: the file was truncated"),
              std::string::npos)
        << part.error().message();
    EXPECT_EQ(read_file_start(path, 4).value_or(""), "xxxx");
    EXPECT_EQ(read_file_start(path, 400).value_or("").size(), 10U);
}

}  // namespace
}  // namespace lact
