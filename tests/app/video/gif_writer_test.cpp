#include "app/video/gif_writer.h"

#include "app/video/frame_sink.h"
#include "app/video/gif_comment.h"
#include "app/video/provenance.h"
#include "engine/core/files.h"
#include "tests/app/video/decode.h"
#include "tests/app/video/video_support.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

namespace lact::app::test {

namespace {

using Names = std::set<std::string>;

/// A gradient on which a square in a strong colour wanders to the right.
Image8 wandering_square(int width, int height, int index, int frames) {
    constexpr std::array<std::array<std::uint8_t, 3>, 5> colours{
        {{255, 0, 0}, {0, 255, 0}, {0, 0, 255}, {255, 255, 255}, {0, 0, 0}}};
    Image8 image = gradient(width, height, index, frames);
    const int size = std::min(width, height) / 3;
    const int left = (width - size) * index / std::max(1, frames - 1);
    for (int y = size; y < 2 * size; ++y) {
        for (int x = left; x < left + size; ++x) {
            std::copy_n(colours[static_cast<std::size_t>(index) % colours.size()].begin(), 3,
                        image.pixels.begin() + 3 * (std::ptrdiff_t{y} * width + x));
        }
    }
    return image;
}

/// Returns the error of whatever failed first.
Result<void> write_images(const std::filesystem::path& path, const FrameSinkOptions& options, int frames) {
    LACT_TRY(const auto sink, open_frame_sink(path, options));
    for (int i = 0; i < frames; ++i) {
        LACT_CHECK(sink->write(wandering_square(options.width, options.height, i, frames)));
    }
    return sink->finish();
}

/// What an eye sees from a little farther away: means of 4 x 4 pixels (those left over at the edges go).
Image8 from_afar(const Image8& image) {
    constexpr int side = 4;
    Image8 means;
    means.width = image.width / side;
    means.height = image.height / side;
    means.channels = image.channels;
    means.pixels.reserve(std::size_t{3} * means.width * means.height);
    for (int y = 0; y < means.height; ++y) {
        for (int x = 0; x < means.width; ++x) {
            for (int channel = 0; channel < 3; ++channel) {
                int sum = 0;
                for (int i = 0; i < side * side; ++i) {
                    const int row = (y * side) + (i / side);
                    const int column = (x * side) + (i % side);
                    sum +=
                        image
                            .pixels[static_cast<std::size_t>((3 * ((row * image.width) + column)) + channel)];
                }
                means.pixels.push_back(static_cast<std::uint8_t>(sum / (side * side)));
            }
        }
    }
    return means;
}

TEST(GifWriter, VideoComesBackAsWritten) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "video.gif";
    constexpr int frames = 23;
    const auto written = write_images(path, sink_options(97, 65), frames);
    ASSERT_TRUE(written) << written.error().message();
    EXPECT_EQ(folder.names(), Names{"video.gif"});
    const Video video = decode_video(path);
    EXPECT_EQ(video.codec, "gif");
    ASSERT_EQ(video.frames.size(), std::size_t{frames});
    for (const int i : {0, frames / 2, frames - 1}) {
        const Image8& frame = video.frames[static_cast<std::size_t>(i)];
        EXPECT_EQ(frame.width, 97);
        EXPECT_EQ(frame.height, 65);
        // 255 colours, mixed by error diffusion for a video of 60,000: single pixels are far off, their
        // means are not ...
        EXPECT_GT(psnr(from_afar(frame), from_afar(wandering_square(97, 65, i, frames))), 27)
            << "frame " << i;
        // ... which tells a frame from its neighbours.
        const Image8 neighbour = wandering_square(97, 65, i + (i > 0 ? -1 : 1), frames);
        EXPECT_LT(psnr(from_afar(frame), from_afar(neighbour)), 20) << "frame " << i;
    }
}

TEST(GifWriter, FewColoursAreKeptToTheBit) {
    const TemporaryFolder folder;
    const std::vector<std::array<std::uint8_t, 3>> colours{{255, 255, 255}, {0, 0, 0},   {27, 30, 35},
                                                           {20, 22, 26},    {255, 0, 0}, {1, 254, 128}};
    auto sink = open_frame_sink(folder.path() / "video.gif", sink_options(40, 30));
    ASSERT_TRUE(sink) << sink.error().message();
    EXPECT_EQ((*sink)->encoder_name(), "gif");
    for (const auto& colour : colours) {
        ASSERT_TRUE((*sink)->write(solid(40, 30, colour)));
    }
    ASSERT_TRUE((*sink)->finish());
    const Video video = decode_video(folder.path() / "video.gif");
    ASSERT_EQ(video.frames.size(), colours.size());
    for (std::size_t i = 0; i < colours.size(); ++i) {
        EXPECT_EQ(video.frames[i].pixels, solid(40, 30, colours[i]).pixels) << i;
    }
}

TEST(GifWriter, TimesDoNotDrift) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "video.gif";
    for (const auto& [fps, frames] : std::vector<std::pair<double, int>>{
             {30, 91}, {24, 49}, {30000.0 / 1001.0, 61}, {50, 20}, {0.5, 2}}) {
        const auto written = write_images(path, sink_options(16, 12, fps), frames);
        ASSERT_TRUE(written) << written.error().message();
        const Video video = decode_video(path);
        ASSERT_EQ(video.times.size(), static_cast<std::size_t>(frames)) << fps;
        for (int i = 0; i < frames; ++i) {
            EXPECT_NEAR(video.times[static_cast<std::size_t>(i)], std::round(100.0 * i / fps) / 100, 1e-9)
                << fps << " frames a second, frame " << i;
        }
        // The last frame is shown until the next one would come.
        EXPECT_NEAR(video.times.back() + video.last_shown, std::round(100.0 * frames / fps) / 100, 1e-9)
            << fps;
    }
}

