#include "app/video/frame_store.h"

#include "app/video/av_support.h"
#include "engine/core/output_path.h"

#include <cerrno>
#include <utility>

#include <fmt/format.h>

namespace lact::app {

Result<std::unique_ptr<FrameStore>> FrameStore::create(const std::filesystem::path& shown, int width,
                                                       int height) {
    std::unique_ptr<FrameStore> store(new FrameStore(shown));  // NOLINT: private constructor
    LACT_CHECK(store->open_file());
    LACT_CHECK(store->open_codecs(width, height));
    return store;
}

Result<void> FrameStore::open_file() {
    LACT_TRY(FileDescriptor fd, unnamed_file_beside(shown_));
    file_.reset(::fdopen(fd.get(), "w+b"));
    if (!file_) {
        return fail(shown_.string(), "cannot be created: " + system_reason(errno));
    }
    fd.release();
    // Unbuffered: packets are large, and a full disk is reported at once.
    std::setvbuf(file_.get(), nullptr, _IONBF, 0);
    return {};
}

Result<void> FrameStore::open_codecs(int width, int height) {
    const AVCodec* encoder = avcodec_find_encoder(AV_CODEC_ID_PNG);
    const AVCodec* decoder = avcodec_find_decoder(AV_CODEC_ID_PNG);
    if (encoder == nullptr || decoder == nullptr) {
        return fail("libav", "has no PNG codec, needed to store frames", "Install Debian's libavcodec59.");
    }
    encoder_.reset(avcodec_alloc_context3(encoder));
    decoder_.reset(avcodec_alloc_context3(decoder));
    frame_.reset(av_frame_alloc());
    packet_.reset(av_packet_alloc());
    if (!encoder_ || !decoder_ || !frame_ || !packet_) {
        return fail(shown_.string(), "out of memory");
    }
    encoder_->width = width;
    encoder_->height = height;
    encoder_->pix_fmt = AV_PIX_FMT_RGB24;
    encoder_->time_base = {1, 1};
    // The fastest compression that still halves the amount of data.
    encoder_->compression_level = 1;
    av_opt_set(encoder_->priv_data, "pred", "up", 0);
    if (const int code = avcodec_open2(encoder_.get(), encoder, nullptr); code < 0) {
        return broken("frames cannot be stored", code);
    }
    if (const int code = avcodec_open2(decoder_.get(), decoder, nullptr); code < 0) {
        return broken("frames cannot be read back", code);
    }
    frame_->width = width;
    frame_->height = height;
    frame_->format = AV_PIX_FMT_RGB24;
    if (const int code = av_frame_get_buffer(frame_.get(), 0); code < 0) {
        return broken("no memory for a frame", code);
    }
    return {};
}

Result<void> FrameStore::append(const Image8& rgb) {
    if (const int code = av_frame_make_writable(frame_.get()); code < 0) {
        return broken("no memory for a frame", code);
    }
    const int row = 3 * rgb.width;
    av_image_copy_plane(frame_->data[0], frame_->linesize[0], rgb.pixels.data(), row, row, rgb.height);
    int code = avcodec_send_frame(encoder_.get(), frame_.get());
    if (code >= 0) {
        code = avcodec_receive_packet(encoder_.get(), packet_.get());
    }
    if (code < 0) {
        return broken("a frame cannot be stored", code);
    }
    const std::int64_t begin = ends_.empty() ? 0 : ends_.back();
    const auto bytes = static_cast<std::size_t>(packet_->size);
    const bool written = std::fwrite(packet_->data, 1, bytes, file_.get()) == bytes;
    const int reason = errno;
    av_packet_unref(packet_.get());
    if (!written) {
        return fail(shown_.string(), "frames cannot be stored beside it: " + system_reason(reason),
                    "Free some space or choose another folder.");
    }
    ends_.push_back(begin + static_cast<std::int64_t>(bytes));
    return {};
}

Result<FramePtr> FrameStore::read(std::size_t index) {
    const std::int64_t begin = index == 0 ? 0 : ends_.at(index - 1);
    const auto bytes = static_cast<std::size_t>(ends_.at(index) - begin);
    FramePtr frame(av_frame_alloc());
    int code = frame ? av_new_packet(packet_.get(), static_cast<int>(bytes)) : AVERROR(ENOMEM);
    if (code < 0) {
        return broken("no memory for a frame", code);
    }
    // Otherwise the decoder of libav adds the previous frame.
    packet_->flags |= AV_PKT_FLAG_KEY;
    errno = 0;
    if (::fseeko(file_.get(), begin, SEEK_SET) != 0 ||
        std::fread(packet_->data, 1, bytes, file_.get()) != bytes) {
        code = AVERROR(errno != 0 ? errno : EIO);
    } else {
        code = avcodec_send_packet(decoder_.get(), packet_.get());
    }
    av_packet_unref(packet_.get());
    if (code >= 0) {
        code = avcodec_receive_frame(decoder_.get(), frame.get());
    }
    if (code < 0) {
        return broken("a frame stored beside it cannot be read back", code);
    }
    return frame;
}

tl::unexpected<Error> FrameStore::broken(const char* doing, int code) const {
    return fail(shown_.string(), fmt::format("{}: {}", doing, av_reason(code)));
}

}  // namespace lact::app
