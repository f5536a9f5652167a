#include "app/video/mp4_writer.h"

#include "engine/core/files.h"
#include "tests/app/video/decode.h"
#include "tests/app/video/video_support.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace lact::app::test {

namespace {

/// Writes a video of gradients and returns the error of whatever failed first.
Result<void> write_gradients(const std::filesystem::path& path, const FrameSinkOptions& options, int frames) {
    LACT_TRY(const auto sink, open_frame_sink(path, options));
    for (int i = 0; i < frames; ++i) {
        LACT_CHECK(sink->write(gradient(options.width, options.height, i, frames)));
    }
    return sink->finish();
}

TEST(Mp4Writer, VideoComesBackAsWritten) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "video.mp4";
    constexpr int frames = 47;
    auto requested = sink_options(96, 64);
    requested.fps = 24;
    const auto written = write_gradients(path, requested, frames);
    ASSERT_TRUE(written) << written.error().message();
    EXPECT_EQ(folder.names(), std::set<std::string>{"video.mp4"});

    const Video video = decode_video(path);
    EXPECT_EQ(video.codec, "h264");
    ASSERT_EQ(video.frames.size(), std::size_t{frames});
    EXPECT_EQ(video.frame_rate.num, 24);
    EXPECT_EQ(video.frame_rate.den, 1);
    EXPECT_EQ(video.range, AVCOL_RANGE_MPEG);
    EXPECT_EQ(video.primaries, AVCOL_PRI_BT709);
    EXPECT_EQ(video.transfer, AVCOL_TRC_BT709);
    EXPECT_EQ(video.matrix, AVCOL_SPC_BT709);
    EXPECT_NEAR(video.seconds, frames / 24.0, 1e-3);
    for (int i = 0; i < frames; ++i) {
        EXPECT_NEAR(video.times[static_cast<std::size_t>(i)], i / 24.0, 1e-9) << "frame " << i;
    }
    for (const int i : {0, frames / 2, frames - 1}) {
        const Image8& frame = video.frames[static_cast<std::size_t>(i)];
        EXPECT_EQ(frame.width, 96);
        EXPECT_EQ(frame.height, 64);
        EXPECT_GT(psnr(frame, gradient(96, 64, i, frames)), 35) << "frame " << i;
    }
}

TEST(Mp4Writer, FractionalRateKeepsExactTimes) {
    const TemporaryFolder folder;
    auto requested = sink_options(32, 32);
    requested.fps = 30000.0 / 1001.0;
    const auto written = write_gradients(folder.path() / "video.mp4", requested, 12);
    ASSERT_TRUE(written) << written.error().message();
    const Video video = decode_video(folder.path() / "video.mp4");
    EXPECT_EQ(video.frame_rate.num, 30000);
    EXPECT_EQ(video.frame_rate.den, 1001);
    ASSERT_EQ(video.times.size(), 12U);
    EXPECT_NEAR(video.times[11], 11 * 1001.0 / 30000.0, 1e-9);
}

TEST(Mp4Writer, LastFrameIsShownAsLongAsTheOthers) {
    const TemporaryFolder folder;
    auto requested = sink_options(32, 32);
    requested.fps = 2;
    ASSERT_TRUE(write_gradients(folder.path() / "video.mp4", requested, 1));
    EXPECT_NEAR(decode_video(folder.path() / "video.mp4").seconds, 0.5, 1e-3);
}

TEST(Mp4Writer, SolidColoursSurviveBt709) {
    const TemporaryFolder folder;
    const std::vector<std::array<std::uint8_t, 3>> colours{{255, 0, 0},     {0, 255, 0},   {0, 0, 255},
                                                           {255, 255, 255}, {0, 0, 0},     {128, 128, 128},
                                                           {200, 30, 90},   {12, 180, 220}};
    auto sink = open_frame_sink(folder.path() / "video.mp4", sink_options(64, 48));
    ASSERT_TRUE(sink) << sink.error().message();
    for (const auto& colour : colours) {
        ASSERT_TRUE((*sink)->write(solid(64, 48, colour)));
    }
    ASSERT_TRUE((*sink)->finish());
    const Video video = decode_video(folder.path() / "video.mp4");
    ASSERT_EQ(video.frames.size(), colours.size());
    for (std::size_t i = 0; i < colours.size(); ++i) {
        for (std::size_t c = 0; c < 3; ++c) {
            for (const std::size_t pixel :
                 {std::size_t{0}, std::size_t{64 * 24 + 32}, std::size_t{64 * 48 - 1}}) {
                EXPECT_NEAR(video.frames[i].pixels[3 * pixel + c], colours[i][c], 4)
                    << "colour " << i << " channel " << c << " pixel " << pixel;
            }
        }
    }
    // Limited range: white is 235 and black 16, whatever the reader's formula.
    EXPECT_NEAR(video.lumas[3], 235, 1);
    EXPECT_NEAR(video.lumas[4], 16, 1);
}