TEST(GifWriter, ASceneThatStandsStillKeepsItsTime) {
    const TemporaryFolder folder;
    auto sink = open_frame_sink(folder.path() / "video.gif", sink_options(32, 24, 10));
    ASSERT_TRUE(sink);
    for (int i = 0; i < 30; ++i) {
        ASSERT_TRUE((*sink)->write(wandering_square(32, 24, i < 20 ? 0 : 4, 5)));
    }
    ASSERT_TRUE((*sink)->finish());
    const Video video = decode_video(folder.path() / "video.gif");
    ASSERT_FALSE(video.frames.empty());
    EXPECT_NEAR(video.times.back() + video.last_shown, 3, 1e-9);
    // What is seen at a time is what was written for it.
    const auto change = std::find(video.times.begin(), video.times.end(), 2.0);
    ASSERT_NE(change, video.times.end());
    const auto at = static_cast<std::size_t>(change - video.times.begin());
    EXPECT_EQ(video.frames[at - 1].pixels, video.frames[0].pixels);
    EXPECT_NE(video.frames[at].pixels, video.frames[0].pixels);
}

TEST(GifWriter, PlaysForEver) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_images(folder.path() / "video.gif", sink_options(16, 12), 3));
    const auto bytes = read_file(folder.path() / "video.gif");
    ASSERT_TRUE(bytes);
    using namespace std::string_literals;
    EXPECT_NE(bytes->find("\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00"s), std::string::npos);
    EXPECT_EQ(bytes->back(), ';');
}

TEST(GifWriter, ProvenanceComesBackAsJson) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "video.gif";
    auto requested = sink_options(32, 32);
    const std::string session = R"({"lactscope_session":1,"script":[")" + std::string(5000, 'x') + R"("]})";
    requested.provenance = {{"weights", "general.safetensors"},
                            {"scene", "Blumenstrauß \"12\""},
                            {"bad", "\xff"},
                            {"session", session}};
    ASSERT_TRUE(write_images(path, requested, 2));
    // As libav reads it: plain ASCII, one object.
    const Video video = decode_video(path);
    EXPECT_EQ(video.frames.size(), 2U);
    ASSERT_TRUE(video.metadata.contains("comment"));
    const std::string& comment = video.metadata.at("comment");
    EXPECT_TRUE(std::all_of(comment.begin(), comment.end(), [](char c) { return c >= ' ' && c <= '~'; }));
    EXPECT_EQ(nlohmann::json::parse(comment).at("session"), session);
    // As we do.
    const auto about = read_provenance(path);
    ASSERT_TRUE(about) << about.error().message();
    EXPECT_EQ(about->at("weights"), "general.safetensors");
    EXPECT_EQ(about->at("scene"), "Blumenstrauß \"12\"");
    EXPECT_EQ(about->at("session"), session);
    EXPECT_TRUE(about->contains("bad"));
    // Without any there is no comment, and that is no error.
    ASSERT_TRUE(write_images(path, sink_options(32, 32), 2));
    const auto nothing = read_provenance(path);
    ASSERT_TRUE(nothing) << nothing.error().message();
    EXPECT_TRUE(nothing->empty());
}

