#include "app/video/gif_comment.h"

#include "app/video/frame_sink.h"
#include "app/video/read_provenance.h"
#include "engine/core/files.h"
#include "tests/app/video_support.h"

#include <gtest/gtest.h>

namespace lact::app::test {
namespace {

using namespace std::string_literals;

/// Header and screen of 1 x 1 pixels, with 2 colours where wanted.
std::string head(bool colours) {
    return "GIF89a\1\0\1\0"s + (colours ? "\x80\0\0\1\2\3\4\5\6"s : "\0\0\0"s);
}

const std::string first_picture = "\x2C\0\0\0\0\1\0\1\0\0\2\2D\1\0;"s;

TEST(GifComment, TextsOfAnyLengthComeBack) {
    for (const std::size_t size : {0U, 1U, 254U, 255U, 256U, 510U, 10'000U}) {
        std::string text;
        for (std::size_t i = 0; i < size; ++i) {
            text += static_cast<char>('a' + i % 26);
        }
        for (const bool colours : {false, true}) {
            const auto found = gif_comments("x.gif", head(colours) + gif_comment_block(text) + first_picture);
            ASSERT_TRUE(found) << found.error().message();
            EXPECT_EQ(*found, std::vector<std::string>{text}) << size;
        }
    }
}

TEST(GifComment, OtherExtensionsAreLeftOut) {
    const std::string loop = "\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00"s;
    const std::string delay = "\x21\xF9\x04\0\5\0\0\0"s;
    const auto found = gif_comments("x.gif", head(true) + loop + gif_comment_block("one") + delay +
                                                 gif_comment_block("two") + first_picture);
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(*found, (std::vector<std::string>{"one", "two"}));
}

TEST(GifComment, SaysWhatIsWrong) {
    const auto refused = [](const std::string& bytes, const char* what) {
        const auto found = gif_comments("x.gif", bytes);
        ASSERT_FALSE(found) << what;
        EXPECT_EQ(found.error().where, "x.gif");
        EXPECT_NE(found.error().what.find(what), std::string::npos) << found.error().message();
    };
    refused("", "no GIF");
    refused("GIF90a", "no GIF");
    refused("GIF89a\1\0", "header");
    refused(head(true).substr(0, 17), "table of 2 colours");
    refused(head(true), "before its first picture");
    refused(head(true) + "\x21", "before its first picture");
    refused(head(true) + "\x21\xFE\x05" + "abc", "5 bytes");
    refused(head(true) + "\x21\xFE\x03"s + "abc", "before its first picture");
    refused(head(true) + "hello", "0x68");
}

TEST(GifComment, ForeignCommentsAreNoProvenance) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.gif";
    const auto about = [&](const std::string& blocks) {
        EXPECT_TRUE(write_file_atomically(path, head(true) + blocks + first_picture));
        return read_provenance(path);
    };
    EXPECT_TRUE(about(gif_comment_block("Created with GIMP"))->empty());
    EXPECT_TRUE(about(gif_comment_block("[1,2]"))->empty());
    const auto ours =
        about(gif_comment_block("{\"unfinished") + gif_comment_block(R"({"rule":"ascent","n":3})"));
    ASSERT_TRUE(ours);
    EXPECT_EQ(*ours, (std::map<std::string, std::string>{{"rule", "ascent"}, {"n", "3"}}));
}

TEST(GifComment, DamagedFilesAreRefusedOrReadButNeverMore) {
    const TemporaryFolder folder;
    FrameSinkOptions options;
    options.width = options.height = 8;
    options.provenance = {{"session", std::string(700, 's')}, {"rule", "ascent"}};
    auto sink = open_frame_sink(folder.path() / "x.gif", options);
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->write(gradient(8, 8, 0, 1)));
    ASSERT_TRUE((*sink)->finish());
    const std::string whole = *read_file(folder.path() / "x.gif");
    ASSERT_EQ(gif_comments("x.gif", whole)->size(), 1U);
    std::mt19937 random(11);
    int refused = 0;
    int read = 0;
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes = whole.substr(0, i % 3 == 0 ? random() % whole.size() : whole.size());
        for (unsigned changes = random() % 4; changes > 0 && !bytes.empty(); --changes) {
            // Half of them where the structure is.
            const std::size_t end =
                random() % 2 == 0 ? std::min<std::size_t>(bytes.size(), 14) : bytes.size();
            bytes[random() % end] = static_cast<char>(random());
        }
        // A copy of exactly this size: a reader that goes beyond it is seen by memory checkers.
        const std::vector<char> exact(bytes.begin(), bytes.end());
        const auto found = gif_comments("x.gif", {exact.data(), exact.size()});
        if (!found) {
            ++refused;
            EXPECT_FALSE(found.error().what.empty());
            continue;
        }
        ++read;
        std::size_t all = 0;
        for (const std::string& text : *found) {
            all += text.size();
        }
        EXPECT_LT(all, bytes.size());
    }
    EXPECT_GT(refused, 1000);
    EXPECT_GT(read, 1000);
}

}  // namespace
}  // namespace lact::app::test
