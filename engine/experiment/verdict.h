#pragma once

#include "engine/experiment/report.h"

#include <cstddef>
#include <span>

namespace lact {

// What experiments conclude, from nothing but the numbers that they measured. What is NaN never
// agrees.

/// Images that differ by more than this, of the range [0, 1], are others.
inline constexpr double other_image = 1e-3;
/// mirror. `linear`: the largest difference where the loss is linear in f(k); `control`: where it is not.
/// Without a difference of the control, equal images say nothing about the loss; what was measured alone does
/// not show that all cases agree.
[[nodiscard]] Agreement mirror_verdict(double linear, double control, bool all_measured);

/// Largest difference, of the range [0, 1], that counts as the same image in fp32.
inline constexpr double same_image_fp32 = 1e-3;
/// The same for images computed in fp64, which are rounded to fp32 at the end.
inline constexpr double same_image_fp64 = 1e-6;
/// linear: the largest differences over all rules that were measured.
[[nodiscard]] Agreement linear_rendering_verdict(double in_fp32, double in_fp64, bool all_measured);

/// What the check found.
struct CheckCounts {
    std::size_t compared = 0;    ///< Heads in which the step as it is was compared.
    bool passes = false;         ///< It passes in all of them.
    std::size_t applicable = 0;  ///< Planted errors that change the result of the rule.
    std::size_t detected = 0;    ///< Of these.
    std::size_t ignored = 0;     ///< Planted errors that change nothing with these weights.
};
/// check.
[[nodiscard]] Agreement check_verdict(const CheckCounts& counts);

/// Largest change of PSNR, in dB, that counts as none where a layer runs in its linear-attention form.
inline constexpr double same_psnr = 0.05;
/// ablation: the largest change of PSNR by the linear-attention form.
[[nodiscard]] Agreement ablation_verdict(double largest_change);

/// irreducible: how many of the measurements fall on the side of the theory.
[[nodiscard]] Agreement irreducible_verdict(std::size_t as_stated, std::size_t measured, bool all_measured);

/// A loss below this part of chance counts as learned.
inline constexpr double learned_share = 0.9;
/// recall: losses of the baseline with one and with the most inner steps, one for each seed. What has learned
/// nothing, or differs by less than its seeds do, decides nothing.
[[nodiscard]] Agreement recall_verdict(std::span<const double> one_step, std::span<const double> most_steps,
                                       double chance);

/// A rule must not be farther below the baseline than this, in dB. The paper's largest difference is 0.24.
inline constexpr double rule_margin = 1;
/// variants: PSNR of the baseline and of the lowest rule. The weights are those of one seed: where seeds
/// differ by more than the margin, or nobody knows how much, they decide nothing.
[[nodiscard]] Agreement trained_rules_verdict(double baseline, double lowest, bool spread_known,
                                              double largest_spread);

}  // namespace lact
