#include "engine/linear/spectrum.h"

namespace lact {

std::array<StepSpectrum, 3> step_spectra(const UpdateRule& rule, const LinearBlock& block) {
    const auto of = [&](const at::Tensor& g) -> StepSpectrum {
        if (!g.defined()) {
            return {};
        }
        const MuonFactors factor = muon_factors(rule, g, block.phi_k.scalar_type());
        return {factor.sigma, factor.sigma_after};
    };
    return {of(block.g0), StepSpectrum{block.muon.sigma, block.muon.sigma_after}, of(block.g2)};
}

at::Tensor singular_values(const at::Tensor& matrices) {
    return at::linalg_svdvals(matrices.to(at::kCPU, at::kDouble));
}

at::Tensor effective_rank(const at::Tensor& sigma) {
    const at::Tensor sum = sigma.sum(1, /*keepdim=*/true);
    const at::Tensor p = sigma / sum;
    const at::Tensor entropy = -at::xlogy(p, p).sum(1);
    return at::where(sum.squeeze(1) > 0, entropy.exp(), at::zeros_like(entropy));
}

at::Tensor inner_loss(const UpdateRule& rule, const FastWeights& state, const UpdateTokens& tokens) {
    const at::Tensor f = at::matmul(form_features(rule.kernel, state, tokens.k), state.w1);
    const at::Tensor of_tokens =
        rule.loss == InnerLoss::dot ? -(f * tokens.v).sum(2) : 0.5 * (tokens.v - f).square().sum(2);
    return of_tokens.mean(1);
}

}  // namespace lact
