#include "engine/experiment/projection.h"

#include <cmath>
#include <random>

#include <Eigen/Dense>
#include <gtest/gtest.h>

namespace lact {
namespace {

/// Points around centres, `each` of them at every centre.
PointSet clusters(const std::vector<std::vector<double>>& centres, std::size_t each, double spread) {
    std::mt19937 random(3);
    std::normal_distribution<double> normal(0, spread);
    PointSet points{0, centres.front().size(), {}};
    for (const auto& centre : centres) {
        for (std::size_t i = 0; i < each; ++i) {
            for (const double at : centre) {
                points.values.push_back(at + normal(random));
            }
            ++points.rows;
        }
    }
    return points;
}

PointSet two_clusters() {
    return clusters({{0, 0, 0, 0, 0}, {6, 0, 0, 3, 0}}, 40, 0.5);
}

TEST(Pca, IsTheEigenDecompositionOfTheCovariance) {
    const PointSet points = clusters({{0, 0, 0, 1}, {3, 1, 0, 2}, {0, 2, 1, -3}}, 30, 0.7);
    using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Matrix x = Eigen::Map<const Matrix>(points.values.data(), 90, 4);
    x.rowwise() -= x.colwise().mean();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(x.transpose() * x);
    const PcaResult result = pca(points);
    const double all = eigen.eigenvalues().sum();
    EXPECT_NEAR(result.variance_x, eigen.eigenvalues()(3) / all, 1e-12);
    EXPECT_NEAR(result.variance_y, eigen.eigenvalues()(2) / all, 1e-12);
    const auto expect_axis = [&](const std::vector<double>& axis, const std::vector<double>& along,
                                 Eigen::VectorXd expected) {
        Eigen::Index largest = 0;
        expected.cwiseAbs().maxCoeff(&largest);
        expected *= expected(largest) < 0 ? -1 : 1;
        for (Eigen::Index i = 0; i < 4; ++i) {
            EXPECT_NEAR(axis[static_cast<std::size_t>(i)], expected(i), 1e-10);
        }
        const Eigen::VectorXd projected = x * expected;
        for (Eigen::Index i = 0; i < 90; ++i) {
            EXPECT_NEAR(along[static_cast<std::size_t>(i)], projected(i), 1e-10);
        }
    };
    expect_axis(result.first, result.points.x, eigen.eigenvectors().col(3));
    expect_axis(result.second, result.points.y, eigen.eigenvectors().col(2));
}

TEST(Pca, OfPointsOnALineHasNoSecondDirection) {
    const PcaResult result = pca({3, 2, {0, 0, 1, -2, 2, -4}});
    EXPECT_NEAR(result.variance_x, 1, 1e-12);
    EXPECT_NEAR(result.variance_y, 0, 1e-12);
    EXPECT_NEAR(result.first[1], 2 / std::sqrt(5), 1e-12) << "the largest entry is positive";
    EXPECT_EQ(pca({1, 3, {4, 5, 6}}).points.y, std::vector<double>{0});
    EXPECT_TRUE(pca({}).points.x.empty());
}

TEST(TsneProjection, DivergenceFallsAndClustersStayApart) {
    Tsne tsne(two_clusters(), {});
    const double before = tsne.divergence();
    EXPECT_TRUE(tsne.advance(500));
    const double half_way = tsne.divergence();
    EXPECT_FALSE(tsne.advance(500));
    EXPECT_LT(half_way, before);
    EXPECT_LE(tsne.divergence(), half_way);
    EXPECT_LT(tsne.divergence(), 0.5 * before);
    const auto distance = [&](std::size_t i, std::size_t j) {
        return std::hypot(tsne.points().x[i] - tsne.points().x[j], tsne.points().y[i] - tsne.points().y[j]);
    };
    for (std::size_t i = 0; i < 80; ++i) {
        std::size_t nearest = i == 0 ? 1 : 0;
        for (std::size_t j = 0; j < 80; ++j) {
            nearest = j != i && distance(i, j) < distance(i, nearest) ? j : nearest;
        }
        EXPECT_EQ(i / 40, nearest / 40) << "the nearest point of " << i << " is of the other cluster";
    }
}

/// The Kullback-Leibler divergence from its definition; the width of each Gaussian is found by scanning.
double divergence_by_definition(const PointSet& points, const PlanePoints& plane, double perplexity) {
    const std::size_t n = points.rows;
    const auto squared = [&](std::size_t i, std::size_t j) {
        double sum = 0;
        for (std::size_t c = 0; c < points.columns; ++c) {
            const double d = points.values[i * points.columns + c] - points.values[j * points.columns + c];
            sum += d * d;
        }
        return sum;
    };
    const auto row_of = [&](std::size_t i, double sigma) {
        std::vector<double> row(n, 0.0);
        double sum = 0;
        for (std::size_t j = 0; j < n; ++j) {
            row[j] = i == j ? 0 : std::exp(-squared(i, j) / (2 * sigma * sigma));
            sum += row[j];
        }
        double entropy = 0;
        for (double& p : row) {
            p /= sum;
            entropy -= p > 0 ? p * std::log2(p) : 0;
        }
        return std::pair(row, std::exp2(entropy));
    };
    std::vector<std::vector<double>> p;
    for (std::size_t i = 0; i < n; ++i) {
        double sigma = 0.05;
        while (row_of(i, sigma).second < perplexity) {
            sigma *= 1.0005;
        }
        p.push_back(row_of(i, sigma).first);
    }
    const auto w = [&](std::size_t i, std::size_t j) {
        return 1 / (1 + std::pow(plane.x[i] - plane.x[j], 2) + std::pow(plane.y[i] - plane.y[j], 2));
    };
    double all = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            all += i == j ? 0 : w(i, j);
        }
    }
    double divergence = 0;
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            const double joint = (p[i][j] + p[j][i]) / (2 * static_cast<double>(n));
            divergence += i == j ? 0 : joint * std::log(joint * all / w(i, j));
        }
    }
    return divergence;
}

