#include "engine/experiment/projection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>
#include <utility>

#include <ATen/ATen.h>

namespace lact {
namespace {

at::Tensor tensor_of(const PointSet& points) {
    return at::tensor(points.values, at::kDouble)
        .reshape({static_cast<int64_t>(points.rows), static_cast<int64_t>(points.columns)});
}

std::vector<double> values_of(const at::Tensor& x) {
    const at::Tensor flat = x.contiguous();
    const double* first = flat.const_data_ptr<double>();
    return {first, first + flat.numel()};
}

/// Squared distances of all pairs, row by row.
std::vector<double> squared_distances(const PointSet& points) {
    const at::Tensor x = tensor_of(points);
    const at::Tensor square = x.square().sum(1);
    const at::Tensor distances = square.unsqueeze(0) + square.unsqueeze(1) - 2 * at::matmul(x, x.t());
    return values_of(distances.clamp_min(0));
}

/// p_{j|i} of one point from its squared distances: a Gaussian whose entropy is log(perplexity).
void conditional_affinity(std::size_t i, std::size_t count, const double* squared, double log_perplexity,
                          double* p) {
    double low = 0;
    double high = INFINITY;
    double mean = 0;
    double nearest = INFINITY;
    for (std::size_t j = 0; j < count; ++j) {
        if (j != i) {
            mean += squared[j] / static_cast<double>(count - 1);
            nearest = std::min(nearest, squared[j]);
        }
    }
    double beta = mean > 0 ? 1 / mean : 1;
    for (int attempt = 0; attempt < 64; ++attempt) {
        double sum = 0;
        double weighted = 0;
        for (std::size_t j = 0; j < count; ++j) {
            // The nearest distance cancels in p; without it all terms may vanish.
            p[j] = j == i ? 0 : std::exp(-beta * (squared[j] - nearest));
            sum += p[j];
            weighted += p[j] * (squared[j] - nearest);
        }
        const double entropy = std::log(sum) + beta * weighted / sum;
        std::for_each(p, p + count, [sum](double& one) { one /= sum; });
        if (std::abs(entropy - log_perplexity) < 1e-6) {
            break;
        }
        double& bound = entropy > log_perplexity ? low : high;
        bound = beta;
        beta = std::isinf(high) ? 2 * beta : (low + high) / 2;
    }
}

/// p_ij = (p_{j|i} + p_{i|j}) / 2n.
std::vector<double> joint_affinity(const PointSet& points, double perplexity) {
    const std::size_t n = points.rows;
    const std::vector<double> squared = squared_distances(points);
    std::vector<double> p(n * n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        conditional_affinity(i, n, &squared[i * n], std::log(perplexity), &p[i * n]);
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            const double joint = (p[i * n + j] + p[j * n + i]) / (2 * static_cast<double>(n));
            p[i * n + j] = p[j * n + i] = joint;
        }
    }
    return p;
}

/// N(0, 1e-4²) by Box and Muller: std::normal_distribution differs between libraries.
PlanePoints initial_positions(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const auto uniform = [&] { return (static_cast<double>(random() >> 11U) + 0.5) * 0x1p-53; };
    PlanePoints points;
    for (std::size_t i = 0; i < count; ++i) {
        const double radius = 1e-4 * std::sqrt(-2 * std::log(uniform()));
        const double angle = 2 * std::numbers::pi * uniform();
        points.x.push_back(radius * std::cos(angle));
        points.y.push_back(radius * std::sin(angle));
    }
    return points;
}

void centre(std::vector<double>& values) {
    double mean = 0;
    for (const double value : values) {
        mean += value / static_cast<double>(values.size());
    }
    for (double& value : values) {
        value -= mean;
    }
}

}  // namespace

PcaResult pca(const PointSet& points) {
    PcaResult result;
    if (points.rows == 0) {
        return result;
    }
    const at::Tensor x = tensor_of(points);
    const at::Tensor around = x - x.mean(0, /*keepdim=*/true);
    const auto [u, sigma, vh] = at::linalg_svd(around, /*full_matrices=*/false);
    const double all = sigma.square().sum().item<double>();
    const auto component = [&](int64_t which, std::vector<double>& direction, std::vector<double>& along,
                               double& variance) {
        if (which >= sigma.size(0)) {
            direction.assign(points.columns, 0.0);
            along.assign(points.rows, 0.0);
            return;
        }
        at::Tensor axis = vh[which];
        if (axis[axis.abs().argmax()].item<double>() < 0) {
            axis = -axis;
        }
        direction = values_of(axis);
        along = values_of(at::matmul(around, axis));
        variance = all > 0 ? sigma[which].square().item<double>() / all : 0;
    };
    component(0, result.first, result.points.x, result.variance_x);
    component(1, result.second, result.points.y, result.variance_y);
    return result;
}

