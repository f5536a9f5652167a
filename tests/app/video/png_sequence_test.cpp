#include "app/video/png_sequence.h"

#include "engine/core/files.h"
#include "tests/app/video/decode.h"
#include "tests/app/video/video_support.h"

#include <gtest/gtest.h>

namespace lact::app::test {

namespace {

using Names = std::set<std::string>;

Result<void> write_noise(const std::filesystem::path& path, unsigned frames) {
    LACT_TRY(const auto sink, open_frame_sink(path, sink_options(7, 5)));
    for (unsigned i = 0; i < frames; ++i) {
        LACT_CHECK(sink->write(noise(7, 5, i)));
    }
    return sink->finish();
}

TEST(PngSequence, ImagesAreBitExactAndNumbered) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "frames";
    auto requested = sink_options(7, 5);
    requested.provenance = {{"Software", "LaCT Scope"}, {"weights", "general"}};
    {
        auto sink = open_frame_sink(path, requested);
        ASSERT_TRUE(sink) << sink.error().message();
        EXPECT_EQ((*sink)->encoder_name(), "png");
        for (unsigned i = 0; i < 12; ++i) {
            ASSERT_TRUE((*sink)->write(noise(7, 5, i)));
        }
        EXPECT_EQ(folder.temporaries_of("frames").size(), 1U);
        EXPECT_FALSE(std::filesystem::exists(path)) << "the final name must not appear before the end";
        const auto finished = (*sink)->finish();
        ASSERT_TRUE(finished) << finished.error().message();
    }
    EXPECT_EQ(folder.names(), Names{"frames"});
    const Names names = TemporaryFolder::names_in(path);
    EXPECT_EQ(names.size(), 12U);
    EXPECT_TRUE(names.contains("00000.png"));
    EXPECT_TRUE(names.contains("00011.png"));
    for (const unsigned i : {0U, 5U, 11U}) {
        const Image image = decode_png(path / (i < 10 ? "0000" + std::to_string(i) + ".png" : "00011.png"));
        EXPECT_EQ(image.image.width, 7);
        EXPECT_EQ(image.image.height, 5);
        EXPECT_EQ(image.image.pixels, noise(7, 5, i).pixels) << "frame " << i;
        EXPECT_EQ(image.text.at("Software"), "LaCT Scope");
        EXPECT_EQ(image.text.at("weights"), "general");
    }
}

TEST(PngSequence, TrailingSlashAndEmptyFolder) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_noise(folder.path() / "new.folder" / "", 2));
    EXPECT_EQ(TemporaryFolder::names_in(folder.path() / "new.folder"), (Names{"00000.png", "00001.png"}));
    std::filesystem::create_directory(folder.path() / "empty");
    ASSERT_TRUE(write_noise(folder.path() / "empty", 1));
    EXPECT_EQ(TemporaryFolder::names_in(folder.path() / "empty"), Names{"00000.png"});
    EXPECT_EQ(folder.names(), (Names{"empty", "new.folder"}));
}

TEST(PngSequence, RefusesAFolderThatIsNotEmpty) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_noise(folder.path() / "frames", 5));
    const auto refused = open_frame_sink(folder.path() / "frames", sink_options(7, 5));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message().find("00000.png"), std::string::npos) << refused.error().message();
    EXPECT_NE(refused.error().hint.find("empty this one"), std::string::npos) << refused.error().message();
    EXPECT_EQ(TemporaryFolder::names_in(folder.path() / "frames").size(), 5U);
    EXPECT_EQ(decode_png(folder.path() / "frames" / "00000.png").image.pixels, noise(7, 5, 0).pixels);

    for (const char* name : {"holiday.jpg", "0001.png", ".hidden"}) {
        const TemporaryFolder other;
        (void)other.file(name, "mine");
        const auto sink = open_frame_sink(other.path(), sink_options(7, 5));
        ASSERT_FALSE(sink) << name;
        EXPECT_NE(sink.error().message().find(name), std::string::npos) << sink.error().message();
        EXPECT_EQ(other.names(), Names{name});
    }
}

TEST(PngSequence, TwoVideosOfOneFolderAreNeverMixed) {
    for (const bool exists : {false, true}) {
        const TemporaryFolder folder;
        const auto path = folder.path() / "frames";
        if (exists) {
            std::filesystem::create_directory(path);
        }
        auto first = open_frame_sink(path, sink_options(7, 5));
        auto second = open_frame_sink(path, sink_options(7, 5));
        ASSERT_TRUE(first) << first.error().message();
        ASSERT_TRUE(second) << second.error().message();
        for (unsigned i = 0; i < 3; ++i) {
            ASSERT_TRUE((*first)->write(noise(7, 5, i)));
            ASSERT_TRUE(i > 0 || (*second)->write(solid(7, 5, {1, 2, 3})));
        }
        ASSERT_TRUE((*first)->finish());
        EXPECT_FALSE((*second)->finish());
        second->reset();
        first->reset();
        EXPECT_EQ(TemporaryFolder::names_in(path), (Names{"00000.png", "00001.png", "00002.png"}));
        EXPECT_EQ(decode_png(path / "00000.png").image.pixels, noise(7, 5, 0).pixels);
        EXPECT_EQ(folder.names(), Names{"frames"});
    }
}

