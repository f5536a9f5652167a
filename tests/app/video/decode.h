#pragma once

#include "app/video/av_support.h"
#include "engine/scene/image.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace lact::app::test {

/// A video as a player sees it, read back through libav.
struct Video {
    std::string codec;  ///< Of the decoder: `h264`, `mpeg4`, `gif`.
    AVRational frame_rate{};
    AVColorRange range{};
    AVColorPrimaries primaries{};
    AVColorTransferCharacteristic transfer{};
    AVColorSpace matrix{};
    std::map<std::string, std::string> metadata;
    double seconds = 0;               ///< Of the container.
    std::vector<double> times;        ///< Of each frame, in seconds.
    double last_shown = 0;            ///< How long the last frame is shown, in seconds.
    std::vector<Image8> frames;       ///< As RGB; YUV by the BT.709 limited-range formula of the standard.
    std::vector<std::uint8_t> lumas;  ///< Y of the first pixel of each frame of YUV.
};

/// Throws std::runtime_error with libav's reason: a test fails with it.
[[nodiscard]] Video decode_video(const std::filesystem::path& path);

/// A image through libav's PNG decoder (not the library that wrote it), with its text chunks.
struct Image {
    Image8 image;
    std::map<std::string, std::string> text;
};
[[nodiscard]] Image decode_png(const std::filesystem::path& path);

/// The names of an MP4's outermost boxes in file order.
[[nodiscard]] std::vector<std::string> mp4_boxes(const std::filesystem::path& path);

}  // namespace lact::app::test
