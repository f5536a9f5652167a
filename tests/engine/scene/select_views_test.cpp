#include "engine/scene/select_views.h"

#include <array>

#include <gtest/gtest.h>

namespace lact {
namespace {

using Positions = std::vector<Eigen::Vector3d>;
using Indices = std::vector<std::size_t>;

TEST(FarthestPointViews, StartsAtViewZeroAndTakesTheFarthest) {
    const Positions line{{0, 0, 0}, {1, 0, 0}, {5, 0, 0}, {9, 0, 0}, {10, 0, 0}};
    EXPECT_EQ(farthest_point_views(line, 3), (Indices{0, 4, 2}));
}

TEST(FarthestPointViews, TiesGoToTheLowerIndex) {
    const Positions cross{{0, 0, 0}, {1, 0, 0}, {0, 2, 0}, {-2, 0, 0}, {0, -2, 0}};
    EXPECT_EQ(farthest_point_views(cross, 5), (Indices{0, 2, 3, 4, 1}));
}

TEST(FarthestPointViews, NeverRepeatsAViewWhereCamerasCoincide) {
    const Positions same(4, Eigen::Vector3d(1, 2, 3));
    EXPECT_EQ(farthest_point_views(same, 4), (Indices{0, 1, 2, 3}));
}

TEST(FarthestPointViews, GivesAtMostWhatThereIs) {
    const Positions two{{0, 0, 0}, {1, 0, 0}};
    EXPECT_EQ(farthest_point_views(two, 9), (Indices{0, 1}));
    EXPECT_TRUE(farthest_point_views(two, 0).empty());
    EXPECT_TRUE(farthest_point_views({}, 3).empty());
}

TEST(NearestView, TakesTheNearestCandidateTiesToTheLowerIndex) {
    const Positions line{{0, 0, 0}, {1, 0, 0}, {3, 0, 0}, {-3, 0, 0}};
    const std::array<std::size_t, 3> candidates{3, 2, 1};
    EXPECT_EQ(nearest_view(line, candidates, {0.2, 0, 0}), 1U);
    const std::array<std::size_t, 2> tied{3, 2};
    EXPECT_EQ(nearest_view(line, tied, {0, 5, 0}), 2U);
}

}  // namespace
}  // namespace lact
