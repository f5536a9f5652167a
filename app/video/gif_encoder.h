#pragma once

#include "app/video/av_support.h"
#include "engine/core/error.h"

#include <filesystem>
#include <memory>
#include <string>

namespace lact::app {

/// A filter graph of libav, in the syntax of `ffmpeg -filter_complex`. Its sources are named `buffer@NAME`,
/// its only sink `buffersink@out`.
class FilterGraph {
  public:
    /// Errors name `shown`, with the reason of libav.
    [[nodiscard]] static Result<FilterGraph> create(const std::string& description, std::string shown);

    /// Pushes a frame, or the end (null), into a source. The caller keeps the frame.
    [[nodiscard]] Result<void> push(const char* source, AVFrame* frame);
    /// The next output frame; null when more input is needed, or after the last one.
    [[nodiscard]] Result<FramePtr> pull();
    /// Time base of the output frames.
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

/// Computes a palette of 255 colours and a transparent one from all frames of a video. Its memory grows with
/// the number of distinct colours, not with the number of frames.
class GifPaletteMaker {
  public:
    [[nodiscard]] static Result<GifPaletteMaker> create(int width, int height, const std::string& shown);
    /// An RGB24 frame.
    [[nodiscard]] Result<void> add(AVFrame& frame);
    /// The palette, not null. Call once, after the last frame.
    [[nodiscard]] Result<FramePtr> palette();

  private:
    explicit GifPaletteMaker(FilterGraph graph) : graph_(std::move(graph)) {}
    FilterGraph graph_;
};

/// Maps RGB24 frames to a palette.
class GifPaletteMap {
  public:
    [[nodiscard]] static Result<GifPaletteMap> create(int width, int height, AVFrame& palette,
                                                      const std::string& shown);
    /// Pushes a frame with its time (`pts`) in hundredths of a second; null: the end.
    [[nodiscard]] Result<void> push(AVFrame* frame);
    /// The next frame that is ready, as PAL8, with its time in hundredths of a second; null: none.
    [[nodiscard]] Result<FramePtr> pull();

  private:
    explicit GifPaletteMap(FilterGraph graph) : graph_(std::move(graph)) {}
    FilterGraph graph_;
};

/// Parameters of a GIF besides its frames.
struct GifForm {
    int width = 0;
    int height = 0;
    int last_delay = 0;   ///< Duration of the last frame, in hundredths of a second.
    std::string comment;  ///< Plain ASCII, put before the first frame; empty: none.
};

/// Writes frames that share a palette to a GIF that loops.
class GifEncoder {
  public:
    /// Creates `file`; errors name it as `shown`, the name the user gave.
    [[nodiscard]] static Result<std::unique_ptr<GifEncoder>> open(const std::filesystem::path& file,
                                                                  const std::filesystem::path& shown,
                                                                  GifForm form);
    ~GifEncoder();
    GifEncoder(const GifEncoder&) = delete;
    GifEncoder& operator=(const GifEncoder&) = delete;

    /// A PAL8 frame with its time in hundredths of a second. All frames share one palette.
    [[nodiscard]] Result<void> encode(const AVFrame& frame);
    /// Writes the remaining packets and closes the file. Call once.
    [[nodiscard]] Result<void> close();

  private:
    GifEncoder(std::filesystem::path shown, GifForm form)
        : shown_(std::move(shown)), form_(std::move(form)) {}
    [[nodiscard]] Result<void> open_codec();
    [[nodiscard]] Result<void> open_output(const std::filesystem::path& file);
    /// Sends a frame (null: the end) and writes the resulting packets.
    [[nodiscard]] Result<void> send(const AVFrame* frame);
    [[nodiscard]] Result<void> add_comment();
    [[nodiscard]] tl::unexpected<Error> cannot_write(int code) const;

    std::filesystem::path shown_;
    GifForm form_;
    CodecContextPtr codec_;
    OutputContextPtr output_;
    PacketPtr packet_;
    bool commented_ = false;
    bool needs_trailer_ = false;
};

}  // namespace lact::app
