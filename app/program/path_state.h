#pragma once

#include "engine/scene/camera_track.h"
#include "engine/scene/flight.h"

#include <optional>
#include <string>
#include <vector>

namespace lact::app {

/// The camera path that is edited and flown; part of the view's state.
struct PathState {
    CameraTrack track;
    double time = 0;                      ///< Where on the path one is, seconds.
    std::optional<std::size_t> selected;  ///< A key.

    /// The path is flown by a second camera, whose picture is in the view's corner; the view's own stays.
    bool preview = false;
    bool turn_handle = false;  ///< The handle on the selected key turns it; otherwise it moves it.

    bool playing = false;
    double play_from = 0;   ///< `time` when playing began,
    double play_began = 0;  ///< and the clock then.

    bool recording = false;  ///< A free flight is being recorded.
    double record_began = 0;
    std::vector<FlightSample> flight;

    /// What flies it; empty where there is no path that can be flown.
    [[nodiscard]] std::optional<TrackEvaluator> evaluator() const {
        auto made = TrackEvaluator::make(track);
        return made ? std::optional(std::move(*made)) : std::nullopt;
    }
};

/// What is recorded, and how.
struct RecordChoice {
    std::string what = "window";  ///< "window", or "view": the viewport alone, in the same size.
    std::string format = "mp4";   ///< "mp4", "gif", or "png": a folder of pictures.
    int width = 1280;
    int height = 800;
    double fps = 30;
    int quality = 18;    ///< MP4: constant rate factor.
    double from = 0;     ///< Seconds of the story that are left out at its beginning.
    double seconds = 0;  ///< From there; 0: until the path and the script have ended.
    std::string folder;  ///< Where films are written; empty: the current one.
};

}  // namespace lact::app
