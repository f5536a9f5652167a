#include "app/video/frame_sink.h"

#include "app/video/png_sequence.h"
#include "engine/core/counted.h"
#include "engine/core/output_path.h"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <system_error>

#include <fmt/format.h>

#ifdef LACT_HAS_VIDEO
#include "app/video/gif_writer.h"
#include "app/video/mp4_writer.h"
#endif

namespace lact::app {

namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

enum class SinkKind { mp4, gif, images };

Result<SinkKind> sink_kind(const std::filesystem::path& path) {
    if (path.empty()) {
        return fail({}, "no output is given",
                    "Name a file ending in .mp4 or .gif, or a folder for numbered images.");
    }
    std::error_code ignored;
    const bool is_folder = std::filesystem::is_directory(path, ignored) || !path.has_filename();
    const std::string extension = lower(path.extension().string());
    if (is_folder || extension.empty()) {
        return SinkKind::images;
    }
    if (extension == ".mp4" || extension == ".gif") {
#ifndef LACT_HAS_VIDEO
        return fail(path.string(), "cannot be written by this build, which has no video", without_video_hint);
#endif
        return extension == ".mp4" ? SinkKind::mp4 : SinkKind::gif;
    }
    return fail(
        path.string(), fmt::format("videos are written as .mp4 or .gif, not as {}", extension),
        "Choose a name ending in .mp4 or .gif, or end the name in / for a folder of numbered images.");
}

}  // namespace

Result<void> check_options(const std::filesystem::path& path, const FrameSinkOptions& options) {
    if (options.width <= 0 || options.height <= 0) {
        return fail(path.string(),
                    fmt::format("frames of {} x {} pixels were requested", options.width, options.height),
                    "Both sizes must be positive.");
    }
    // Refuses NaN, too.
    if (!(options.fps >= 0.01 && options.fps <= 1000)) {
        return fail(path.string(), fmt::format("{} frames per second were requested", options.fps),
                    "Give a number from 0.01 to 1000.");
    }
    if (options.quality < 0 || options.quality > 51) {
        return fail(path.string(), fmt::format("quality {} was requested", options.quality),
                    "Give a constant rate factor from 0 (best) to 51 (worst); 18 is visually lossless.");
    }
    return {};
}

Result<void> check_frame(const std::filesystem::path& path, const FrameSinkOptions& options,
                         const Image8& rgb, int index) {
    if (rgb.width != options.width || rgb.height != options.height) {
        return fail(path.string(), fmt::format("frame {} has {} x {} pixels; {} x {} were expected", index,
                                               rgb.width, rgb.height, options.width, options.height));
    }
    if (rgb.channels != 3) {
        return fail(path.string(),
                    fmt::format("frame {} has {}; 3 were expected", index, counted(rgb.channels, "channel")));
    }
    const auto expected = static_cast<std::size_t>(rgb.width) * static_cast<std::size_t>(rgb.height) * 3;
    if (rgb.pixels.size() != expected) {
        return fail(path.string(), fmt::format("frame {} holds {}; {} were expected", index,
                                               counted(rgb.pixels.size(), "byte"), expected));
    }
    return {};
}

Result<void> check_frame_output(const std::filesystem::path& path) {
    LACT_TRY(const SinkKind kind, sink_kind(path));
    if (kind != SinkKind::images) {
        return check_output_file(path);
    }
    LACT_CHECK(check_image_folder(path));
    std::error_code ignored;
    const auto tried = std::filesystem::is_directory(path, ignored) ? OutputFolder::within(path, "frames")
                                                                    : OutputFolder::beside(path);
    return tried ? Result<void>() : tl::unexpected<Error>(tried.error());
}

Result<void> check_frame_rate(const std::filesystem::path& path, double fps) {
    constexpr double fastest = 50;
    const Result<SinkKind> kind = sink_kind(path);
    if (!kind || *kind != SinkKind::gif || fps <= fastest) {
        return {};
    }
    return fail(path.string(), fmt::format("a GIF of {} frames per second was requested", fps),
                "Give at most 50 (players slow faster ones down to 10), or write an MP4.");
}

Result<std::unique_ptr<FrameSink>> open_frame_sink(const std::filesystem::path& path,
                                                   const FrameSinkOptions& options) {
    LACT_TRY(const SinkKind kind, sink_kind(path));
#ifdef LACT_HAS_VIDEO
    if (kind == SinkKind::mp4) {
        LACT_TRY(auto writer, Mp4Writer::open(path, options));
        return writer;
    }
    if (kind == SinkKind::gif) {
        LACT_TRY(auto writer, GifWriter::open(path, options));
        return writer;
    }
#else
    (void)kind;
#endif
    LACT_TRY(auto sequence, PngSequence::open(path, options));
    return sequence;
}

}  // namespace lact::app
