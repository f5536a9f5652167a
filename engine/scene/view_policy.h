#pragma once

#include "engine/core/error.h"
#include "engine/scene/camera_fields.h"
#include "engine/scene/scene_files.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lact {

// One policy for a bad view, shared by all readers. What is wrong with the file as a whole, its syntax and
// its intrinsics, is an error. What is wrong with one view leaves that view out and names it:
//
//   photo missing, unreadable or cut short    left out
//   pose missing, not finite, sheared,        left out
//     mirrored, or farther than 1e9
//   axes of the pose scaled                   normalised, with a remark
//   named mask missing, mask unreadable       used without the mask, with a remark
//   mask of another aspect that no file       used without the mask, with a remark (photo_source.h)
//     names
//   named mask of another aspect, or a mask   left out (when the photo is decoded: prepare.h)
//     that hides all
//   photo of another aspect, or one that      left out (when it is decoded)
//     cannot be decoded
//
// The scene opens as long as two views remain. A file that lists a single good view opens, too.

/// The number of views that must remain where any is left out.
inline constexpr std::size_t least_views = 2;

/// Why a view is left out.
enum class ViewDefect { no_photo, bad_photo, pose, mask };

/// A view that is left out. `error.where` names the file or field, `error.what` the defect.
struct LeftOutView {
    ViewDefect defect = ViewDefect::no_photo;
    std::string name;  ///< The photo's name in the scene file.
    Error error;
};

/// Notes of a reader, or of the decoder, about single views.
struct ViewNotes {
    std::vector<LeftOutView> left_out;
    std::vector<std::string> rescaled;      ///< Names of photos whose poses had scaled axes.
    std::vector<std::string> absent_masks;  ///< Photos whose masks do not exist or cannot be read.
};

/// Whether an existing photo can be used, judged by broken_image(); notes its defect under `name` otherwise.
[[nodiscard]] bool usable(const std::filesystem::path& photo, const std::string& name, ViewNotes& notes);
/// Notes that the photo of a view was not found; `wanted`: the path where it was expected.
void note_no_photo(const std::string& name, const std::filesystem::path& wanted, ViewNotes& notes);
/// The pose; nothing if it leaves the view out, which is noted.
[[nodiscard]] std::optional<Eigen::Matrix4d> usable_pose(Result<RigidPose> pose, const std::string& name,
                                                         ViewNotes& notes);
/// The mask that a view names; nothing, with a note, if it does not exist.
[[nodiscard]] std::optional<std::filesystem::path> usable_mask(
    const std::optional<std::filesystem::path>& mask, const std::string& name, ViewNotes& notes);

/// One remark for each kind of note; `count`: the number of views in the scene file.
[[nodiscard]] std::vector<SceneRemark> remarks_of(const ViewNotes& notes, std::size_t count);
/// Error where views were left out and fewer than two remain; it lists why. `where`: the list of views in
/// the scene file.
[[nodiscard]] Result<void> check_enough(std::size_t remaining, const ViewNotes& notes, std::size_t count,
                                        const std::string& where);
/// Drops masks that broken_image() refuses, checks that enough views remain and adds the remarks to the
/// scene.
[[nodiscard]] Result<void> settle(SceneFiles& scene, ViewNotes notes, std::size_t count,
                                  const std::string& where);

/// Sets SceneView::outlying by the poses and names the outlying cameras in one remark, which replaces an
/// earlier one.
void mark_outlying(SceneFiles& scene);

}  // namespace lact
