#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <Eigen/Core>

namespace lact {

/// Farthest-point sampling over camera positions: starts with view 0, then repeatedly takes the view
/// farthest from its nearest chosen one; the lower index wins ties. Returns min(count, positions.size())
/// indices in the order of choice.
[[nodiscard]] std::vector<std::size_t> farthest_point_views(std::span<const Eigen::Vector3d> positions,
                                                            std::size_t count);

/// A candidate for an input view.
struct InputCandidate {
    Eigen::Vector3d position = Eigen::Vector3d::Zero();
    bool test = false;      ///< Reserved for testing.
    bool outlying = false;  ///< As SceneView::outlying.
};
/// farthest_point_views() among the views that are neither reserved for testing nor outlying. If none is
/// left, among those that are not outlying, and then among all.
[[nodiscard]] std::vector<std::size_t> spread_inputs(std::span<const InputCandidate> views,
                                                     std::size_t count);

/// The view of `candidates` (not empty) whose camera position is nearest to `position`; the lower index wins
/// ties.
[[nodiscard]] std::size_t nearest_view(std::span<const Eigen::Vector3d> positions,
                                       std::span<const std::size_t> candidates,
                                       const Eigen::Vector3d& position);

}  // namespace lact
