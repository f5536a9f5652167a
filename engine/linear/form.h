#pragma once

#include "engine/linear/features.h"
#include "engine/linear/layer_inputs.h"
#include "engine/linear/muon_factor.h"

#include <vector>

#include <ATen/ATen.h>

namespace lact {

/// One inner step as linear attention: every input token writes phi(k)^T v-hat.
struct LinearBlock {
    FastWeights before;  ///< State that phi(k) and v-hat are taken at.
    at::Tensor phi_k;    ///< [n, tokens, d_phi] keys k-hat: phi before the step
    at::Tensor v_hat;    ///< [n, tokens, d_out] values: rate, loss residual and sign
    at::Tensor g0;       ///< [n, d_in, d_h] what W0 is changed by, before M; undefined where it is not
    at::Tensor g1;       ///< [n, d_phi, d_out] phi(k)^T v-hat (all three in fp64)
    at::Tensor g2;
    MuonFactor muon;  ///< Of g1.
    at::Tensor
        d;  ///< [n, 1, d_out] weight norm of this step and all later ones, a factor a column; 1s if off
};

/// A TTT layer computed the other way: o = phi_{t+1}(q) S = (Q-hat S0 + A V~) D (arXiv 2602.21204, theorem
/// 5.1 for one inner step; 5.2 for several, with the inner steps as the sequence). P and D depend on all
/// tokens: weights and shares are at fixed P and D.
struct LinearForm {
    Kernel kernel = Kernel::swiglu;
    FastWeights initial;              ///< W1 of it is S0.
    FastWeights updated;              ///< W0 and W2 of phi_{t+1}; W1 is S.
    at::Tensor d;                     ///< [n, 1, d_out] all weight norms: what S0 is multiplied by
    std::vector<LinearBlock> blocks;  ///< One for each inner step.
};

/// D of the weight norm for a matrix that has just changed, a factor a column [n, 1, columns]: back to the
/// norms of `reference`; 1s where the rule has none.
[[nodiscard]] at::Tensor norm_factor(const UpdateRule& rule, const at::Tensor& changed,
                                     const at::Tensor& reference);

/// From the layer's recorded inputs alone. States and features keep the inputs' type, products are fp64.
[[nodiscard]] LinearForm linear_form_of(const UpdateRule& rule, const LayerInputs& inputs,
                                        const FeatureGradientOf& gradient = chain_rule_gradient);

/// One inner step from any state; the weight norm refers to `reference`, the initial weights.
[[nodiscard]] LinearForm form_step(const UpdateRule& rule, const FastWeights& state,
                                   const FastWeights& reference, const UpdateTokens& tokens,
                                   const FeatureGradientOf& gradient = chain_rule_gradient);

/// Effective values V~ = V-hat P_R in fp64 (value side), or v-hat itself (key side, or no Muon).
[[nodiscard]] at::Tensor block_values(const LinearBlock& block, AttentionSide side);
/// Effective keys K-hat P_L in fp64 (key side), or k-hat itself.
[[nodiscard]] at::Tensor block_keys(const LinearBlock& block, AttentionSide side);

/// Delta S = sum over blocks of K-hat^T V~ D: what the input tokens wrote. [n, d_phi, d_out]
[[nodiscard]] at::Tensor state_change(const LinearForm& form);
/// S = S0 D + Delta S, rebuilt from the blocks.
[[nodiscard]] at::Tensor state_matrix(const LinearForm& form);

/// Theorem 5.1 as a state: o = phi_{t+1}(q) S. [n, queries, d_out]
[[nodiscard]] at::Tensor read_state(const LinearForm& form, const at::Tensor& q);
/// Theorem 5.1 as attention: o = Q-hat S0 D + sum over blocks of A V~ D with the explicit matrix A = Q-hat
/// (effective keys)^T, some hundred queries at a time.
[[nodiscard]] at::Tensor read_attention(const LinearForm& form, const at::Tensor& q, AttentionSide side);

/// How far phi itself moved, |phi_{t+1}(q) - phi_t(q)| / |phi_t(q)| over all queries: what S and A do not
/// show. [n]; zero where the rule leaves W0 and W2.
[[nodiscard]] at::Tensor feature_movement(const LinearForm& form, const at::Tensor& q);

}  // namespace lact