TEST(GifWriter, TheSameFramesGiveTheSameBytes) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_images(folder.path() / "a.gif", sink_options(64, 48), 12));
    ASSERT_TRUE(write_images(folder.path() / "b.gif", sink_options(64, 48), 12));
    const auto first = read_file(folder.path() / "a.gif");
    ASSERT_TRUE(first);
    EXPECT_EQ(*first, *read_file(folder.path() / "b.gif"));
}

TEST(GifWriter, OddAndSmallestSizesWork) {
    const TemporaryFolder folder;
    for (const auto& [width, height] : {std::pair{1, 1}, {3, 7}, {33, 2}}) {
        const auto written = write_images(folder.path() / "video.GIF", sink_options(width, height), 3);
        ASSERT_TRUE(written) << width << " x " << height << ": " << written.error().message();
        const Video video = decode_video(folder.path() / "video.GIF");
        ASSERT_EQ(video.frames.size(), 3U);
        EXPECT_EQ(video.frames[2].width, width);
        EXPECT_EQ(video.frames[2].height, height);
    }
}

TEST(GifWriter, RefusesWhatPlayersCannotShow) {
    const TemporaryFolder folder;
    const auto fast = open_frame_sink(folder.path() / "video.gif", sink_options(32, 32, 60));
    ASSERT_FALSE(fast);
    EXPECT_NE(fast.error().message().find("60 frames per second"), std::string::npos)
        << fast.error().message();
    EXPECT_NE(fast.error().message().find("at most 50"), std::string::npos) << fast.error().message();
    EXPECT_FALSE(check_frame_rate(folder.path() / "video.GIF", 60));
    EXPECT_TRUE(check_frame_rate(folder.path() / "video.gif", 50));
    EXPECT_TRUE(check_frame_rate(folder.path() / "video.mp4", 60));
    EXPECT_TRUE(check_frame_rate(folder.path() / "frames", 60));
    EXPECT_FALSE(open_frame_sink(folder.path() / "video.gif", sink_options(70'000, 1)));
    std::filesystem::create_directory(folder.path() / "folder.gif");
    EXPECT_FALSE(GifWriter::open(folder.path() / "folder.gif", sink_options(32, 32)));
    EXPECT_EQ(folder.names(), Names{"folder.gif"});
}

TEST(GifWriter, RefusesFramesOfAnotherForm) {
    const TemporaryFolder folder;
    Image8 rgba{32, 32, 4, std::vector<std::uint8_t>(std::size_t{32} * 32 * 4)};
    Image8 truncated = solid(32, 32, {1, 2, 3});
    truncated.pixels.pop_back();
    for (const Image8& bad : {solid(32, 30, {1, 2, 3}), rgba, truncated}) {
        auto sink = open_frame_sink(folder.path() / "video.gif", sink_options(32, 32));
        ASSERT_TRUE(sink);
        ASSERT_TRUE((*sink)->write(solid(32, 32, {1, 2, 3})));
        const auto refused = (*sink)->write(bad);
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().message().find("frame 1"), std::string::npos) << refused.error().message();
        EXPECT_FALSE((*sink)->finish()) << "a video with a hole must not get its name";
        EXPECT_TRUE(folder.names().empty());
    }
}

TEST(GifWriter, NoFramesNoVideoAndNothingAfterFinish) {
    const TemporaryFolder folder;
    {
        auto empty = open_frame_sink(folder.path() / "empty.gif", sink_options(32, 32));
        ASSERT_TRUE(empty);
        const auto finished = (*empty)->finish();
        ASSERT_FALSE(finished);
        EXPECT_NE(finished.error().message().find("no frame"), std::string::npos);
    }
    EXPECT_TRUE(folder.names().empty());
    auto sink = open_frame_sink(folder.path() / "video.gif", sink_options(32, 32));
    ASSERT_TRUE(sink);
    ASSERT_TRUE((*sink)->write(solid(32, 32, {9, 9, 9})));
    ASSERT_TRUE((*sink)->finish());
    EXPECT_FALSE((*sink)->finish());
    EXPECT_FALSE((*sink)->write(solid(32, 32, {9, 9, 9})));
    sink->reset();
    EXPECT_EQ(decode_video(folder.path() / "video.gif").frames.size(), 1U);
}

TEST(GifWriter, AnOlderVideoStaysUntilTheNewOneIsComplete) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "video.gif";
    ASSERT_TRUE(write_images(path, sink_options(32, 32), 3));
    {
        auto abandoned = open_frame_sink(path, sink_options(32, 32));
        ASSERT_TRUE(abandoned);
        ASSERT_TRUE((*abandoned)->write(solid(32, 32, {9, 9, 9})));
        EXPECT_EQ(folder.names(), Names{"video.gif"}) << "waiting frames have no name";
    }
    EXPECT_EQ(decode_video(path).frames.size(), 3U);
    ASSERT_TRUE(write_images(path, sink_options(32, 32), 7));
    EXPECT_EQ(decode_video(path).frames.size(), 7U);
    EXPECT_EQ(folder.names(), Names{"video.gif"});
}

TEST(GifWriter, CompletingItTellsHowFarItIsAndCanBeStopped) {
    const TemporaryFolder folder;
    for (const double until : {0.1, 0.7, 2.0}) {
        auto sink = open_frame_sink(folder.path() / "video.gif", sink_options(32, 24));
        ASSERT_TRUE(sink);
        for (int i = 0; i < 20; ++i) {
            ASSERT_TRUE((*sink)->write(wandering_square(32, 24, i, 20)));
        }
        std::stop_source stop;
        std::vector<double> told;
        const auto finished = (*sink)->finish(Job{[&](std::string_view, double fraction) {
                                                      told.push_back(fraction);
                                                      if (fraction >= until) {
                                                          stop.request_stop();
                                                      }
                                                  },
                                                  {},
                                                  stop.get_token()});
        EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
        if (until > 1) {
            EXPECT_TRUE(finished);
            EXPECT_NEAR(told.back(), 1, 1e-12);
            EXPECT_EQ(decode_video(folder.path() / "video.gif").frames.size(), 20U);
        } else {
            ASSERT_FALSE(finished) << until;
            EXPECT_TRUE(finished.error().cancelled);
            EXPECT_NEAR(told.back(), until, 0.05);
            EXPECT_TRUE(folder.names().empty());
        }
    }
}

TEST(GifWriter, MissingFolderIsRefusedAtOnce) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "missing" / "video.gif";
    const auto sink = open_frame_sink(path, sink_options(32, 32));
    ASSERT_FALSE(sink);
    EXPECT_NE(sink.error().message().find(path.string() + ": cannot be created: No such file"),
              std::string::npos)
        << sink.error().message();
}