/// Sums over all pairs with w_ij = 1 / (1 + |y_i - y_j|²).
struct Tsne::Forces {
    PlanePoints gradient;
    double normaliser = 0;  ///< Sum of w_ij over i != j.
};

Tsne::Tsne(const PointSet& points, const TsneOptions& options)
    : count_(points.rows),
      options_(options),
      rate_(std::max(static_cast<double>(points.rows) / 48, 50.0)),
      position_(initial_positions(points.rows, options.seed)),
      velocity_{std::vector<double>(count_, 0.0), std::vector<double>(count_, 0.0)},
      gain_{std::vector<double>(count_, 1.0), std::vector<double>(count_, 1.0)} {
    if (count_ < 2) {
        iteration_ = options_.iterations;
        affinity_.assign(count_, 0.0);
        return;
    }
    const double most = std::max(static_cast<double>(count_ - 1) / 3, 1.0);
    affinity_ = joint_affinity(points, std::min(options.perplexity, most));
}

Tsne::Forces Tsne::forces(double exaggeration) const {
    PlanePoints attraction{std::vector<double>(count_, 0.0), std::vector<double>(count_, 0.0)};
    PlanePoints repulsion = attraction;
    double normaliser = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        const double x = position_.x[i];
        const double y = position_.y[i];
        const double* p = &affinity_[i * count_];
        for (std::size_t j = 0; j < count_; ++j) {
            const double dx = x - position_.x[j];
            const double dy = y - position_.y[j];
            const double w = 1 / (1 + dx * dx + dy * dy);
            normaliser += w;
            attraction.x[i] += p[j] * w * dx;
            attraction.y[i] += p[j] * w * dy;
            repulsion.x[i] += w * w * dx;
            repulsion.y[i] += w * w * dy;
        }
    }
    normaliser -= static_cast<double>(count_);  // w_ii = 1
    for (std::size_t i = 0; i < count_; ++i) {
        attraction.x[i] = 4 * (exaggeration * attraction.x[i] - repulsion.x[i] / normaliser);
        attraction.y[i] = 4 * (exaggeration * attraction.y[i] - repulsion.y[i] / normaliser);
    }
    return {std::move(attraction), normaliser};
}

void Tsne::step() {
    const bool early = iteration_ < options_.iterations / 4;
    const Forces all = forces(early ? 12 : 1);
    const double momentum = early ? 0.5 : 0.8;
    const auto move = [&](std::vector<double>& position, std::vector<double>& velocity,
                          std::vector<double>& gain, const std::vector<double>& gradient) {
        for (std::size_t i = 0; i < count_; ++i) {
            // Gains of Jacobs (1988): larger where the direction stays.
            gain[i] = gradient[i] * velocity[i] < 0 ? gain[i] + 0.2 : std::max(0.8 * gain[i], 0.01);
            velocity[i] = momentum * velocity[i] - rate_ * gain[i] * gradient[i];
            position[i] += velocity[i];
        }
        centre(position);
    };
    move(position_.x, velocity_.x, gain_.x, all.gradient.x);
    move(position_.y, velocity_.y, gain_.y, all.gradient.y);
    ++iteration_;
}

bool Tsne::advance(int iterations) {
    for (int i = 0; i < iterations && iteration_ < options_.iterations; ++i) {
        step();
    }
    return iteration_ < options_.iterations;
}

double Tsne::divergence() const {
    const double normaliser = count_ < 2 ? 1 : forces(1).normaliser;
    double sum = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        for (std::size_t j = 0; j < count_; ++j) {
            const double p = affinity_[i * count_ + j];
            if (p > 0) {
                const double dx = position_.x[i] - position_.x[j];
                const double dy = position_.y[i] - position_.y[j];
                sum += p * std::log(p * (1 + dx * dx + dy * dy) * normaliser);
            }
        }
    }
    return sum;
}

}  // namespace lact
