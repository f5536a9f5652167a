#include "app/cli/render_video.h"

#include "app/video/frame_sink.h"
#include "engine/core/text_file.h"

#include <nlohmann/json.hpp>

namespace lact::app {

Result<std::string> render_video(Opened& opened, std::span<const Camera> cameras,
                                 const std::filesystem::path& output, const VideoOptions& options,
                                 const Job& job) {
    nlohmann::json made_by = provenance(opened);
    made_by["enlarged"] = options.scale;
    made_by["frames"] = cameras.size();
    FrameSinkOptions sink_options;
    sink_options.width = opened.scene.set->size.width * options.scale;
    sink_options.height = opened.scene.set->size.height * options.scale;
    sink_options.fps = options.fps;
    sink_options.quality = options.quality;
    for (const auto& [key, value] : made_by.items()) {
        sink_options.provenance.emplace_back(key,
                                             value.is_string() ? value.get<std::string>() : dump_json(value));
    }
    LACT_TRY(const auto sink, open_frame_sink(output, sink_options));
    for (std::size_t i = 0; i < cameras.size(); ++i) {
        if (job.stopped()) {
            return cancelled();
        }
        job.progress("rendering", static_cast<double>(i) / static_cast<double>(cameras.size()));
        // Reports progress over the frames only: that of each single rendering would flicker.
        LACT_TRY(const Frame frame, opened.session.render(cameras[i], Job{{}, {}, job.stop}));
        LACT_TRY(const Image8 image, enlarge(to_image8(frame.image), options.scale, options.filter));
        LACT_CHECK(sink->write(image));
    }
    job.progress("rendering", 1);
    LACT_CHECK(sink->finish(job));
    return sink->encoder_name();
}

}  // namespace lact::app