TEST(GifWriter, UnwritableFolderIsRefusedAtOnce) {
    const TemporaryFolder folder;
    ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
    const int code = in_child([&] {
        // Root may write everywhere; nobody may not.
        if (::geteuid() == 0 && ::setuid(65534) != 0) {
            return 99;
        }
        const auto sink = open_frame_sink(folder.path() / "video.gif", sink_options(32, 32));
        return !sink && sink.error().message().find("Permission denied") != std::string::npos ? 0 : 1;
    });
    EXPECT_EQ(code, 0);
    EXPECT_TRUE(folder.names().empty());
}

TEST(GifWriter, DiskFullWhileFramesWaitIsAnError) {
    const TemporaryFolder folder;
    const int code = in_child([&] {
        limit_file_size(200'000);
        auto sink = open_frame_sink(folder.path() / "video.gif", sink_options(128, 128));
        if (!sink) {
            return 1;
        }
        Result<void> result;
        for (unsigned i = 0; i < 200 && result; ++i) {
            result = (*sink)->write(noise(128, 128, i));
        }
        if (result || result.error().message().find(
                          "video.gif: frames cannot be stored beside it: File too") == std::string::npos) {
            return 2;
        }
        return (*sink)->write(noise(128, 128, 0)) || (*sink)->finish() ? 3 : 0;
    });
    EXPECT_EQ(code, 0);
    EXPECT_TRUE(folder.names().empty());
}

TEST(GifWriter, DiskFullAtTheEndIsAnErrorToo) {
    const TemporaryFolder folder;
    for (const std::size_t room : {100U, 60'000U}) {
        const int code = in_child([&] {
            auto sink = open_frame_sink(folder.path() / "video.gif", sink_options(64, 64));
            for (unsigned i = 0; i < 20; ++i) {
                if (!sink || !(*sink)->write(noise(64, 64, i))) {
                    return 1;
                }
            }
            limit_file_size(room);
            const auto result = (*sink)->finish();
            return !result && result.error().message().find("video.gif: cannot be written: File too") !=
                                  std::string::npos
                       ? 0
                       : 2;
        });
        EXPECT_EQ(code, 0) << room;
        EXPECT_TRUE(folder.names().empty());
    }
}

/// Runs `body` in a child process that is killed as soon as it calls what it is given.
template <class Body>
void kill_within(const Body& body) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        body([&] {
            if (::write(pipe[1], "x", 1) == 1) {
                ::pause();
            }
        });
        ::_exit(1);
    }
    ::close(pipe[1]);
    char byte = 0;
    const bool there = ::read(pipe[0], &byte, 1) == 1;
    ::close(pipe[0]);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(there) << "the child did not come that far";
    ASSERT_TRUE(WIFSIGNALED(status));
}

