#include "app/video/filter_graph.h"

#include <cerrno>

#include <fmt/format.h>

extern "C" {
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
}

namespace lact::app {

Result<FilterGraph> FilterGraph::create(const std::string& description, std::string shown) {
    FilterGraph made(std::move(shown));
    made.graph_.reset(avfilter_graph_alloc());
    if (!made.graph_) {
        return fail(made.shown_, "out of memory");
    }
    // One thread: bands of a picture are no faster than the pictures here are, and results are the same
    // wherever the film is made.
    made.graph_->nb_threads = 1;
    int code = avfilter_graph_parse_ptr(made.graph_.get(), description.c_str(), nullptr, nullptr, nullptr);
    if (code >= 0) {
        code = avfilter_graph_config(made.graph_.get(), nullptr);
    }
    made.sink_ = avfilter_graph_get_filter(made.graph_.get(), "buffersink@out");
    if (code < 0 || made.sink_ == nullptr) {
        return fail(made.shown_,
                    fmt::format("libav's filters do not work: {}",
                                code < 0 ? av_reason(code) : std::string("no way out of them")),
                    "Install Debian's libavfilter8.");
    }
    return made;
}

Result<void> FilterGraph::push(const char* source, AVFrame* frame) {
    AVFilterContext* context = avfilter_graph_get_filter(graph_.get(), source);
    const int code = context != nullptr
                         ? av_buffersrc_add_frame_flags(context, frame, AV_BUFFERSRC_FLAG_KEEP_REF)
                         : AVERROR(EINVAL);
    if (code < 0) {
        return fail(shown_, fmt::format("libav's filter {} takes no frame: {}", source, av_reason(code)));
    }
    return {};
}

Result<FramePtr> FilterGraph::pull() {
    FramePtr frame(av_frame_alloc());
    const int code = frame ? av_buffersink_get_frame(sink_, frame.get()) : AVERROR(ENOMEM);
    if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) {
        return FramePtr();
    }
    if (code < 0) {
        return fail(shown_, "libav's filters failed: " + av_reason(code));
    }
    return frame;
}

AVRational FilterGraph::time_base() const {
    return av_buffersink_get_time_base(sink_);
}

}  // namespace lact::app
