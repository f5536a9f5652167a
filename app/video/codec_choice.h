#pragma once

#include "app/video/av_support.h"
#include "app/video/frame_sink.h"
#include "engine/core/error.h"

namespace lact::app {

/// Opens the best encoder for an MP4 of these options: the one they name, else libx264, else the first other
/// H.264 encoder that takes YUV 4:2:0 and opens on this machine, else MPEG-4 part 2. Its time base is one
/// frame. Errors name the encoders tried, with libav's reason.
[[nodiscard]] Result<CodecContextPtr> open_video_codec(const FrameSinkOptions& options);

}  // namespace lact::app