TEST(Mp4Writer, IndexStandsBeforeTheImages) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_gradients(folder.path() / "video.mp4", sink_options(32, 32), 5));
    const auto boxes = mp4_boxes(folder.path() / "video.mp4");
    const auto moov = std::find(boxes.begin(), boxes.end(), "moov");
    const auto mdat = std::find(boxes.begin(), boxes.end(), "mdat");
    ASSERT_NE(moov, boxes.end());
    ASSERT_NE(mdat, boxes.end());
    EXPECT_LT(moov, mdat);
}

TEST(Mp4Writer, ProvenanceComesBackAsJson) {
    const TemporaryFolder folder;
    auto requested = sink_options(32, 32);
    requested.provenance = {
        {"weights", "general.safetensors"}, {"scene", "Blumenstrauß \"12\""}, {"bad", "\xff"}};
    ASSERT_TRUE(write_gradients(folder.path() / "video.mp4", requested, 2));
    const auto metadata = decode_video(folder.path() / "video.mp4").metadata;
    ASSERT_TRUE(metadata.contains("comment"));
    const auto json = nlohmann::json::parse(metadata.at("comment"));
    EXPECT_EQ(json.at("weights"), "general.safetensors");
    EXPECT_EQ(json.at("scene"), "Blumenstrauß \"12\"");
    EXPECT_TRUE(json.contains("bad"));
}

TEST(Mp4Writer, NamesItsEncoderAndFallsBackToMpeg4) {
    const TemporaryFolder folder;
    auto requested = sink_options(96, 64);
    requested.encoder = "mpeg4";
    requested.quality = 6;
    auto sink = open_frame_sink(folder.path() / "video.mp4", requested);
    ASSERT_TRUE(sink) << sink.error().message();
    EXPECT_EQ((*sink)->encoder_name(), "mpeg4");
    for (int i = 0; i < 9; ++i) {
        ASSERT_TRUE((*sink)->write(gradient(96, 64, i, 9)));
    }
    ASSERT_TRUE((*sink)->finish());
    const Video video = decode_video(folder.path() / "video.mp4");
    EXPECT_EQ(video.codec, "mpeg4");
    ASSERT_EQ(video.frames.size(), 9U);
    EXPECT_GT(psnr(video.frames[8], gradient(96, 64, 8, 9)), 30);

    requested.encoder = "no such encoder";
    const auto unknown = open_frame_sink(folder.path() / "other.mp4", requested);
    ASSERT_FALSE(unknown);
    EXPECT_NE(unknown.error().message().find("no such encoder"), std::string::npos);
    EXPECT_EQ(folder.names(), std::set<std::string>{"video.mp4"});
}

TEST(Mp4Writer, BetterQualityIsCloserToTheOriginal) {
    const TemporaryFolder folder;
    std::array<double, 2> quality{};
    for (const std::size_t i : {0U, 1U}) {
        auto requested = sink_options(64, 64);
        requested.quality = i == 0 ? 40 : 5;
        const auto path = folder.path() / (std::to_string(i) + ".mp4");
        auto sink = open_frame_sink(path, requested);
        ASSERT_TRUE(sink);
        ASSERT_TRUE((*sink)->write(noise(64, 64, 1)));
        ASSERT_TRUE((*sink)->finish());
        quality[i] = psnr(decode_video(path).frames.at(0), noise(64, 64, 1));
    }
    EXPECT_GT(quality[1], quality[0] + 1);
}

