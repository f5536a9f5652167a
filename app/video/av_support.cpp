#include "app/video/av_support.h"

#include "engine/core/file_descriptor.h"
#include "engine/core/file_kind.h"

#include <cerrno>
#include <mutex>

#include <fmt/format.h>

namespace lact::app {

std::string av_reason(int code) {
    std::string text(AV_ERROR_MAX_STRING_SIZE, '\0');
    av_strerror(code, text.data(), text.size());
    text.resize(text.find('\0'));
    return text;
}

Result<FramePtr> rgb_frame(int width, int height) {
    FramePtr frame(av_frame_alloc());
    int code = AVERROR(ENOMEM);
    if (frame) {
        frame->width = width;
        frame->height = height;
        frame->format = AV_PIX_FMT_RGB24;
        code = av_frame_get_buffer(frame.get(), 0);
    }
    if (code < 0) {
        return fail("image",
                    fmt::format("no memory for a frame of {}x{} pixels: {}", width, height, av_reason(code)));
    }
    return frame;
}

Result<FramePtr> rgb_frame(const Image8& rgb) {
    LACT_TRY(FramePtr frame, rgb_frame(rgb.width, rgb.height));
    const int row = 3 * rgb.width;
    av_image_copy_plane(frame->data[0], frame->linesize[0], rgb.pixels.data(), row, row, rgb.height);
    return frame;
}

Result<InputContextPtr> open_mp4(const std::filesystem::path& path) {
    silence_libav();
    LACT_TRY(const OpenFile file, open_for_reading(path));
    const AVInputFormat* format = av_find_input_format("mp4");
    if (format == nullptr) {
        return fail("libav", "cannot read MP4", "Install Debian's libavformat59.");
    }
    AvDictionary settings;
    settings.set("protocol_whitelist", "file");
    settings.set("format_whitelist", format->name);
    settings.set("enable_drefs", "0");  // References to tracks in other files.
    AVFormatContext* opened = nullptr;
    const int code = avformat_open_input(&opened, ("file:" + path.string()).c_str(), format, settings.get());
    if (code < 0) {
        return tl::unexpected<Error>(
            refused_file(path, FileUse::recording,
                         {"cannot be read as a video: " + av_reason(code), path.string(), "", false}));
    }
    return InputContextPtr(opened);
}

void silence_libav() {
    static std::once_flag once;
    std::call_once(once, [] { av_log_set_level(AV_LOG_FATAL); });
}

}  // namespace lact::app
