#pragma once

#include "engine/experiment/report.h"
#include "engine/metrics/spread.h"

#include <cmath>
#include <cstddef>
#include <limits>

namespace lact {

// What experiments conclude, from nothing but the numbers that they measured. What is NaN never
// agrees.

/// Images that differ by more than this, of the range [0, 1], are others.
inline constexpr double other_image = 1e-3;
/// mirror. `linear`: the largest difference where the loss is linear in f(k); `control`: where it is not.
/// Without a difference of the control, equal images say nothing about the loss; what was measured alone does
/// not show that all cases agree.
[[nodiscard]] Agreement mirror_verdict(double linear, double control, bool all_measured);

/// Largest difference, of the range [0, 1], that counts as the same image where both are computed in fp64 and
/// rounded to fp32 at the end. How far images of fp32 may differ depends on how much the steps of a rule
/// amplify rounding: they decide nothing, as in the equivalence check.
inline constexpr double same_image_fp64 = 1e-6;
/// linear: the largest differences in fp64 over the rules that were measured. `of_many_steps`: over those of
/// more than free_running_steps, which amplify rounding of fp64, too: equal images agree, and others decide
/// nothing.
[[nodiscard]] Agreement linear_rendering_verdict(double in_fp64, double of_many_steps, bool all_measured);

/// memory and distributions: whether their condition holds. The paper's figures are of weights that run the
/// rule of their training, which is the baseline's in what the figure shows (`as_in_figure`); others decide
/// nothing.
[[nodiscard]] Agreement figure_verdict(bool holds, bool as_in_figure);

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

/// irreducible: largest relative difference of a case that reduces. Rounding of fp64, amplified by Muon,
/// stays far below.
inline constexpr double reduces_below = 1e-9;
/// Smallest relative difference of a case that does not reduce: far more than rounding. Between the two
/// nothing is decided.
inline constexpr double differs_above = 1e-6;

/// The relative differences of one case in all heads that were measured.
struct CaseRange {
    double smallest = std::numeric_limits<double>::quiet_NaN();  ///< NaN: none was measured.
    double largest = std::numeric_limits<double>::quiet_NaN();

    /// What is not finite counts as infinite, so that it does not pass for small.
    void add(double difference);
    [[nodiscard]] bool measured() const { return !std::isnan(largest); }
};
/// Where the heads of a case fall.
enum class CaseSide {
    not_measured,
    reduces,    ///< All of them.
    differs,    ///< None reduces.
    mixed,      ///< Some reduce, and some differ.
    undecided,  ///< Otherwise: one lies between the two limits.
};
[[nodiscard]] CaseSide side_of(const CaseRange& range);

/// How the measurements of all cases compare with the theory.
struct CaseCounts {
    std::size_t measured = 0;
    std::size_t as_stated = 0;  ///< All heads fall on the side of the theory.
    std::size_t contrary = 0;   ///< A head falls on the other side; the rest is undecided.

    /// Counts one case. `reduces`: what the theory says of it.
    void add(const CaseRange& range, bool reduces);
};
/// A measurement on the other side disagrees; one between the sides decides nothing.
[[nodiscard]] Agreement irreducible_verdict(const CaseCounts& counts, bool all_measured);

/// A loss below this part of chance counts as learned.
inline constexpr double learned_share = 0.9;
/// recall: the baseline's mean loss with one inner step, and by how much the most inner steps raise it, over
/// seeds. What has learned nothing, or a rise that seeds alone may make (Spread::differs_from_zero()),
/// decides nothing.
[[nodiscard]] Agreement recall_verdict(double one_step, const Spread& rise, double chance);

/// A rule must not be farther below the baseline than this, in dB. The paper's largest difference is 0.24.
inline constexpr double rule_margin = 1;
/// variants: PSNR of the baseline and of the lowest rule. The weights are those of one seed: where seeds
/// differ by more than the margin, or nobody knows how much, they decide nothing.
[[nodiscard]] Agreement trained_rules_verdict(double baseline, double lowest, bool spread_known,
                                              double largest_spread);

}  // namespace lact