TEST(Mp4Writer, SmallestSizeWorks) {
    const TemporaryFolder folder;
    const auto written = write_gradients(folder.path() / "video.mp4", sink_options(2, 2), 3);
    ASSERT_TRUE(written) << written.error().message();
    EXPECT_EQ(decode_video(folder.path() / "video.mp4").frames.size(), 3U);
}

TEST(Mp4Writer, RefusesOddSizesAndSaysWhichWork) {
    const TemporaryFolder folder;
    for (const auto& [width, height] : {std::pair{65, 64}, {64, 63}, {1, 1}}) {
        const auto sink = open_frame_sink(folder.path() / "video.mp4", sink_options(width, height));
        ASSERT_FALSE(sink) << width << " x " << height;
        EXPECT_NE(sink.error().message().find("even"), std::string::npos);
    }
    const auto message = open_frame_sink(folder.path() / "video.mp4", sink_options(65, 63)).error().message();
    for (const char* number : {"65 x 63", "64 or 66", "62 or 64"}) {
        EXPECT_NE(message.find(number), std::string::npos) << message;
    }
    EXPECT_TRUE(folder.names().empty());
}

TEST(Mp4Writer, RefusesFramesOfAnotherForm) {
    const TemporaryFolder folder;
    Image8 rgba{32, 32, 4, std::vector<std::uint8_t>(std::size_t{32} * 32 * 4)};
    Image8 truncated = solid(32, 32, {1, 2, 3});
    truncated.pixels.pop_back();
    for (const Image8& bad : {solid(32, 30, {1, 2, 3}), rgba, truncated}) {
        auto sink = open_frame_sink(folder.path() / "video.mp4", sink_options(32, 32));
        ASSERT_TRUE(sink);
        ASSERT_TRUE((*sink)->write(solid(32, 32, {1, 2, 3})));
        const auto refused = (*sink)->write(bad);
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().message().find("frame 1"), std::string::npos) << refused.error().message();
        EXPECT_FALSE((*sink)->finish()) << "a video with a hole must not get its name";
        sink->reset();
        EXPECT_TRUE(folder.names().empty());
    }
}

TEST(Mp4Writer, DestroyedWithoutFinishLeavesNothing) {
    const TemporaryFolder folder;
    {
        auto sink = open_frame_sink(folder.path() / "video.mp4", sink_options(64, 64));
        ASSERT_TRUE(sink);
        for (unsigned i = 0; i < 100; ++i) {
            ASSERT_TRUE((*sink)->write(noise(64, 64, i)));
        }
        EXPECT_EQ(folder.temporaries_of("video.mp4").size(), 1U);
        EXPECT_EQ(folder.names().size(), 1U);
    }
    EXPECT_TRUE(folder.names().empty());
}

TEST(Mp4Writer, OlderVideoStaysUntilTheNewOneIsComplete) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "video.mp4";
    ASSERT_TRUE(write_gradients(path, sink_options(32, 32), 3));
    {
        auto abandoned = open_frame_sink(path, sink_options(32, 32));
        ASSERT_TRUE(abandoned);
        ASSERT_TRUE((*abandoned)->write(solid(32, 32, {9, 9, 9})));
    }
    EXPECT_EQ(decode_video(path).frames.size(), 3U);
    ASSERT_TRUE(write_gradients(path, sink_options(32, 32), 7));
    EXPECT_EQ(decode_video(path).frames.size(), 7U);
    EXPECT_EQ(folder.names(), std::set<std::string>{"video.mp4"});
}

TEST(Mp4Writer, NoFramesNoVideoAndNothingAfterFinish) {
    const TemporaryFolder folder;
    {
        auto empty = open_frame_sink(folder.path() / "empty.mp4", sink_options(32, 32));
        ASSERT_TRUE(empty);
        const auto finished = (*empty)->finish();
        ASSERT_FALSE(finished);
        EXPECT_NE(finished.error().message().find("no frame"), std::string::npos);
    }
    EXPECT_TRUE(folder.names().empty());
    auto sink = open_frame_sink(folder.path() / "video.mp4", sink_options(32, 32));
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->write(solid(32, 32, {9, 9, 9})));
    ASSERT_TRUE((*sink)->finish());
    EXPECT_FALSE((*sink)->finish());
    EXPECT_FALSE((*sink)->write(solid(32, 32, {9, 9, 9})));
    sink->reset();
    EXPECT_EQ(decode_video(folder.path() / "video.mp4").frames.size(), 1U);
}

