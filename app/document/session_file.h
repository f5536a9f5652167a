#pragma once

#include "app/document/viewpoint.h"
#include "engine/core/error.h"
#include "engine/scene/camera_track.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace lact::app {

/// The complete state of the window, enough to show and record it again: open files, camera, all parameters,
/// camera path, layout, and a script. Saved as JSON, and embedded in images and videos.
struct SessionFile {
    std::filesystem::path scene;                  ///< Empty: the bundled one.
    std::optional<std::uint64_t> generated_seed;  ///< Of a generated object, which can be generated again.
    std::string generated_family = "general";     ///< Name or file of its family.
    std::filesystem::path weights;                ///< Empty: the bundled ones.
    std::string weights_sha256;                   ///< Empty: not known.
    std::vector<std::size_t> inputs;              ///< Empty: as the scene opens.
    std::optional<Viewpoint> viewpoint;
    nlohmann::json parameters = nlohmann::json::object();  ///< Values by id.
    CameraTrack track;                                     ///< No keys: no path.
    nlohmann::json script = nlohmann::json::array();       ///< Steps, run from the first frame on.
    std::string layout;                                    ///< Dear ImGui's ini text; empty: the default one.
    std::vector<std::string> notes;  ///< Files found elsewhere than written, one sentence each; not stored.
};

inline constexpr int session_file_version = 1;

/// `{"lactscope_session": 1, ...}`. Paths beneath the bundled assets are written as "asset:scenes/bouquet",
/// so that a session is the same elsewhere.
[[nodiscard]] nlohmann::json to_json(const SessionFile& session);
/// Relative paths start at `folder`. A scene or weights that are not where they were, also those of another
/// machine, are looked for near `folder` (FileFinder) and noted. Errors name the field: no session, a newer
/// version, a value of the wrong type, those of the camera track.
[[nodiscard]] Result<SessionFile> session_from(const nlohmann::json& json, const std::string& where,
                                               const std::filesystem::path& folder);

[[nodiscard]] Result<SessionFile> load_session_file(const std::filesystem::path& path);
/// Atomically.
[[nodiscard]] Result<void> save_session_file(const std::filesystem::path& path, const SessionFile& session);
/// Whether a JSON value is a session.
[[nodiscard]] bool is_session(const nlohmann::json& json);

}  // namespace lact::app
