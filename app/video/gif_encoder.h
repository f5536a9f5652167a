#pragma once

#include "app/video/av_support.h"
#include "engine/core/error.h"

#include <filesystem>
#include <memory>
#include <string>

namespace lact::app {

/// A chain of libav's filters, written as for `ffmpeg -filter_complex`; its sources are `buffer@NAME`, its
/// one sink is `buffersink@out`.
class FilterGraph {
  public:
    /// Errors name `shown`, with libav's reason.
    [[nodiscard]] static Result<FilterGraph> create(const std::string& description, std::string shown);

    /// Gives a frame, or the end (null), to a source. The frame stays the caller's.
    [[nodiscard]] Result<void> push(const char* source, AVFrame* frame);
    /// The next frame that came out; null where more has to be pushed first, or all came out.
    [[nodiscard]] Result<FramePtr> pull();
    /// Of the frames that come out.
    [[nodiscard]] AVRational time_base() const;

  private:
    struct FreeGraph {
        void operator()(AVFilterGraph* graph) const { avfilter_graph_free(&graph); }
    };

    explicit FilterGraph(std::string shown) : shown_(std::move(shown)) {}
    std::string shown_;
    std::unique_ptr<AVFilterGraph, FreeGraph> graph_;
    AVFilterContext* sink_ = nullptr;  ///< Owned by graph_.
};

}  // namespace lact::app

namespace lact::app {

/// Chooses the 255 colours (and a transparent one) that serve a whole film best: all frames are shown to it
/// once. What it remembers grows with the number of different colours alone, not with the film's length.
class GifPaletteMaker {
  public:
    [[nodiscard]] static Result<GifPaletteMaker> create(int width, int height, const std::string& shown);
    /// An RGB24 frame.
    [[nodiscard]] Result<void> add(AVFrame& frame);
    /// After the last frame; not null. To be called once.
    [[nodiscard]] Result<FramePtr> palette();

  private:
    explicit GifPaletteMaker(FilterGraph graph) : graph_(std::move(graph)) {}
    FilterGraph graph_;
};

/// Redraws RGB24 frames with the colours of a palette.
class GifPaletteMap {
  public:
    [[nodiscard]] static Result<GifPaletteMap> create(int width, int height, AVFrame& palette,
                                                      const std::string& shown);
    /// Takes a frame with its time (`pts`) in hundredths of a second; null: the end.
    [[nodiscard]] Result<void> push(AVFrame* frame);
    /// The next frame that is ready, as PAL8, its time in hundredths of a second; null: none is.
    [[nodiscard]] Result<FramePtr> pull();

  private:
    explicit GifPaletteMap(FilterGraph graph) : graph_(std::move(graph)) {}
    FilterGraph graph_;
};

/// What a GIF is beside its frames.
struct GifForm {
    int width = 0;
    int height = 0;
    int last_delay = 0;   ///< How long the last frame is shown, in hundredths of a second.
    std::string comment;  ///< Plain ASCII, put before the first frame; empty: none.
};

/// Writes frames that have their palette already into a GIF that plays for ever.
class GifEncoder {
  public:
    /// Creates `file`; errors name it as `shown`, the name that the person gave.
    [[nodiscard]] static Result<std::unique_ptr<GifEncoder>> open(const std::filesystem::path& file,
                                                                  const std::filesystem::path& shown,
                                                                  GifForm form);

    /// A PAL8 frame, its time in hundredths of a second; all frames with one palette.
    [[nodiscard]] Result<void> encode(const AVFrame& frame);
    /// Writes what is still held and closes the file. To be called once.
    [[nodiscard]] Result<void> close();

  private:
    GifEncoder(std::filesystem::path shown, GifForm form)
        : shown_(std::move(shown)), form_(std::move(form)) {}
    [[nodiscard]] Result<void> open_codec();
    [[nodiscard]] Result<void> open_output(const std::filesystem::path& file);
    /// Sends a frame (null: the end) and writes the packets that come out.
    [[nodiscard]] Result<void> send(const AVFrame* frame);
    [[nodiscard]] Result<void> add_comment();
    [[nodiscard]] tl::unexpected<Error> cannot_write(int code) const;

    std::filesystem::path shown_;
    GifForm form_;
    CodecContextPtr codec_;
    OutputContextPtr output_;
    PacketPtr packet_;
    bool commented_ = false;
};

}  // namespace lact::app
