// What file dialogs list, complete and preview.
#include "app/document/folder_listing.h"

#include "app/document/preview_loader.h"
#include "engine/core/files.h"
#include "tests/support/temporary_folder.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace lact::app {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names(const FolderListing& listing) {
    std::vector<std::string> all;
    for (const FolderEntry& entry : listing.entries) {
        all.push_back(entry.name);
    }
    return all;
}

TEST(FolderListing, FoldersFirstThenByNameWithNumbersInOrder) {
    const lact::test::TemporaryFolder folder;
    for (const char* name : {"view10.png", "view2.png", "View1.png", "b.json", ".hidden", "view02.png"}) {
        (void)folder.file(name, "1234");
    }
    fs::create_directory(folder.path() / "zebra");
    fs::create_directory(folder.path() / "apple");
    fs::create_symlink("/no/such/place", folder.path() / "lost");
    const FolderListing listing = list_folder(folder.path());
    EXPECT_EQ(names(listing), (std::vector<std::string>{"apple", "zebra", "b.json", "lost", "View1.png",
                                                        "view02.png", "view2.png", "view10.png"}));
    EXPECT_EQ(listing.problem, "");
    EXPECT_TRUE(listing.entries[0].is_folder);
    EXPECT_EQ(listing.entries[2].bytes, 4U);
    EXPECT_EQ(listing.entries[3].bytes, 0U) << "a link that leads nowhere";
    EXPECT_EQ(list_folder(folder.path(), true).entries.size(), listing.entries.size() + 1);
}

TEST(FolderListing, ALinkThatLeadsNowhereHasNoDate) {
    const lact::test::TemporaryFolder folder;
    std::filesystem::create_symlink(folder.path() / "nothing", folder.path() / "link");
    const FolderListing listing = list_folder(folder.path(), false);
    ASSERT_EQ(listing.entries.size(), 1U);
    EXPECT_EQ(listing.entries[0].modified, std::filesystem::file_time_type());
}

TEST(FolderListing, SaysWhyAFolderCannotBeListed) {
    const FolderListing listing = list_folder("/no/such/folder");
    EXPECT_TRUE(listing.entries.empty());
    EXPECT_NE(listing.problem.find("No such file"), std::string::npos) << listing.problem;
}

TEST(FolderListing, OrderOfNamesIsAStrictOrder) {
    const std::vector<std::string> all = {"",    "a", "A",  "a1", "a01", "a2",
                                          "a10", "b", "10", "9",  "1a",  "01a"};
    for (const std::string& a : all) {
        EXPECT_FALSE(name_before(a, a)) << a;
        for (const std::string& b : all) {
            EXPECT_FALSE(name_before(a, b) && name_before(b, a)) << a << " " << b;
            EXPECT_TRUE(a == b || name_before(a, b) || name_before(b, a)) << a << " " << b;
            for (const std::string& c : all) {
                EXPECT_TRUE(!name_before(a, b) || !name_before(b, c) || name_before(a, c))
                    << a << " " << b << " " << c;
            }
        }
    }
    EXPECT_TRUE(name_before("view2", "view10"));
}

TEST(Completions, GoOnToEntriesOfTheTypedFolder) {
    const lact::test::TemporaryFolder folder;
    fs::create_directories(folder.path() / "scenes/bouquet");
    fs::create_directories(folder.path() / "scenes/boat");
    (void)folder.file("scene.json", "{}");
    const std::string base = folder.path().string() + "/";
    EXPECT_EQ(completions(base + "sc", "/"),
              (std::vector<std::string>{base + "scenes/", base + "scene.json"}));
    EXPECT_EQ(common_beginning(completions(base + "s", "/")), base + "scene");
    EXPECT_EQ(completions("scenes/bo", folder.path()),
              (std::vector<std::string>{"scenes/boat/", "scenes/bouquet/"}));
    EXPECT_EQ(common_beginning(completions("scenes/bo", folder.path())), "scenes/bo");
    EXPECT_TRUE(completions("none", folder.path()).empty());
    EXPECT_EQ(common_beginning({}), "");
    EXPECT_EQ(common_beginning({"\xc3\xa4", "\xc3\xb6"}), "") << "never half a character";
}

TEST(SizeWords, AreShort) {
    EXPECT_EQ(size_words(0), "0 bytes");
    EXPECT_EQ(size_words(1), "1 byte");
    EXPECT_EQ(size_words(999), "999 bytes");
    EXPECT_EQ(size_words(1000), "1.0 kB");
    EXPECT_EQ(size_words(14'200'000), "14 MB");
    EXPECT_EQ(size_words(999'999), "1.0 MB");
}

TEST(Preview, KnowsWhatAPathOpensAsAndItsFirstPhoto) {
    const Preview scene = load_preview(LACT_ASSETS_DIR "/scenes/bouquet");
    EXPECT_EQ(scene.kind, OpenKind::scene);
    ASSERT_NE(scene.thumbnail, nullptr);
    EXPECT_EQ(std::max(scene.thumbnail->width, scene.thumbnail->height), thumbnail_side);
    EXPECT_EQ(load_preview(LACT_ASSETS_DIR "/weights/general.safetensors").kind, OpenKind::weights);
    EXPECT_EQ(load_preview("/no/such/path").kind, OpenKind::unknown);
    EXPECT_EQ(load_preview("/dev/null").kind, OpenKind::unknown);
}

TEST(PreviewLoader, LoadsOnAThreadOfItsOwn) {
    PreviewLoader loader([] {});
    const fs::path scene = LACT_ASSETS_DIR "/scenes/bouquet";
    std::shared_ptr<const Preview> preview = loader.of(scene);
    EXPECT_EQ(preview, nullptr) << "the first request does not wait";
    for (int i = 0; i < 1000 && !preview; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        preview = loader.of(scene);
    }
    ASSERT_NE(preview, nullptr);
    EXPECT_EQ(preview->kind, OpenKind::scene);
}

}  // namespace
}  // namespace lact::app
