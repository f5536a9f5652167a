#include "tests/app/video/decode.h"

#include "engine/core/files.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>

namespace lact::app::test {

namespace {

int check(int code, const char* doing) {
    if (code < 0) {
        throw std::runtime_error(std::string(doing) + ": " + av_reason(code));
    }
    return code;
}

InputContextPtr open_input(const std::filesystem::path& path) {
    AVFormatContext* context = nullptr;
    check(avformat_open_input(&context, ("file:" + path.string()).c_str(), nullptr, nullptr), "open");
    InputContextPtr input(context);
    check(avformat_find_stream_info(context, nullptr), "stream info");
    return input;
}

CodecContextPtr open_decoder(const AVStream& stream) {
    const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
    CodecContextPtr context(avcodec_alloc_context3(codec));
    check(avcodec_parameters_to_context(context.get(), stream.codecpar), "parameters");
    check(avcodec_open2(context.get(), codec, nullptr), "open decoder");
    return context;
}

void each_frame(AVFormatContext* input, AVCodecContext* decoder,
                const std::function<void(const AVFrame&)>& use) {
    const PacketPtr packet(av_packet_alloc());
    const FramePtr frame(av_frame_alloc());
    bool more = true;
    while (more) {
        more = av_read_frame(input, packet.get()) >= 0;
        check(avcodec_send_packet(decoder, more ? packet.get() : nullptr), "send packet");
        av_packet_unref(packet.get());
        while (avcodec_receive_frame(decoder, frame.get()) >= 0) {
            use(*frame);
        }
    }
}

std::map<std::string, std::string> entries(const AVDictionary* dictionary) {
    std::map<std::string, std::string> all;
    const AVDictionaryEntry* entry = nullptr;
    while ((entry = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX)) != nullptr) {
        all[entry->key] = entry->value;
    }
    return all;
}

std::uint8_t to_byte(double v) {
    return static_cast<std::uint8_t>(std::clamp(std::lround(v * 255), 0L, 255L));
}

/// The formula of ITU-R BT.709 (Kr 0.2126, Kb 0.0722), written out here so that libswscale does not check
/// itself. Chroma is taken from the nearest sample.
Image8 to_rgb(const AVFrame& yuv) {
    constexpr double kr = 0.2126;
    constexpr double kb = 0.0722;
    Image8 rgb{yuv.width, yuv.height, 3, {}};
    for (int row = 0; row < yuv.height; ++row) {
        for (int column = 0; column < yuv.width; ++column) {
            const auto at = [&](int plane, int shift) {
                return yuv.data[plane][(row >> shift) * yuv.linesize[plane] + (column >> shift)];
            };
            const double y = (at(0, 0) - 16) / 219.0;
            const double u = (at(1, 1) - 128) / 224.0;
            const double v = (at(2, 1) - 128) / 224.0;
            const double red = y + 2 * (1 - kr) * v;
            const double blue = y + 2 * (1 - kb) * u;
            const double green = (y - kr * red - kb * blue) / (1 - kr - kb);
            rgb.pixels.insert(rgb.pixels.end(), {to_byte(red), to_byte(green), to_byte(blue)});
        }
    }
    return rgb;
}

/// What a GIF shows, drawn over the frames before it.
Image8 to_rgb_from_bgra(const AVFrame& bgra) {
    Image8 rgb{bgra.width, bgra.height, 3, {}};
    for (int row = 0; row < bgra.height; ++row) {
        const std::uint8_t* pixel = bgra.data[0] + std::ptrdiff_t{row} * bgra.linesize[0];
        for (int column = 0; column < bgra.width; ++column, pixel += 4) {
            if (pixel[3] != 255) {
                throw std::runtime_error("a pixel is transparent");
            }
            rgb.pixels.insert(rgb.pixels.end(), {pixel[2], pixel[1], pixel[0]});
        }
    }
    return rgb;
}

}  // namespace

Video decode_video(const std::filesystem::path& path) {
    const InputContextPtr input = open_input(path);
    if (input->nb_streams != 1) {
        throw std::runtime_error("one stream was expected");
    }
    const AVStream& stream = *input->streams[0];
    const CodecContextPtr decoder = open_decoder(stream);
    Video video;
    video.codec = decoder->codec->name;
    video.frame_rate = stream.avg_frame_rate;
    video.range = stream.codecpar->color_range;
    video.primaries = stream.codecpar->color_primaries;
    video.transfer = stream.codecpar->color_trc;
    video.matrix = stream.codecpar->color_space;
    video.metadata = entries(input->metadata);
    video.seconds = static_cast<double>(input->duration) / AV_TIME_BASE;
    each_frame(input.get(), decoder.get(), [&](const AVFrame& frame) {
        video.times.push_back(static_cast<double>(frame.best_effort_timestamp) * av_q2d(stream.time_base));
        video.last_shown = static_cast<double>(frame.pkt_duration) * av_q2d(stream.time_base);
        if (frame.format == AV_PIX_FMT_BGRA) {
            video.frames.push_back(to_rgb_from_bgra(frame));
            return;
        }
        if (frame.format != AV_PIX_FMT_YUV420P) {
            throw std::runtime_error("the video is not YUV 4:2:0");
        }
        video.lumas.push_back(frame.data[0][0]);
        video.frames.push_back(to_rgb(frame));
    });
    return video;
}

Image decode_png(const std::filesystem::path& path) {
    const InputContextPtr input = open_input(path);
    const CodecContextPtr decoder = open_decoder(*input->streams[0]);
    Image image;
    each_frame(input.get(), decoder.get(), [&](const AVFrame& frame) {
        if (frame.format != AV_PIX_FMT_RGB24) {
            throw std::runtime_error("the picture is not RGB");
        }
        image.image = Image8{frame.width, frame.height, 3, {}};
        for (int row = 0; row < frame.height; ++row) {
            const std::uint8_t* begin = frame.data[0] + std::ptrdiff_t{row} * frame.linesize[0];
            image.image.pixels.insert(image.image.pixels.end(), begin,
                                      begin + std::ptrdiff_t{3} * frame.width);
        }
        image.text = entries(frame.metadata);
    });
    return image;
}

std::vector<std::string> mp4_boxes(const std::filesystem::path& path) {
    const Result<std::string> bytes = read_file(path);
    if (!bytes) {
        throw std::runtime_error(bytes.error().message());
    }
    std::vector<std::string> boxes;
    std::size_t at = 0;
    while (at + 8 <= bytes->size()) {
        std::size_t size = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            size = size << 8 | static_cast<unsigned char>((*bytes)[at + i]);
        }
        if (size < 8) {
            throw std::runtime_error("a box of a size that this reader does not know");
        }
        boxes.push_back(bytes->substr(at + 4, 4));
        at += size;
    }
    return boxes;
}

}  // namespace lact::app::test
