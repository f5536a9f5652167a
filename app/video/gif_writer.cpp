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
    if (options.fps > 50) {
        return fail(file.string(), fmt::format("a GIF of {} frames per second was requested", options.fps),
                    "Give at most 50 (players slow faster ones down to 10), or write an MP4.");
    }
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

namespace {

constexpr std::size_t header_size = 13;
constexpr unsigned char extension = 0x21;
constexpr unsigned char comment = 0xFE;
constexpr unsigned char image = 0x2C;
constexpr unsigned char trailer = 0x3B;

unsigned char byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

std::string gif_comment_block(std::string_view text) {
    std::string block = {static_cast<char>(extension), static_cast<char>(comment)};
    while (!text.empty()) {
        const std::size_t size = std::min<std::size_t>(text.size(), 255);
        block += static_cast<char>(size);
        block += text.substr(0, size);
        text.remove_prefix(size);
    }
    block += '\0';
    return block;
}

bool is_gif(std::string_view bytes) {
    return bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a");
}

Result<std::size_t> gif_blocks_begin(const std::string& file, std::string_view bytes) {
    if (!is_gif(bytes)) {
        return fail(file, "is not a GIF");
    }
    if (bytes.size() < header_size) {
        return fail(file, "ends in the header of the GIF");
    }
    const unsigned flags = byte_at(bytes, 10);
    const std::size_t colours = (flags & 0x80U) != 0 ? std::size_t{2} << (flags & 7U) : 0;
    if (bytes.size() - header_size < 3 * colours) {
        return fail(file, fmt::format("ends in the table of {} colours of the GIF", colours));
    }
    return header_size + 3 * colours;
}

Result<std::vector<std::string>> gif_comments(const std::string& file, std::string_view bytes) {
    LACT_TRY(std::size_t at, gif_blocks_begin(file, bytes));
    std::vector<std::string> found;
    while (at < bytes.size()) {
        const unsigned char kind = byte_at(bytes, at);
        if (kind == image || kind == trailer) {
            return found;
        }
        if (kind != extension) {
            return fail(file, fmt::format("a block of a GIF begins with {:#x} at byte {}", kind, at));
        }
        if (bytes.size() - at < 2) {
            break;
        }
        const bool requested = byte_at(bytes, at + 1) == comment;
        std::string text;
        at += 2;
        std::size_t size = 1;
        while (at < bytes.size() && size > 0) {
            size = byte_at(bytes, at);
            ++at;
            if (size > bytes.size() - at) {
                return fail(file, fmt::format("has a block of {} bytes, more than the file holds", size));
            }
            if (requested) {
                text += bytes.substr(at, size);
            }
            at += size;
        }
        if (requested && size == 0) {
            found.push_back(std::move(text));
        }
    }
    return fail(file, "ends before the first image of the GIF");
}

}  // namespace lact::app
