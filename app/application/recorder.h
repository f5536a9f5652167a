#pragma once

#include "app/application/application.h"

#include <filesystem>
#include <string>

namespace lact::app {

struct RecordOptions {
    std::string what = "window";  ///< "window", or "view": the View panel alone, at the size of the window.
    double fps = 30;
    int quality = 18;
    double from = 0;     ///< Seconds left out at the beginning.
    double seconds = 0;  ///< Length; 0: to the end of path and script.
    bool labels =
        false;  ///< Of the view: with its captions, the photo in the corner, and bars beside the image.
    ScriptRights rights = ScriptRights::shows;         ///< Of the script of the session.
    std::string script_name = "the session's script";  ///< In errors.
    std::filesystem::path path;  ///< A camera path in place of that of the session; empty: none.
    std::filesystem::path output;
};

struct RecordedVideo {
    int frames = 0;
    int width = 0;
    int height = 0;
    std::string encoder;
};

/// Longest video, seconds: a script that never ends must not fill the disk.
inline constexpr double longest_video = 3600;

/// Records a session as a video: opens it, waits until it is set up, then runs its script with the clock set
/// for each frame, which is drawn until nothing is computed any more. Without a script the camera follows the
/// path of the session, or orbits once where there is none. Frames do not depend on how fast they are drawn.
/// The video carries its provenance and the session. Errors: those of the session, script, display and sink.
[[nodiscard]] Result<RecordedVideo> record(Application& program, const SessionFile& session,
                                           const RecordOptions& options, const Job& job);

}  // namespace lact::app
