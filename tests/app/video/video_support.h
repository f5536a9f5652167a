#pragma once

#include "app/video/frame_sink.h"
#include "engine/core/files.h"
#include "engine/scene/image.h"
#include "tests/app/video/decode.h"
#include "tests/support/temporary_folder.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <system_error>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lact::app::test {

using lact::test::TemporaryFolder;

inline Image8 solid(int width, int height, std::array<std::uint8_t, 3> colour) {
    Image8 image{width, height, 3, {}};
    for (int i = 0; i < width * height; ++i) {
        image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
    }
    return image;
}

/// What a writer of images of this size is made with.
inline FrameSinkOptions sink_options(int width, int height, double fps = 30) {
    FrameSinkOptions options;
    options.width = width;
    options.height = height;
    options.fps = fps;
    return options;
}

/// Red grows to the right, green downwards, blue with the frame's index.
inline Image8 gradient(int width, int height, int index, int frames) {
    Image8 image{width, height, 3, {}};
    const auto level = [](int i, int count) {
        return static_cast<std::uint8_t>(20 + 200 * i / std::max(1, count - 1));
    };
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            image.pixels.insert(image.pixels.end(),
                                {level(x, width), level(y, height), level(index, frames)});
        }
    }
    return image;
}

/// Cannot be compressed: for videos and images that are to grow.
inline Image8 noise(int width, int height, unsigned seed) {
    Image8 image{width, height, 3, {}};
    std::mt19937 random(seed);
    for (int i = 0; i < width * height * 3; ++i) {
        image.pixels.push_back(static_cast<std::uint8_t>(random() & 255U));
    }
    return image;
}

/// In dB, of 8-bit images of one size; NaN when the sizes differ.
inline double psnr(const Image8& a, const Image8& b) {
    if (a.pixels.size() != b.pixels.size() || a.pixels.empty()) {
        return std::nan("");
    }
    double sum = 0;
    for (std::size_t i = 0; i < a.pixels.size(); ++i) {
        const double difference = double(a.pixels[i]) - double(b.pixels[i]);
        sum += difference * difference;
    }
    return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.pixels.size()) / sum);
}

/// Runs `body` in a child process and returns its exit code, or 1000 + the signal that ended it.
template <class Body>
int in_child(const Body& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        // No handlers, no destructors of the parent's objects.
        ::_exit(body());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/// A disk that is full, for this process: no file grows beyond `bytes`.
inline void limit_file_size(std::size_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
}

/// A writer leaves alone what the user called like its temporary files: a link under the name that they once
/// had, and the file that it names.
inline void expect_part_files_stay(const std::string& name) {
    const TemporaryFolder folder;
    const auto diary = folder.file("diary.txt", "dear");
    std::filesystem::create_symlink(diary, folder.path() / (name + ".part"));
    (void)folder.file("." + name + ".mine.part", "mine");
    auto sink = open_frame_sink(folder.path() / name, sink_options(32, 32));
    ASSERT_TRUE(sink) << sink.error().message();
    for (unsigned i = 0; i < 3; ++i) {
        ASSERT_TRUE((*sink)->write(noise(32, 32, i)));
    }
    ASSERT_TRUE((*sink)->finish());
    EXPECT_EQ(decode_video(folder.path() / name).frames.size(), 3U);
    EXPECT_EQ(read_file(diary).value_or(""), "dear");
    EXPECT_EQ(folder.names(),
              (std::set<std::string>{"diary.txt", name, name + ".part", "." + name + ".mine.part"}));
}

/// Two writers of one name at once: each leaves a whole video, the last one that ends stays.
inline void expect_two_writers_leave_whole_videos(const std::string& name) {
    const TemporaryFolder folder;
    const auto path = folder.path() / name;
    auto first = open_frame_sink(path, sink_options(32, 32));
    auto second = open_frame_sink(path, sink_options(32, 32));
    ASSERT_TRUE(first) << first.error().message();
    ASSERT_TRUE(second) << second.error().message();
    for (unsigned i = 0; i < 5; ++i) {
        ASSERT_TRUE((*first)->write(noise(32, 32, i)));
        ASSERT_TRUE(i > 2 || (*second)->write(noise(32, 32, i)));
    }
    ASSERT_TRUE((*first)->finish());
    EXPECT_EQ(decode_video(path).frames.size(), 5U);
    ASSERT_TRUE((*second)->finish());
    EXPECT_EQ(decode_video(path).frames.size(), 3U);
    EXPECT_EQ(folder.names(), std::set<std::string>{name});
}

}  // namespace lact::app::test
