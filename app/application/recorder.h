#pragma once

#include "app/application/application.h"

#include <filesystem>
#include <functional>
#include <string>

namespace lact::app {

struct RecordOptions {
    std::string what = "window";  ///< "window", or "view": the viewport alone, in the window's size.
    double fps = 30;
    int quality = 18;
    double from = 0;             ///< Seconds of the story that are left out at its beginning.
    double seconds = 0;          ///< From there; 0: until path and script have ended.
    std::filesystem::path path;  ///< A camera path in place of the session's; empty: its own.
    std::filesystem::path output;
};

struct RecordedVideo {
    int frames = 0;
    int width = 0;
    int height = 0;
    std::string encoder;
};

/// Longest film, seconds: a script that never ends must not fill the disk.
inline constexpr double longest_video = 3600;

/// Records the session: opens it, waits until it is set up, then runs its script with the program's clock set
/// frame by frame, each frame drawn until nothing is computed any more. Without a script the camera flies the
/// session's path, or once around where there is none. Frames do not depend on how fast they are made. What
/// made the film stands in it, the session included. Errors: those of the session, script, display and sink.
[[nodiscard]] Result<RecordedVideo> record(Application& program, const SessionFile& session,
                                           const RecordOptions& options, const Job& job);

}  // namespace lact::app
