#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lact {

// Points of many dimensions on a plane.

/// Points row by row: `rows` points of `columns` numbers.
struct PointSet {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> values;
};

/// Positions on a plane, one for each point.
struct PlanePoints {
    std::vector<double> x;
    std::vector<double> y;
};

/// Principal component analysis.
struct PcaResult {
    PlanePoints points;          ///< Coordinates along the first two components, around the mean.
    double variance_x = 0;       ///< Part of the variance along x, 0 to 1.
    double variance_y = 0;       ///< Part of the variance along y.
    std::vector<double> first;   ///< First component, a unit vector.
    std::vector<double> second;  ///< Second component; zero for points on a line.
};
/// The first two principal components by a singular value decomposition in fp64. The entry of each component
/// that is largest by amount is positive, so that the result does not depend on the decomposition's choice of
/// signs.
[[nodiscard]] PcaResult pca(const PointSet& points);

/// What t-SNE is run with.
struct TsneOptions {
    double perplexity = 30;  ///< Lowered to (points - 1) / 3 where there are few.
    int iterations = 1000;
    std::uint64_t seed = 1;  ///< Of the initial positions, N(0, 1e-4²).
};

/// Exact t-SNE (van der Maaten and Hinton, Journal of Machine Learning Research 9, 2008): every pair of
/// points counts, so time and memory are quadratic in the points. Early exaggeration 12 for a quarter of the
/// iterations. No maintained C++ library is packaged; 1000 points take about 5 ms for each iteration. The
/// result depends on points, options and seed alone, not on how the iterations are divided.
class Tsne {
  public:
    Tsne(const PointSet& points, const TsneOptions& options);

    /// Does at most `iterations` more. True while there are more.
    bool advance(int iterations);
    [[nodiscard]] int iteration() const { return iteration_; }
    /// Positions so far, with mean 0.
    [[nodiscard]] const PlanePoints& points() const { return position_; }
    /// Kullback-Leibler divergence of the plane's neighbour distribution from that of the points, in nats.
    [[nodiscard]] double divergence() const;

  private:
    struct Forces;
    [[nodiscard]] Forces forces(double exaggeration) const;
    void step();

    std::size_t count_ = 0;
    TsneOptions options_;
    double rate_ = 0;
    int iteration_ = 0;
    std::vector<double> affinity_;  ///< p_ij, row by row; symmetric, its sum is 1.
    PlanePoints position_;
    PlanePoints velocity_;
    PlanePoints gain_;
};

}  // namespace lact
