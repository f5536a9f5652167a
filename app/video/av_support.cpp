#include "app/video/av_support.h"

#include "engine/core/file_descriptor.h"
#include "engine/core/file_kind.h"

#include <mutex>

namespace lact::app {

std::string av_reason(int code) {
    std::string text(AV_ERROR_MAX_STRING_SIZE, '\0');
    av_strerror(code, text.data(), text.size());
    text.resize(text.find('\0'));
    return text;
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
