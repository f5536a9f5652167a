#include "engine/model/operations.h"

#include <algorithm>

namespace lact {

namespace {

/// Sizes as floating-point numbers.
struct Sizes {
    double d, fast;  ///< `fast`: entries of one fast-weight matrix, all heads.
    double pixels;   ///< Of a patch.
    double tokens;   ///< Of a view.
    double layers;

    Sizes(const ModelConfig& config, Size size)
        : d(config.d),
          fast(static_cast<double>(config.ttt_heads()) * config.ttt_head * config.fast_hidden()),
          pixels(static_cast<double>(config.patch) * config.patch),
          tokens(static_cast<double>(size.width) * size.height / pixels),
          layers(config.layers) {}
};

/// Matrices of one head that an inner step changes.
double updated_matrices(const UpdateRule& rule) {
    return rule.updated == UpdatedMatrices::all && rule.kernel == Kernel::swiglu ? 3 : 1;
}

/// Of phi(x) W1 for one token, all heads.
double read(const Sizes& s, const UpdateRule& rule) {
    return (rule.kernel == Kernel::swiglu ? 6 : 2) * s.fast;
}

/// Of what the gradients of one token need: gate and hidden of the key, the value times W1 transposed where
/// W0 and W2 are updated, f(k) for the residual of the MSE loss.
double inner_forward(const Sizes& s, const UpdateRule& rule) {
    const double features = rule.kernel == Kernel::swiglu ? 4 * s.fast : 0;
    const double back = updated_matrices(rule) > 1 ? 2 * s.fast : 0;
    return features + back + (rule.loss == InnerLoss::mse ? 2 * s.fast : 0);
}

double newton_schulz_of(const ModelConfig& config, const UpdateRule& rule) {
    if (!rule.orthogonalize) {
        return 0;
    }
    const double m = std::min(config.ttt_head, config.fast_hidden());
    const double n = std::max(config.ttt_head, config.fast_hidden());
    return updated_matrices(rule) * config.ttt_heads() * rule.ns_steps * (4 * m * m * n + 2 * m * m * m);
}

}  // namespace

Operations set_up_operations(const ModelConfig& config, const UpdateRule& rule, std::size_t views,
                             Size size) {
    const Sizes s(config, size);
    const double tokens = s.tokens * static_cast<double>(views);
    const double read_layers = s.layers - 1;  // The last layer is updated alone.
    const double d2 = s.d * s.d;
    const double steps = rule.inner_steps;
    const double matrices = updated_matrices(rule);
    Operations all;
    all.projections = tokens * (24 * s.pixels * s.d + s.layers * 12 * d2 + read_layers * 4 * d2);
    all.attention = tokens * s.layers * 4 * s.tokens * s.d;
    all.update = tokens * s.layers * steps * (inner_forward(s, rule) + 2 * matrices * s.fast);
    all.newton_schulz = s.layers * steps * newton_schulz_of(config, rule);
    all.normalisation = rule.weight_norm ? s.layers * steps * 10 * matrices * s.fast : 0;
    all.apply = tokens * read_layers * read(s, rule);
    all.mlp = tokens * read_layers * 16 * d2;
    return all;
}

Operations render_operations(const ModelConfig& config, const UpdateRule& rule, Size size) {
    const Sizes s(config, size);
    const double d2 = s.d * s.d;
    Operations all;
    all.projections = s.tokens * (18 * s.pixels * s.d + s.layers * 12 * d2 + 6 * s.pixels * s.d);
    all.attention = s.tokens * s.layers * 4 * s.tokens * s.d;
    all.apply = s.tokens * s.layers * read(s, rule);
    all.mlp = s.tokens * s.layers * 16 * d2;
    return all;
}

}  // namespace lact
