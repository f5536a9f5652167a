#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace lact::app {

enum class OpenKind { scene, photos, weights, script, session, camera_path, training, unknown };

/// What a path given or dropped is to be opened as.
struct OpenTarget {
    OpenKind kind = OpenKind::unknown;
    std::filesystem::path path;
    std::string sentence;    ///< For `unknown`: why, and what is understood.
    std::size_t photos = 0;  ///< For `photos`: how many there are.
    std::string why = {};    ///< For `unknown`: why alone, "is not there".
    bool is_folder = false;  ///< For `unknown`.
};

/// Looks at names and the beginning of things only: a scene found here may still be broken. Folders and JSON
/// files that a scene reader recognises are scenes, folders of photos (in themselves or in their folder
/// "images") whose poses could be found `photos`, .safetensors and .pt files weights, JSON lists scripts,
/// JSON objects with the keys of a camera path (ours, instant-ngp's, nerfstudio's) camera paths,
/// folders of `lactscope train` training runs; sessions are JSON objects that say so, and pictures and films
/// that carry one.
[[nodiscard]] OpenTarget dispatch_path(const std::filesystem::path& path);

/// The path that a person typed or pasted: without blanks around it, a leading ~/ as the home folder, and
/// addresses of files (file:///a%20b) as paths.
[[nodiscard]] std::string typed_path(std::string_view text);

}  // namespace lact::app
