#pragma once

#include "app/commands/services.h"
#include "app/document/frame_clock.h"
#include "engine/core/error.h"
#include "engine/scene/camera_track_import.h"

#include <cstdint>
#include <filesystem>
#include <span>

#include <Eigen/Core>

namespace lact::app {

/// Edits and plays the camera path: its commands and parameters, and the motion of the camera along it.
class PathController {
  public:
    PathController(PanelServices services, const FrameClock& clock) : services_(services), clock_(&clock) {}

    [[nodiscard]] Result<void> add_commands(CommandTable& commands);
    [[nodiscard]] Result<void> add_parameters(ParameterTable& parameters);
    /// Before each frame: moves the camera along the path, or records a flight of the user.
    void advance();
    /// The camera is being moved along the path.
    [[nodiscard]] bool playing() const { return path().playing; }
    /// Seconds left. In a loop: until the first round ends, then 0.
    [[nodiscard]] double seconds_left() const;

  private:
    [[nodiscard]] PathState& path() const { return services_.document->path; }
    [[nodiscard]] std::string no_scene() const;
    [[nodiscard]] std::string no_path() const;
    [[nodiscard]] Result<void> add_key();
    [[nodiscard]] Result<void> set_key(const SetPathKey& set);
    [[nodiscard]] Result<void> remove_key(const RemovePathKey& remove);
    [[nodiscard]] Result<void> use_preset(const UsePathPreset& use);
    [[nodiscard]] Result<void> save(const SavePath& save) const;
    [[nodiscard]] Result<void> load(const LoadPath& load);
    [[nodiscard]] Result<void> end_flight();
    [[nodiscard]] Result<std::size_t> key_index(std::uint64_t key) const;
    [[nodiscard]] Result<void> add_editing(CommandTable& commands);
    [[nodiscard]] Result<void> add_playing(CommandTable& commands);
    [[nodiscard]] Result<void> add_files(CommandTable& commands);
    void play();
    void move_to(double time);

    PanelServices services_;
    const FrameClock* clock_;
    double advanced_at_ = -1;  ///< Clock of the last motion, seconds.
    std::uint64_t moves_ = 0;  ///< Document::moves() after that motion; any other motion ends playback.
};

/// Options to import camera paths of other programs into the scene in `folder`: the similarity from the world
/// of the scene's file, in which its views have the poses `file` (c2w), to the world shown, in which the same
/// views have the poses `shown`. Errors: those of similarity_between().
[[nodiscard]] Result<TrackImportOptions> track_import_options(const std::filesystem::path& folder,
                                                              std::span<const Eigen::Matrix4d> file,
                                                              std::span<const Eigen::Matrix4d> shown);

}  // namespace lact::app