TEST(Mp4Writer, MissingFolderIsRefusedAtOnce) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "missing" / "video.mp4";
    const auto sink = open_frame_sink(path, sink_options(32, 32));
    ASSERT_FALSE(sink);
    EXPECT_NE(sink.error().message().find(path.string() + ": cannot be created: No such file"),
              std::string::npos)
        << sink.error().message();
}

TEST(Mp4Writer, UnwritableFolderIsRefusedAtOnce) {
    const TemporaryFolder folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
    const int code = in_child([&] {
        // Root may write everywhere; nobody may not.
        if (::geteuid() == 0 && ::setuid(65534) != 0) {
            return 99;
        }
        const auto sink = open_frame_sink(folder.path() / "video.mp4", sink_options(32, 32));
        return !sink && sink.error().message().find("Permission denied") != std::string::npos ? 0 : 1;
    });
    EXPECT_EQ(code, 0);
    EXPECT_TRUE(folder.names().empty());
}

TEST(Mp4Writer, FullDiskIsAnErrorAndLeavesNothing) {
    const TemporaryFolder folder;
    const int code = in_child([&] {
        limit_file_size(200'000);
        auto sink = open_frame_sink(folder.path() / "video.mp4", sink_options(128, 128));
        if (!sink) {
            return 1;
        }
        Result<void> result;
        for (unsigned i = 0; i < 200 && result; ++i) {
            result = (*sink)->write(noise(128, 128, i));
        }
        if (result) {
            result = (*sink)->finish();
        }
        if (result || result.error().message().find("video.mp4: cannot be written: File too large") ==
                          std::string::npos) {
            return 2;
        }
        if ((*sink)->write(noise(128, 128, 0)) || (*sink)->finish()) {
            return 3;
        }
        sink->reset();
        return 0;
    });
    EXPECT_EQ(code, 0);
    EXPECT_TRUE(folder.names().empty());
}

TEST(Mp4Writer, DiskFullAtTheVeryEndIsAnErrorToo) {
    // Small enough that everything is still in the encoder and in buffers when finish() is called.
    const TemporaryFolder folder;
    const int code = in_child([&] {
        limit_file_size(1'000);
        const auto result = write_gradients(folder.path() / "video.mp4", sink_options(64, 64), 3);
        return !result && result.error().message().find("cannot be written") != std::string::npos ? 0 : 1;
    });
    EXPECT_EQ(code, 0);
    EXPECT_TRUE(folder.names().empty());
}

TEST(Mp4Writer, KilledInTheMiddleLeavesNoVideo) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "video.mp4";
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        auto sink = open_frame_sink(path, sink_options(64, 64));
        for (unsigned i = 0; sink; ++i) {
            if (!(*sink)->write(noise(64, 64, i)) || (i == 60 && ::write(pipe[1], "x", 1) != 1)) {
                break;
            }
        }
        ::_exit(1);
    }
    ::close(pipe[1]);
    char byte = 0;
    ASSERT_EQ(::read(pipe[0], &byte, 1), 1) << "the child failed";
    ::close(pipe[0]);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(std::filesystem::exists(path));
    EXPECT_EQ(folder.temporaries_of("video.mp4").size(), 1U) << "it was not killed in the middle";
    // The next run is not troubled by what is left.
    const auto written = write_gradients(path, sink_options(32, 32), 4);
    ASSERT_TRUE(written) << written.error().message();
    EXPECT_EQ(decode_video(path).frames.size(), 4U);
    EXPECT_EQ(folder.names(), std::set<std::string>{"video.mp4"});
}

TEST(Mp4Writer, WhatTheUserCalledPartStays) {
    expect_part_files_stay("video.mp4");
}

TEST(Mp4Writer, TwoWritersOfOneNameBothLeaveAWholeVideo) {
    expect_two_writers_leave_whole_videos("video.mp4");
}

TEST(Mp4Writer, ColonsAndSpacesInNames) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_gradients(folder.path() / "a: b %d é.MP4", sink_options(32, 32), 2));
    EXPECT_EQ(decode_video(folder.path() / "a: b %d é.MP4").frames.size(), 2U);
}

}  // namespace

}  // namespace lact::app::test