TEST(GifWriter, KilledWhileFramesComeLeavesNothing) {
    const TemporaryFolder folder;
    kill_within([&](const auto& now) {
        auto sink = open_frame_sink(folder.path() / "video.gif", sink_options(64, 64));
        for (unsigned i = 0; sink && (*sink)->write(noise(64, 64, i)); ++i) {
            if (i == 30) {
                now();
            }
        }
    });
    EXPECT_TRUE(folder.names().empty());
}

TEST(GifWriter, KilledAtTheEndLeavesNoVideoAndTheNextRunTidiesUp) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "video.gif";
    kill_within([&](const auto& now) {
        auto sink = open_frame_sink(path, sink_options(64, 64));
        for (unsigned i = 0; sink && i < 30; ++i) {
            (void)(*sink)->write(noise(64, 64, i));
        }
        (void)(*sink)->finish(Job{[&](std::string_view, double fraction) {
                                      if (fraction > 0.8) {
                                          now();
                                      }
                                  },
                                  {},
                                  {}});
    });
    EXPECT_EQ(folder.temporaries_of("video.gif").size(), 1U) << "it was not killed in the middle";
    const auto written = write_images(path, sink_options(32, 32), 4);
    ASSERT_TRUE(written) << written.error().message();
    EXPECT_EQ(decode_video(path).frames.size(), 4U);
    EXPECT_EQ(folder.names(), Names{"video.gif"});
}

TEST(GifWriter, WhatTheUserCalledPartStays) {
    expect_part_files_stay("video.gif");
}

TEST(GifWriter, TwoWritersOfOneNameBothLeaveAWholeVideo) {
    expect_two_writers_leave_whole_videos("video.gif");
}

TEST(GifWriter, ColonsAndSpacesInNames) {
    const TemporaryFolder folder;
    ASSERT_TRUE(write_images(folder.path() / "a: b %d é.gif", sink_options(32, 32), 2));
    EXPECT_EQ(decode_video(folder.path() / "a: b %d é.gif").frames.size(), 2U);
}

}  // namespace

namespace {

using namespace std::string_literals;

/// Header and screen of 1 x 1 pixels, with 2 colours where wanted.
std::string head(bool colours) {
    return "GIF89a\1\0\1\0"s + (colours ? "\x80\0\0\1\2\3\4\5\6"s : "\0\0\0"s);
}

const std::string first_image = "\x2C\0\0\0\0\1\0\1\0\0\2\2D\1\0;"s;

TEST(GifComment, TextsOfAnyLengthComeBack) {
    for (const std::size_t size : {0U, 1U, 254U, 255U, 256U, 510U, 10'000U}) {
        std::string text;
        for (std::size_t i = 0; i < size; ++i) {
            text += static_cast<char>('a' + i % 26);
        }
        for (const bool colours : {false, true}) {
            const auto found = gif_comments("x.gif", head(colours) + gif_comment_block(text) + first_image);
            ASSERT_TRUE(found) << found.error().message();
            EXPECT_EQ(*found, std::vector<std::string>{text}) << size;
        }
    }
}

TEST(GifComment, OtherExtensionsAreLeftOut) {
    const std::string loop = "\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00"s;
    const std::string delay = "\x21\xF9\x04\0\5\0\0\0"s;
    const auto found = gif_comments("x.gif", head(true) + loop + gif_comment_block("one") + delay +
                                                 gif_comment_block("two") + first_image);
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
    refused("", "not a GIF");
    refused("GIF90a", "not a GIF");
    refused("GIF89a\1\0", "header");
    refused(head(true).substr(0, 17), "table of 2 colours");
    refused(head(true), "before the first image");
    refused(head(true) + "\x21", "before the first image");
    refused(head(true) + "\x21\xFE\x05" + "abc", "5 bytes");
    refused(head(true) + "\x21\xFE\x03"s + "abc", "before the first image");
    refused(head(true) + "hello", "0x68");
}

TEST(GifComment, ForeignCommentsAreNoProvenance) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "x.gif";
    const auto about = [&](const std::string& blocks) {
        EXPECT_TRUE(write_file_atomically(path, head(true) + blocks + first_image));
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
