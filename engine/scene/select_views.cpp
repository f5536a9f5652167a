#include "engine/scene/select_views.h"

#include <algorithm>
#include <limits>

namespace lact {
namespace {

/// Regular captures are symmetric: distances that differ by rounding only are ties. Relative tolerance of
/// squared distances.
constexpr double tie = 2e-9;

}  // namespace

std::vector<std::size_t> farthest_point_views(std::span<const Eigen::Vector3d> positions, std::size_t count) {
    count = std::min(count, positions.size());
    std::vector<std::size_t> chosen;
    if (count == 0) {
        return chosen;
    }
    std::vector<double> distances(positions.size(), std::numeric_limits<double>::infinity());
    std::vector<bool> taken(positions.size(), false);
    std::size_t next = 0;
    while (true) {
        chosen.push_back(next);
        taken[next] = true;
        if (chosen.size() == count) {
            return chosen;
        }
        const Eigen::Vector3d& last = positions[next];
        bool found = false;
        for (std::size_t i = 0; i < positions.size(); ++i) {
            distances[i] = std::min(distances[i], (positions[i] - last).squaredNorm());
            // Farther beyond the tolerance; a tie keeps the lower index. A chosen view is never taken again,
            // also if several cameras share a position.
            if (!taken[i] && (!found || distances[i] > distances[next] * (1 + tie))) {
                next = i;
                found = true;
            }
        }
    }
}

std::vector<std::size_t> spread_inputs(std::span<const InputCandidate> views, std::size_t count) {
    const auto none = [&](const auto& wanted) { return std::ranges::none_of(views, wanted); };
    const bool all_outlying = none([](const InputCandidate& view) { return !view.outlying; });
    const bool all_tests =
        none([&](const InputCandidate& view) { return !view.test && (all_outlying || !view.outlying); });
    std::vector<std::size_t> indices;
    std::vector<Eigen::Vector3d> positions;
    for (std::size_t i = 0; i < views.size(); ++i) {
        if ((all_tests || !views[i].test) && (all_outlying || !views[i].outlying)) {
            indices.push_back(i);
            positions.push_back(views[i].position);
        }
    }
    std::vector<std::size_t> chosen = farthest_point_views(positions, count);
    std::ranges::transform(chosen, chosen.begin(), [&](std::size_t place) { return indices[place]; });
    return chosen;
}

std::size_t nearest_view(std::span<const Eigen::Vector3d> positions, std::span<const std::size_t> candidates,
                         const Eigen::Vector3d& position) {
    const auto distance = [&](std::size_t i) { return (positions[i] - position).squaredNorm(); };
    std::size_t best = candidates.front();
    for (const std::size_t i : candidates) {
        const bool nearer = distance(i) < distance(best) * (1 - tie);
        const bool as_near = distance(i) <= distance(best) * (1 + tie);
        if (nearer || (as_near && i < best)) {
            best = i;
        }
    }
    return best;
}

}  // namespace lact
