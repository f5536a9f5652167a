#include "engine/linear/muon_factor.h"

#include <tuple>
#include <vector>

namespace lact {

namespace {

/// Singular values below this fraction of |G| are rounding of a rank-deficient G. Dropping one changes M(G)
/// by less than a^5 times this fraction.
double negligible(at::ScalarType type) {
    return type == at::kDouble ? 1e-15 : 1e-7;
}

}  // namespace

MuonFactors muon_factors(const UpdateRule& rule, const at::Tensor& g, at::ScalarType inputs) {
    const std::vector<NsCoefficients> coefficients(static_cast<std::size_t>(rule.ns_steps), nvs_coefficients);
    return muon_factors(rule, g, inputs, coefficients);
}

MuonFactors muon_factors(const UpdateRule& rule, const at::Tensor& g, at::ScalarType inputs,
                         std::span<const NsCoefficients> coefficients) {
    const auto back = [&](const at::Tensor& x) { return x.to(g.device()); };
    const auto [u, sigma, vh] = at::linalg_svd(g.to(at::kCPU, at::kDouble), /*full_matrices=*/false);
    if (!rule.orthogonalize) {
        return {{}, {}, back(sigma), back(sigma)};
    }
    const at::Tensor norm = sigma.norm(2, {1}, /*keepdim=*/true);
    at::Tensor x = sigma / (norm + 1e-7);
    at::Tensor factor = (1 / (norm + 1e-7)).expand_as(x);
    for (const auto& [a, b, c] : coefficients) {
        const at::Tensor square = x * x;
        const at::Tensor polynomial = a + b * square + c * square * square;
        x = x * polynomial;
        factor = factor * polynomial;
    }
    factor = at::where(sigma > negligible(inputs) * norm, factor, at::zeros_like(factor));
    const at::Tensor along = factor.unsqueeze(1);
    return {back(at::matmul(u * along, u.mT())), back(at::matmul(vh.mT() * along, vh)), back(sigma),
            back((sigma * factor).abs())};
}

at::Tensor orthogonalized_by(const MuonFactors& factors, const at::Tensor& g) {
    if (!factors.p_right.defined()) {
        return g;
    }
    const at::Tensor wide = g.to(at::kDouble);
    return g.size(1) < g.size(2) ? at::matmul(factors.p_left, wide) : at::matmul(wide, factors.p_right);
}

}  // namespace lact
