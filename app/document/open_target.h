#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace lact::app {

/// Extensions of what this program saves; each file is JSON, and opens under the name .json as well.
inline constexpr const char* session_extension = "lactscope";
inline constexpr const char* script_extension = "lactscript";
inline constexpr const char* camera_path_extension = "lactpath";

enum class OpenKind { scene, photos, weights, script, session, camera_path, training, unknown };

/// What a path is opened as.
struct OpenTarget {
    OpenKind kind = OpenKind::unknown;
    std::filesystem::path path;
    std::string sentence;    ///< For `unknown`: why, and what can be opened.
    std::size_t photos = 0;  ///< For `photos`: their number.
    std::string why = {};    ///< For `unknown`: only why, "is not there".
    bool is_folder = false;  ///< For `unknown`.
};

/// Classifies a path by names and the first bytes of files: a scene may still turn out to be invalid.
/// - scene: folders and JSON files that a scene reader recognizes;
/// - photos: folders of photos without poses (in the folder, or in its folder "images"), at least
///   fewest_photos_to_place;
/// - weights: .safetensors and .pt files, the index of their shards, and files that hold either format under
///   another name;
/// - script: JSON lists;
/// - camera_path: JSON objects with the keys of a camera path of this program, instant-ngp or nerfstudio;
/// - session: JSON objects with the key "lactscope_session", and images and videos that carry a session;
///   which of these three a JSON file is, is told by its content, not by its extension;
/// - training: folders of `lactscope train`.
[[nodiscard]] OpenTarget dispatch_path(const std::filesystem::path& path);

/// The path that the user typed or pasted: without blanks around it, a leading ~/ as the home folder, and
/// file URLs (file:///a%20b) as paths.
[[nodiscard]] std::string typed_path(std::string_view text);

}  // namespace lact::app