TEST(TsneProjection, MinimisesTheDivergenceOfItsDefinition) {
    const PointSet points = clusters({{0, 0, 0}, {2, 1, 0}}, 8, 0.6);
    Tsne tsne(points, {.perplexity = 4, .iterations = 2000, .seed = 2});
    tsne.advance(2000);
    const double reached = divergence_by_definition(points, tsne.points(), 4);
    EXPECT_NEAR(tsne.divergence(), reached, 2e-3);
    // A minimum: moving any point either way does not lower the divergence.
    for (std::size_t i = 0; i < points.rows; ++i) {
        for (const double by : {-0.5, 0.5}) {
            PlanePoints moved = tsne.points();
            moved.x[i] += by;
            EXPECT_GT(divergence_by_definition(points, moved, 4), reached);
        }
    }
}

TEST(TsneProjection, DependsOnTheSeedAndNotOnHowItIsDivided) {
    const PointSet points = two_clusters();
    const auto result = [&](std::uint64_t seed, int piece) {
        Tsne tsne(points, {.iterations = 60, .seed = seed});
        while (tsne.advance(piece)) {
        }
        EXPECT_EQ(tsne.iteration(), 60);
        return tsne.points().x;
    };
    EXPECT_EQ(result(1, 60), result(1, 7));
    EXPECT_NE(result(1, 60), result(2, 60));
}

TEST(TsneProjection, FewOrEqualPointsAreNoProblem) {
    EXPECT_FALSE(Tsne({}, {}).advance(1));
    Tsne one({1, 2, {3, 4}}, {});
    EXPECT_FALSE(one.advance(10));
    EXPECT_EQ(one.points().x.size(), 1U);
    Tsne equal({4, 2, {1, 1, 1, 1, 1, 1, 1, 1}}, {});
    equal.advance(1000);
    for (const double x : equal.points().x) {
        EXPECT_TRUE(std::isfinite(x));
    }
    EXPECT_TRUE(std::isfinite(equal.divergence()));
}

}  // namespace
}  // namespace lact
