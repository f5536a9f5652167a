#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/scene/normalize.h"
#include "engine/scene/prepare.h"
#include "engine/scene/scene_files.h"

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <Eigen/Core>

namespace lact {

/// The photos of a scene, decoded once at one size, with normalised cameras. Immutable and shared: a choice
/// of views is a list of indices, and no choice, rule or normalization copies or decodes an image again.
struct ViewSet {
    std::filesystem::path path;        ///< As opened: the folder of the scene, or the file in it.
    SceneFiles files;                  ///< With the poses of the files.
    std::vector<SceneRemark> remarks;  ///< Those of the files, and what decoding at this size assumed.
    NormalizationChoice normalization;
    double radius = 0;                   ///< Mean camera distance; in use for Normalization::object alone.
    std::vector<Eigen::Matrix4d> poses;  ///< Normalised camera-to-world poses of all views of the files.
    Size size;                           ///< Of every image.
    std::vector<PreparedView>
        views;  ///< By ascending index; all views of the files unless a subset was chosen.

    /// The view of an index in the files; it is one of `views`.
    [[nodiscard]] const PreparedView& view(std::size_t index) const;
    /// File name of a view's photo.
    [[nodiscard]] std::string photo_name(std::size_t index) const;
    /// The views of these indices, in that order; they share the images.
    [[nodiscard]] std::vector<PreparedView> chosen(std::span<const std::size_t> indices) const;
};

/// Placement of the cameras of a view set.
struct Placement {
    NormalizationChoice normalization;
    double radius = 0;  ///< As in normalized_poses().
};

/// Decodes the views of `indices`, each once. Errors: those of prepare_views().
[[nodiscard]] Result<std::shared_ptr<const ViewSet>> make_view_set(const std::filesystem::path& path,
                                                                   SceneFiles files,
                                                                   const Placement& placement, Size size,
                                                                   std::vector<std::size_t> indices,
                                                                   const Job& job = {});

/// A set of views that are decoded already, by ascending index.
[[nodiscard]] std::shared_ptr<const ViewSet> assemble_view_set(const std::filesystem::path& path,
                                                               SceneFiles files, const Placement& placement,
                                                               Size size, std::vector<PreparedView> views);

/// The same images with cameras at another mean distance; `set` itself where that changes nothing.
[[nodiscard]] std::shared_ptr<const ViewSet> with_radius(const std::shared_ptr<const ViewSet>& set,
                                                         double radius);

}  // namespace lact
