#pragma once

#include "app/video/filter_graph.h"

#include <string>

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

}  // namespace lact::app
