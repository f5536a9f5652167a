#pragma once

#include "app/video/av_handles.h"
#include "engine/core/error.h"

#include <memory>
#include <string>

extern "C" {
#include <libavfilter/avfilter.h>
}

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
