#include "app/video/av_support.h"

#include <mutex>

namespace lact::app {

std::string av_reason(int code) {
    std::string text(AV_ERROR_MAX_STRING_SIZE, '\0');
    av_strerror(code, text.data(), text.size());
    text.resize(text.find('\0'));
    return text;
}

void silence_libav() {
    static std::once_flag once;
    std::call_once(once, [] { av_log_set_level(AV_LOG_FATAL); });
}

}  // namespace lact::app
