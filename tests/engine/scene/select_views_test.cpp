#include "engine/scene/select_views.h"

#include <array>
#include <cmath>

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

TEST(SpreadInputs, LeaveOutWhatIsKeptForTesting) {
    std::vector<InputCandidate> views;
    std::vector<Eigen::Vector3d> training;
    std::vector<std::size_t> index;
    for (int i = 0; i < 12; ++i) {
        const Eigen::Vector3d position{std::sin(i * 2.3), std::cos(i * 1.7), 0.1 * i};
        views.push_back({position, i % 3 == 0});
        if (i % 3 != 0) {
            training.push_back(position);
            index.push_back(static_cast<std::size_t>(i));
        }
    }
    const auto chosen = spread_inputs(views, 5);
    const auto places = farthest_point_views(training, 5);
    ASSERT_EQ(chosen.size(), 5U);
    for (std::size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(chosen[i], index[places[i]]);
    }
    EXPECT_EQ(spread_inputs(views, 100).size(), 8U);
    for (InputCandidate& view : views) {
        view.test = true;
    }
    EXPECT_EQ(spread_inputs(views, 100).size(), 12U) << "there is nothing else";
}

TEST(SpreadInputs, OutlyingViewsComeLast) {
    const auto candidate = [](double x, bool reserved, bool outlying) {
        return InputCandidate{{x, 0, 0}, reserved, outlying};
    };
    const std::vector<InputCandidate> mixed{candidate(1000, false, true), candidate(0, false, false),
                                            candidate(9, true, false), candidate(1, false, false)};
    EXPECT_EQ(spread_inputs(mixed, 4), (Indices{1, 3}));
    const std::vector<InputCandidate> tests{candidate(1000, false, true), candidate(0, true, false)};
    EXPECT_EQ(spread_inputs(tests, 4), (Indices{1}));
    const std::vector<InputCandidate> all{candidate(1000, false, true), candidate(0, true, true)};
    EXPECT_EQ(spread_inputs(all, 4), (Indices{0}));
}

}  // namespace
}  // namespace lact
