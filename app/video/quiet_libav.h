#pragma once

#include <mutex>

extern "C" {
#include <libavutil/log.h>
}

namespace lact::app {

/// libav writes lines of its own to stderr, across the progress bar; what matters comes back as an error
/// code.
inline void quieten_libav() {
    static std::once_flag once;
    std::call_once(once, [] { av_log_set_level(AV_LOG_FATAL); });
}

}  // namespace lact::app
