#pragma once

#include "engine/linear/features.h"
#include "engine/linear/layer_inputs.h"
#include "engine/linear/muon_factor.h"

#include <vector>

#include <ATen/ATen.h>

namespace lact {

// The linear-attention form of a TTT layer (arXiv 2602.21204, section 5). Start here: linear_form_of() builds
// it from the recorded inputs of a layer, read_state() and read_attention() compute the layer's output from
// it, and equivalence.h compares that output with the TTT step.

/// One inner step as linear attention: every input token writes phi(k)^T v-hat into the state.
struct LinearBlock {
    FastWeights before;  ///< State at which phi(k) and v-hat are taken.
    at::Tensor phi_k;    ///< [n, tokens, d_phi] keys k-hat: phi before the step.
    at::Tensor v_hat;    ///< [n, tokens, d_out] values: rate, loss residual and sign.
    at::Tensor g0;       ///< [n, d_in, d_h] change of W0 before M, fp64; undefined where W0 stays.
    at::Tensor g1;       ///< [n, d_phi, d_out] phi(k)^T v-hat, fp64.
    at::Tensor g2;       ///< [n, d_in, d_h] change of W2 before M, fp64; undefined where W2 stays.
    MuonFactors muon;    ///< Of g1.
    /// [n, 1, d_out] product of the weight norms D of this step and all later ones; 1 without weight norm.
    at::Tensor d;
};

/// A TTT layer in linear-attention form: o = phi_{t+1}(q) S = Q-hat S0 D + sum over I of A_I V~_I D_I, where
/// D_I is the product of the weight norms of step I and all later ones, and D of all; with one step (Q-hat S0
/// + A V~) D. Theorem 5.1 covers one inner step, theorem 5.2 several, with the inner steps as the sequence. P
/// and D depend on all tokens: weights and shares of single tokens hold at fixed P and D.
struct LinearForm {
    Kernel kernel = Kernel::swiglu;
    FastWeights initial;              ///< Its W1 is S0.
    FastWeights updated;              ///< Its W0 and W2 are those of phi_{t+1}; its W1 is S.
    at::Tensor d;                     ///< [n, 1, d_out] product of all weight norms, the factor of S0.
    std::vector<LinearBlock> blocks;  ///< One for each inner step.
};

/// D of the weight norm as one factor for each column, [n, 1, columns]: it scales the columns of `changed`
/// [n, rows, columns] to the norms of those of `reference`. Ones where the rule has no weight norm.
[[nodiscard]] at::Tensor norm_factor(const UpdateRule& rule, const at::Tensor& changed,
                                     const at::Tensor& reference);

/// Builds the form from the recorded inputs alone, without the update step of engine/ttt. States and features
/// keep the type of the inputs; products are fp64.
[[nodiscard]] LinearForm linear_form_of(const UpdateRule& rule, const LayerInputs& inputs,
                                        const FeatureGradientOf& gradient = chain_rule_gradient);

/// The form of one inner step from any state. The weight norm refers to `reference`, the initial weights.
[[nodiscard]] LinearForm form_step(const UpdateRule& rule, const FastWeights& state,
                                   const FastWeights& reference, const UpdateTokens& tokens,
                                   const FeatureGradientOf& gradient = chain_rule_gradient);

/// One of n of a form, kept as a batch of one.
[[nodiscard]] LinearForm only(const LinearForm& form, int64_t index);

/// Values [n, tokens, d_out]: the effective values V~ = V-hat P_R in fp64 for the right factor, v-hat for the
/// left factor or without Muon.
[[nodiscard]] at::Tensor block_values(const LinearBlock& block, MuonFactor factor);
/// Keys [n, tokens, d_phi]: the effective keys K-hat P_L in fp64 for the left factor, k-hat for the right
/// factor or without Muon.
[[nodiscard]] at::Tensor block_keys(const LinearBlock& block, MuonFactor factor);

/// Delta S = sum over blocks of K-hat^T V~ D [n, d_phi, d_out]: what the input tokens wrote.
[[nodiscard]] at::Tensor state_change(const LinearForm& form);
/// S = S0 D + Delta S [n, d_phi, d_out], rebuilt from the blocks.
[[nodiscard]] at::Tensor state_matrix(const LinearForm& form);

/// Theorem 5.1 as a state: o = phi_{t+1}(q) S [n, queries, d_out] for q [n, queries, d_in].
[[nodiscard]] at::Tensor read_state(const LinearForm& form, const at::Tensor& q);
/// Theorem 5.1 as attention: o = Q-hat S0 D + sum over blocks of A V~ D [n, queries, d_out] with the explicit
/// matrix A = Q-hat (effective keys)^T, 256 queries at a time.
[[nodiscard]] at::Tensor read_attention(const LinearForm& form, const at::Tensor& q, MuonFactor factor);

/// Relative change of phi, |phi_{t+1}(q) - phi_t(q)| / |phi_t(q)| over all queries [n]. S and A do not show
/// it. Zero where the rule leaves W0 and W2 unchanged.
[[nodiscard]] at::Tensor feature_movement(const LinearForm& form, const at::Tensor& q);

}  // namespace lact
