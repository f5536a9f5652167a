#pragma once

#include "engine/core/error.h"
#include "engine/scene/scene_files.h"

#include <array>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

namespace lact {

/// A scene format. A new format implements this class and is listed in reader.cpp. Each reader_*.cpp holds
/// one.
class SceneReader {
  public:
    SceneReader() = default;
    SceneReader(const SceneReader&) = delete;
    SceneReader& operator=(const SceneReader&) = delete;
    virtual ~SceneReader() = default;

    /// The value of SceneFiles::format, e.g. "lact-json".
    [[nodiscard]] virtual std::string_view format() const = 0;
    /// Description for the message that no scene was recognised, e.g. "opencv_cameras.json (LaCT)".
    [[nodiscard]] virtual std::string_view looked_for() const = 0;
    /// The argument of read() if `path`, a folder or a file, is a scene of this format. Does not validate
    /// the scene.
    [[nodiscard]] virtual std::optional<std::filesystem::path> detect(
        const std::filesystem::path& path) const = 0;
    /// Reads views, format and warnings; read_scene() adds folder and name.
    [[nodiscard]] virtual Result<SceneFiles> read(const std::filesystem::path& file) const = 0;
};

[[nodiscard]] const SceneReader& lact_json_reader();
[[nodiscard]] const SceneReader& transforms_json_reader();
[[nodiscard]] const SceneReader& colmap_reader();
/// All readers, in the order in which find_scene() tries them.
[[nodiscard]] std::array<const SceneReader*, 3> scene_readers();

/// The reader of a path and the argument of its read().
struct FoundScene {
    const SceneReader* reader = nullptr;
    std::filesystem::path file;
};
/// The first reader that recognises the path; nothing if it is not a scene.
[[nodiscard]] std::optional<FoundScene> find_scene(const std::filesystem::path& path);
/// The folders of scenes one level below a folder or, if there are none, two levels below: archives are often
/// unpacked into a folder of their own. Of the folders with the cameras of a capture of ScanNet++ one counts.
/// At most 64 folders of a level are looked at.
[[nodiscard]] std::vector<std::filesystem::path> scenes_below(const std::filesystem::path& folder);

/// The scene that a folder of photos belongs to.
struct SceneAbove {
    std::filesystem::path cameras;  ///< Where the poses of the photos are.
    std::filesystem::path open;     ///< The folder above the photos or, where it has other photos too, the
                                    ///< file of these.
};
/// Nothing if no scene with cameras is above the folder or, of ScanNet++, beside it.
[[nodiscard]] std::optional<SceneAbove> scene_above(const std::filesystem::path& photos);

}  // namespace lact
