#pragma once

#include "app/video/av_handles.h"
#include "engine/core/error.h"
#include "engine/scene/image.h"

namespace lact::app {

/// Turns RGB pictures into what the film says it holds: planar YUV 4:2:0 by BT.709, limited range (Y 16 …
/// 235, U and V 16 … 240), chroma samples beside the left column of each 2 x 2 block and between its rows
/// (ITU-T H.273 chroma location 0, the one H.264 assumes).
class YuvConverter {
  public:
    /// For pictures of one size, both sides even.
    [[nodiscard]] static Result<YuvConverter> create(int width, int height);

    /// Fills a YUV420P frame of the same size.
    [[nodiscard]] Result<void> convert(const Image8& rgb, AVFrame& yuv) const;

  private:
    explicit YuvConverter(SwsContextPtr context) : context_(std::move(context)) {}
    SwsContextPtr context_;
};

}  // namespace lact::app
