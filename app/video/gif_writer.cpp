#include "app/video/gif_writer.h"

#include "app/video/av_support.h"
#include "app/video/gif_encoder.h"
#include "app/video/provenance.h"
#include "engine/core/output_path.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

/// Share of the first pass in the time of finish().
constexpr double palette_share = 0.3;

Result<void> check_gif(const std::filesystem::path& file, const FrameSinkOptions& options) {
    LACT_CHECK(check_options(file, options));
    if (options.width > 65535 || options.height > 65535) {
        return fail(file.string(),
                    fmt::format("a GIF of {} x {} pixels was requested", options.width, options.height),
                    "The format allows at most 65535 each way.");
    }
    LACT_CHECK(check_frame_rate(file, options.fps));
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        return fail(file.string(), "is a folder, but a video is to be written under this name");
    }
    return {};
}

}  // namespace

GifWriter::GifWriter(std::filesystem::path file, FrameSinkOptions options)
    : file_(std::move(file)), options_(std::move(options)) {}

Result<std::unique_ptr<GifWriter>> GifWriter::open(const std::filesystem::path& file,
                                                   const FrameSinkOptions& options) {
    silence_libav();
    LACT_CHECK(check_gif(file, options));
    // Before the first frame, although the video is written after the last.
    LACT_CHECK(check_output_file(file));
    std::unique_ptr<GifWriter> writer(new GifWriter(file, options));  // NOLINT: private constructor
    LACT_TRY(writer->store_, FrameStore::create(file, options.width, options.height));
    return writer;
}

Result<void> GifWriter::write(const Image8& rgb) {
    if (!store_) {
        return fail(file_.string(), "takes no more frames: it is complete or has failed");
    }
    Result<void> written = check_frame(file_, options_, rgb, static_cast<int>(store_->size()));
    if (written) {
        written = store_->append(rgb);
    }
    if (!written) {
        store_.reset();
    }
    return written;
}

Result<void> GifWriter::finish(const Job& job) {
    if (!store_) {
        return fail(file_.string(), "cannot be completed: it is complete already or has failed");
    }
    Result<void> done = complete(job);
    store_.reset();
    return done;
}

Result<void> GifWriter::complete(const Job& job) {
    if (store_->size() == 0) {
        return fail(file_.string(), "no frame was written");
    }
    LACT_TRY(const FramePtr palette, choose_palette(job));
    LACT_TRY(OutputFile output, OutputFile::create(file_));
    LACT_CHECK(write_video(*palette, output.path(), job));
    return output.publish();
}

Result<FramePtr> GifWriter::choose_palette(const Job& job) {
    LACT_TRY(auto maker, GifPaletteMaker::create(options_.width, options_.height, file_.string()));
    for (std::size_t i = 0; i < store_->size(); ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        LACT_TRY(const FramePtr frame, store_->read(i));
        frame->pts = time_of(i);
        LACT_CHECK(maker.add(*frame));
        job.progress("choosing colours",
                     palette_share * static_cast<double>(i + 1) / static_cast<double>(store_->size()));
    }
    return maker.palette();
}

Result<void> GifWriter::write_video(AVFrame& palette, const std::filesystem::path& path, const Job& job) {
    LACT_TRY(auto map, GifPaletteMap::create(options_.width, options_.height, palette, file_.string()));
    const std::size_t frames = store_->size();
    GifForm form;
    form.width = options_.width;
    form.height = options_.height;
    form.last_delay = static_cast<int>(time_of(frames) - time_of(frames - 1));
    if (!options_.provenance.empty()) {
        form.comment = provenance_json(options_, /*ascii=*/true);
    }
    LACT_TRY(const auto encoder, GifEncoder::open(path, file_, std::move(form)));
    for (std::size_t i = 0; i <= frames; ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        FramePtr frame;
        if (i < frames) {
            LACT_TRY(frame, store_->read(i));
            frame->pts = time_of(i);
        }
        LACT_CHECK(map.push(frame.get()));
        while (true) {
            LACT_TRY(const FramePtr mapped, map.pull());
            if (!mapped) {
                break;
            }
            LACT_CHECK(encoder->encode(*mapped));
        }
        job.progress("writing the video", palette_share + (1 - palette_share) * static_cast<double>(i) /
                                                              static_cast<double>(frames));
    }
    return encoder->close();
}

std::int64_t GifWriter::time_of(std::size_t index) const {
    return std::llround(100.0 * static_cast<double>(index) / options_.fps);
}

}  // namespace lact::app