TEST(PngSequence, StrangeFilesThatAppearMeanwhileStay) {
    const TemporaryFolder folder;
    auto sink = open_frame_sink(folder.path(), sink_options(7, 5));
    ASSERT_TRUE(sink) << sink.error().message();
    ASSERT_TRUE((*sink)->write(noise(7, 5, 0)));
    ASSERT_TRUE(write_file_atomically(folder.path() / "note.txt", "mine"));
    EXPECT_FALSE((*sink)->finish());
    sink->reset();
    EXPECT_EQ(folder.names(), Names{"note.txt"});
}

TEST(PngSequence, DestroyedWithoutFinishLeavesNothing) {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder.path() / "there");
    for (const char* name : {"new", "there"}) {
        auto sink = open_frame_sink(folder.path() / name, sink_options(7, 5));
        ASSERT_TRUE(sink) << sink.error().message();
        ASSERT_TRUE((*sink)->write(noise(7, 5, 0)));
    }
    EXPECT_EQ(folder.names(), Names{"there"});
    EXPECT_TRUE(TemporaryFolder::names_in(folder.path() / "there").empty());
}

TEST(PngSequence, LeftoversOfAKilledRunGoButOtherThingsStay) {
    const TemporaryFolder folder;
    const auto left = folder.path() / ".frames.0123456789abcdef.part";
    std::filesystem::create_directory(left);
    ASSERT_TRUE(write_file_atomically(left / "00007.png", "half"));
    std::filesystem::create_directory(folder.path() / "frames.part");
    ASSERT_TRUE(write_file_atomically(folder.path() / "frames.part" / "diary.txt", "dear"));
    ASSERT_TRUE(write_noise(folder.path() / "frames", 2));
    EXPECT_EQ(TemporaryFolder::names_in(folder.path() / "frames").size(), 2U);
    EXPECT_EQ(folder.names(), (Names{"frames", "frames.part"}));
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "frames.part" / "diary.txt"));
}

TEST(PngSequence, FullDiskAndMissingParentAreErrors) {
    const TemporaryFolder folder;
    const int code = in_child([&] {
        limit_file_size(1'000);
        auto sink = open_frame_sink(folder.path() / "frames", sink_options(64, 64));
        if (!sink) {
            return 1;
        }
        const auto written = (*sink)->write(noise(64, 64, 0));
        if (written || written.error().message().find("File too large") == std::string::npos) {
            return 2;
        }
        const bool stays_failed = !(*sink)->write(solid(64, 64, {0, 0, 0})) && !(*sink)->finish();
        sink->reset();
        return stays_failed ? 0 : 3;
    });
    EXPECT_EQ(code, 0);
    EXPECT_TRUE(folder.names().empty());
    EXPECT_FALSE(open_frame_sink(folder.path() / "a" / "b", sink_options(7, 5)));
}

TEST(PngSequence, RefusesOtherSizesAndNoFrames) {
    const TemporaryFolder folder;
    {
        auto sink = open_frame_sink(folder.path() / "frames", sink_options(7, 5));
        ASSERT_TRUE(sink);
        EXPECT_FALSE((*sink)->write(noise(5, 7, 0)));
        EXPECT_FALSE((*sink)->finish());
        sink = open_frame_sink(folder.path() / "others", sink_options(7, 5));
        ASSERT_TRUE(sink);
        EXPECT_FALSE((*sink)->finish());
    }
    EXPECT_TRUE(folder.names().empty());
}

TEST(FrameSink, RefusesOtherKindsOfFilesAndAbsurdOptions) {
    const TemporaryFolder folder;
    for (const char* name : {"video.avi", "video.webm", "picture.png"}) {
        const auto sink = open_frame_sink(folder.path() / name, sink_options(32, 32));
        ASSERT_FALSE(sink) << name;
        EXPECT_NE(sink.error().message().find(".mp4 or .gif"), std::string::npos);
    }
    EXPECT_FALSE(open_frame_sink({}, sink_options(32, 32)));
    for (const double fps : {0.0, -5.0, 1e9, std::nan("")}) {
        auto requested = sink_options(32, 32);
        requested.fps = fps;
        EXPECT_FALSE(open_frame_sink(folder.path() / "video.mp4", requested)) << fps;
    }
    for (const int quality : {-1, 52}) {
        auto requested = sink_options(32, 32);
        requested.quality = quality;
        EXPECT_FALSE(open_frame_sink(folder.path() / "video.mp4", requested)) << quality;
    }
    EXPECT_FALSE(open_frame_sink(folder.path() / "video.mp4", sink_options(0, 32)));
    EXPECT_FALSE(open_frame_sink(folder.path() / "frames", sink_options(32, -2)));
    ASSERT_TRUE(write_file_atomically(folder.path() / "file", "x"));
    EXPECT_FALSE(open_frame_sink(folder.path() / "file", sink_options(32, 32)));
    EXPECT_EQ(folder.names(), Names{"file"});
}

}  // namespace

}  // namespace lact::app::test
