#include "app/video/mp4_writer.h"

#include "app/video/mp4_encoder.h"
#include "engine/core/guarded.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr std::size_t waiting_frames = 4;

std::string even_choices(int size) {
    return size % 2 == 0 ? fmt::format("{}", size) : fmt::format("{} or {}", std::max(2, size - 1), size + 1);
}

Result<void> check_even(const std::filesystem::path& file, const FrameSinkOptions& options) {
    if (options.width % 2 == 0 && options.height % 2 == 0) {
        return {};
    }
    return fail(
        file.string(),
        fmt::format("a video of {} x {} pixels: both sizes must be even", options.width, options.height),
        fmt::format("Use a width of {} and a height of {}, or name a folder to get numbered images of any "
                    "size.",
                    even_choices(options.width), even_choices(options.height)));
}

}  // namespace

Mp4Writer::Mp4Writer(std::filesystem::path file, FrameSinkOptions options, OutputFile output)
    : file_(std::move(file)),
      options_(std::move(options)),
      output_(std::move(output)),
      queue_(waiting_frames) {}

Mp4Writer::~Mp4Writer() {
    queue_.abort();
    if (thread_.joinable()) {
        thread_.join();
    }
}

Result<std::unique_ptr<Mp4Writer>> Mp4Writer::open(const std::filesystem::path& file,
                                                   const FrameSinkOptions& options) {
    LACT_CHECK(check_options(file, options));
    LACT_CHECK(check_even(file, options));
    std::error_code ignored;
    if (std::filesystem::is_directory(file, ignored)) {
        return fail(file.string(), "is a folder, but a video is to be written under this name");
    }
    LACT_TRY(OutputFile output, OutputFile::create(file));
    std::unique_ptr<Mp4Writer> writer(  // NOLINT: make_unique cannot reach the private constructor
        new Mp4Writer(file, options, std::move(output)));
    LACT_TRY(writer->encoder_, Mp4Encoder::open(writer->output_.path(), file, options));
    writer->encoder_name_ = writer->encoder_->name();
    try {
        writer->thread_ = std::thread(&Mp4Writer::encode_frames, writer.get());
    } catch (const std::system_error& error) {
        return fail(file.string(), fmt::format("no thread to encode in: {}", error.what()));
    }
    return writer;
}

Result<void> Mp4Writer::write(const Image8& rgb) {
    if (Result<void> checked = check_frame(file_, options_, rgb, frames_); !checked) {
        stop(checked.error());
        return checked;
    }
    if (!queue_.push(rgb)) {
        return tl::unexpected<Error>(reason());
    }
    ++frames_;
    return {};
}

Result<void> Mp4Writer::finish(const Job& /*job*/) {
    if (frames_ == 0) {
        stop(Error{"no frame was written", file_.string(), {}, false});
    }
    queue_.close();
    if (!thread_.joinable()) {
        return fail(file_.string(), "cannot be completed: it is complete already or has failed");
    }
    thread_.join();
    if (queue_.aborted()) {
        return tl::unexpected<Error>(reason());
    }
    return output_.publish();
}

void Mp4Writer::encode_frames() {
    while (const std::optional<Image8> image = queue_.pop()) {
        const Result<void> encoded = guarded(file_.string(), [&] { return encoder_->encode(*image); });
        if (!encoded) {
            stop(encoded.error());
            return;
        }
    }
    if (queue_.aborted()) {
        return;
    }
    if (const Result<void> closed = guarded(file_.string(), [this] { return encoder_->close(); }); !closed) {
        stop(closed.error());
    }
}

void Mp4Writer::stop(const Error& error) {
    {
        const std::lock_guard lock(error_mutex_);
        if (!error_) {
            error_ = error;
        }
    }
    queue_.abort();
}

Error Mp4Writer::reason() {
    const std::lock_guard lock(error_mutex_);
    return error_.value_or(Error{"takes no more frames: it is complete", file_.string(), {}, false});
}

}  // namespace lact::app
