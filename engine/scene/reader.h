#pragma once

#include "engine/core/error.h"
#include "engine/scene/scene.h"

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>

namespace lact {

/// One format of scenes. A new format is one implementation of this, listed in scene.cpp.
class SceneReader {
  public:
    SceneReader() = default;
    SceneReader(const SceneReader&) = delete;
    SceneReader& operator=(const SceneReader&) = delete;
    virtual ~SceneReader() = default;

    /// The name that Scene::format gets, e.g. "lact-json".
    [[nodiscard]] virtual std::string_view format() const = 0;
    /// For the message that nothing was recognised, e.g. "opencv_cameras.json (LaCT)".
    [[nodiscard]] virtual std::string_view looked_for() const = 0;
    /// What read() is to be given if `path`, a folder or a file, is a scene of this format. Says nothing
    /// about whether the scene is free of errors, and has none itself.
    [[nodiscard]] virtual std::optional<std::filesystem::path> detect(
        const std::filesystem::path& path) const = 0;
    /// Views, format and warnings; read_scene() fills in folder and name.
    [[nodiscard]] virtual Result<Scene> read(const std::filesystem::path& file) const = 0;
};

[[nodiscard]] const SceneReader& lact_json_reader();
[[nodiscard]] const SceneReader& transforms_json_reader();
[[nodiscard]] const SceneReader& colmap_reader();
/// All of them, in the order in which they are asked.
[[nodiscard]] std::array<const SceneReader*, 3> scene_readers();

/// The reader of a path and what it is to be given.
struct FoundScene {
    const SceneReader* reader = nullptr;
    std::filesystem::path file;
};
/// The first reader that knows the path; none where it is no scene of any format.
[[nodiscard]] std::optional<FoundScene> find_scene(const std::filesystem::path& path);
/// Of photos that belong to a scene: that scene, in the folder above them. None where there is none.
[[nodiscard]] std::optional<FoundScene> scene_above(const std::filesystem::path& photos);

}  // namespace lact
