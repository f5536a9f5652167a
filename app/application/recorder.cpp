#include "app/application/recorder.h"

#include "app/commands/output_files.h"
#include "app/ui/panel_widgets.h"
#include "app/video/frame_sink.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {

namespace {

/// The part of a frame that a video shows: left and top edge, and size.
struct Crop {
    int left = 0;
    int top = 0;
    Size size;
};

/// Crops to a part, and to even width and height, as H.264 needs.
Image8 cropped(Image8 image, const Crop& crop) {
    const int width = crop.size.width - crop.size.width % 2;
    const int height = crop.size.height - crop.size.height % 2;
    if (width == image.width && height == image.height && image.channels == 3) {
        return image;
    }
    Image8 result{width, height, 3, {}};
    result.pixels.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
    for (int y = crop.top; y < crop.top + height; ++y) {
        for (int x = crop.left; x < crop.left + width; ++x) {
            const auto* pixel =
                &image.pixels[(static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                               static_cast<std::size_t>(x)) *
                              static_cast<std::size_t>(image.channels)];
            result.pixels.insert(result.pixels.end(), pixel, pixel + 3);
        }
    }
    return result;
}

/// Whether the video is the rendering alone: the view without its labels, and never with two sides, which
/// take the whole width.
bool is_clean(const Application& program, const RecordOptions& options, const nlohmann::json& script) {
    const auto compares = [](const nlohmann::json& step) {
        const auto begins = [&step](const char* key) {
            const auto id = step.find(key);
            return id != step.end() && id->is_string() && id->get<std::string>().starts_with("compare.");
        };
        return begins("action") || begins("set");
    };
    return options.what == "view" && !options.labels && !program.document().compare.on &&
           std::ranges::none_of(script, compares);
}

/// The whole frame, or of a clean video the rendering without the bars beside it.
Crop crop_of(const Application& program, const Image8& window, bool clean) {
    const auto& scene = program.snapshot()->scene;
    if (!clean || !scene) {
        return {0, 0, {window.width, window.height}};
    }
    const gfx::Rect rect =
        fit_image({0, 0}, {static_cast<float>(window.width), static_cast<float>(window.height)},
                  scene->size.width, scene->size.height);
    return {static_cast<int>(rect.min.x),
            static_cast<int>(rect.min.y),
            {static_cast<int>(rect.max.x - rect.min.x), static_cast<int>(rect.max.y - rect.min.y)}};
}

/// The script of a session that has none.
nlohmann::json default_script(const SessionFile& session) {
    if (!session.track.keys.empty()) {
        return {{{"action", "path.play"}}};
    }
    return {{{"action", "camera.glide"}, {"with", {{"yaw", 360}, {"seconds", 8}}}}};
}

FrameSinkOptions sink_options(const Application& program, const SessionFile& session,
                              const RecordOptions& options, const Image8& frame) {
    FrameSinkOptions sink;
    sink.width = frame.width;
    sink.height = frame.height;
    sink.fps = options.fps;
    sink.quality = options.quality;
    sink.provenance = provenance(*program.snapshot());
    sink.provenance.emplace_back("recorded", options.what);
    sink.provenance.emplace_back("session", dump_json(to_json(session)));
    return sink;
}

Result<Image8> frame_at(Application& program, double seconds, bool clean, const Job& job) {
    program.hold_clock(seconds);
    LACT_TRY(const Image8 window, program.exact_frame(job));
    LACT_CHECK(program.first_error());
    return cropped(window, crop_of(program, window, clean));
}

/// Error: the rendering has another size than in the first frame, so that a video without bars beside it
/// cannot go on.
Result<void> check_size(const RecordedVideo& video, const Image8& frame, const RecordOptions& options) {
    if (frame.width == video.width && frame.height == video.height) {
        return {};
    }
    return fail("recording",
                fmt::format("the rendering fills {}x{} pixels at {:.2f} s and {}x{} at the beginning: the "
                            "script changes its size",
                            frame.width, frame.height, options.from + video.frames / options.fps, video.width,
                            video.height),
                "Record the view with labels (--labels) or the window: their size stays.");
}

/// Opens the session, with the requested camera path in place of its own; nothing plays yet.
Result<void> open_for_recording(Application& program, SessionFile session, const RecordOptions& options,
                                const Job& job) {
    session.script = nlohmann::json::array();
    job.progress("opening", 0);
    program.hide_times();
    if (options.what == "view") {
        program.shell().show_only("View");
    }
    program.take_interface_of_sessions();
    LACT_CHECK(program.open_session(session, options.rights));
    LACT_CHECK(program.settle(300, job.stop));
    LACT_CHECK(program.first_error());
    if (!options.path.empty()) {
        LACT_CHECK(program.commands().run(LoadPath{options.path.string()}));
    }
    // A preview would show the path in the corner and keep the view still.
    return program.parameters().set("path.preview", false);
}

/// Plays the part that is left out, so that the first frame equals that frame of the full video.
Result<int> skip(Application& program, const RecordOptions& options, bool clean, const Job& job) {
    const int skipped = static_cast<int>(std::lround(options.from * options.fps));
    for (int i = 0; i < skipped && (i == 0 || !program.playback_over()); ++i) {
        LACT_CHECK(frame_at(program, i / options.fps, clean, job));
        job.progress("going to the beginning", static_cast<double>(i) / skipped);
    }
    if (skipped > 0 && program.playback_over()) {
        return fail("recording", fmt::format("path and script are over before {} s", options.from),
                    "Begin earlier.");
    }
    return skipped;
}

}  // namespace

Result<RecordedVideo> record(Application& program, const SessionFile& session, const RecordOptions& options,
                             const Job& job) {
    LACT_CHECK(check_frame_rate(options.output, options.fps));
    LACT_CHECK(open_for_recording(program, session, options, job));
    SessionFile shown = program.session();
    shown.script = session.script.empty() ? default_script(shown) : session.script;
    program.hold_clock(0);
    // The interface is that of the recording, not of the user.
    const ScriptRights rights = std::max(options.rights, ScriptRights::customizes);
    LACT_CHECK(program.run_script(shown.script, options.script_name, rights));
    const bool clean = is_clean(program, options, shown.script);
    if (clean) {
        LACT_CHECK(program.parameters().set("viewport.overlays", false));
    }
    LACT_TRY(const int skipped, skip(program, options, clean, job));
    std::unique_ptr<FrameSink> sink;
    RecordedVideo video;
    const double limit = options.seconds > 0 ? options.seconds : longest_video;
    const int most = std::max(1, static_cast<int>(std::lround(limit * options.fps)));
    while (video.frames < most) {
        if (job.stopped()) {
            return cancelled();
        }
        LACT_TRY(const Image8 frame, frame_at(program, (skipped + video.frames) / options.fps, clean, job));
        if (!sink) {
            video.width = frame.width;
            video.height = frame.height;
            LACT_TRY(sink, open_frame_sink(options.output, sink_options(program, shown, options, frame)));
        }
        LACT_CHECK(check_size(video, frame, options));
        LACT_CHECK(sink->write(frame));
        ++video.frames;
        const double seconds = video.frames / options.fps;
        const double whole =
            options.seconds > 0 ? options.seconds : seconds + program.playback_seconds_left();
        job.progress("recording", std::min(1.0, seconds / whole));
        if (options.seconds <= 0 &&
            (program.playback_over() || program.loop_closes_within(1 / options.fps))) {
            break;
        }
    }
    LACT_CHECK(sink->finish(job));
    video.encoder = sink->encoder_name();
    return video;
}

}  // namespace lact::app
