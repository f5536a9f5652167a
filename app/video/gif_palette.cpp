#include "app/video/gif_palette.h"

#include <fmt/format.h>

namespace lact::app {
namespace {

std::string frames_source(int width, int height) {
    return fmt::format("buffer@frames=video_size={}x{}:pix_fmt=rgb24:time_base=1/100:pixel_aspect=1/1", width,
                       height);
}

// How colours are chosen and mixed was decided by eye, on films of this program's window.
//
// Which colours: those of all pixels (`full`). Counting only what changes (`diff`) gives moving pictures a
// few colours more and takes them from what stands still: white became 254 with a speckle and grey text had a
// tint, while with `full` the window's surfaces and white keep their values to the bit.
//
// How others are mixed of them: error diffusion (`sierra2_4a`). Without it, and with ordered patterns that
// are weak enough to stay invisible on surfaces (bayer 5, 3), the views of the model and heat maps showed
// contours like a map's; stronger patterns (bayer 1) screen the letters. Diffusion leaves colours alone that
// the palette has, so text stays clean. `rectangle` diffuses anew only where the picture changes: what stands
// still does not crawl, and need not be written again.
constexpr const char* choose = "palettegen=max_colors=256:reserve_transparent=1:stats_mode=full";
constexpr const char* mix = "paletteuse=dither=sierra2_4a:diff_mode=rectangle";

}  // namespace

Result<GifPaletteMaker> GifPaletteMaker::create(int width, int height, const std::string& shown) {
    LACT_TRY(FilterGraph graph,
             FilterGraph::create(fmt::format("{},{},buffersink@out", frames_source(width, height), choose),
                                 shown));
    return GifPaletteMaker(std::move(graph));
}

Result<void> GifPaletteMaker::add(AVFrame& frame) {
    LACT_CHECK(graph_.push("buffer@frames", &frame));
    // The palette comes at the end; asking makes the filter take the frame now.
    LACT_TRY(const FramePtr early, graph_.pull());
    return early ? Result<void>(fail("palettegen", "gave a palette before the end")) : Result<void>();
}

Result<FramePtr> GifPaletteMaker::palette() {
    LACT_CHECK(graph_.push("buffer@frames", nullptr));
    LACT_TRY(FramePtr palette, graph_.pull());
    if (!palette) {
        return fail("palettegen", "gave no palette");
    }
    return palette;
}

Result<GifPaletteMap> GifPaletteMap::create(int width, int height, AVFrame& palette,
                                            const std::string& shown) {
    const std::string colours =
        fmt::format("buffer@palette=video_size={}x{}:pix_fmt={}:time_base=1/100:pixel_aspect=1/1",
                    palette.width, palette.height, palette.format);
    LACT_TRY(FilterGraph graph,
             FilterGraph::create(fmt::format("{}[frames];{}[palette];[frames][palette]{},buffersink@out",
                                             frames_source(width, height), colours, mix),
                                 shown));
    palette.pts = 0;
    LACT_CHECK(graph.push("buffer@palette", &palette));
    LACT_CHECK(graph.push("buffer@palette", nullptr));
    return GifPaletteMap(std::move(graph));
}

Result<void> GifPaletteMap::push(AVFrame* frame) {
    return graph_.push("buffer@frames", frame);
}

Result<FramePtr> GifPaletteMap::pull() {
    LACT_TRY(FramePtr frame, graph_.pull());
    if (frame) {
        frame->pts = av_rescale_q(frame->pts, graph_.time_base(), {1, 100});
    }
    return frame;
}

}  // namespace lact::app
