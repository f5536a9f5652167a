#pragma once

#include "engine/core/error.h"

#include <span>
#include <string>
#include <string_view>

namespace lact {

enum class InnerLoss { dot, mse };            ///< -<f(k), v>, or 1/2 |v - f(k)|^2 (no mean over channels).
enum class Direction { descent, ascent };     ///< Along minus the gradient of the inner loss, or along it.
enum class NsPrecision { bf16, fp16, fp32 };  ///< Of the Newton-Schulz products; released code: bf16.
enum class UpdatedMatrices { all, last };     ///< W0, W1, W2, or W1 alone (phi then stays as it is).
enum class Kernel { swiglu, identity };       ///< phi(x) = silu(x W0) * (x W2), or phi(x) = x.
enum class ReadWith { query, key };           ///< What the updated fast weights are read with.

/// How the fast weights of a TTT layer are updated and read. Every named variant of arXiv 2602.21204 is a
/// value. The default is the baseline: what LaCT-NVS was released with. rule_schema.h describes every member
/// for texts, parameters and widgets.
struct UpdateRule {
    InnerLoss loss = InnerLoss::dot;
    Direction direction = Direction::descent;
    int inner_steps = 1;    ///< Updates on the same tokens before the read.
    bool momentum = false;  ///< Over a sequence of chunks; a single chunk (novel-view synthesis) has none.
    bool orthogonalize = true;  ///< Newton-Schulz (Muon) on each gradient matrix.
    int ns_steps = 5;           ///< 0 only divides by the Frobenius norm, which is not "no Muon".
    NsPrecision ns_precision = NsPrecision::bf16;
    bool weight_norm = true;     ///< Columns are set back to their initial norms after each update.
    bool per_token_rate = true;  ///< Learned rate for each token and matrix; otherwise 1.
    UpdatedMatrices updated = UpdatedMatrices::all;
    Kernel kernel = Kernel::swiglu;
    ReadWith read_with = ReadWith::query;

    friend bool operator==(const UpdateRule&, const UpdateRule&) = default;
};

/// A named rule. `paper`: what arXiv 2602.21204, table 2 or section 4, calls it.
struct RulePreset {
    std::string_view name;
    std::string_view paper;
    UpdateRule rule;
    /// PSNR in dB of LaCT-NVS trained with the rule (tables 1 and 2 there: 12 layers, RealEstate10K at
    /// 128x128, 2 input views); 0: no figure is given.
    double paper_psnr = 0;
};

/// Baseline, ascent, mse, query-is-key, variant1 … variant6. Without momentum, variant5 equals variant4.
[[nodiscard]] std::span<const RulePreset> rule_presets();

/// Reads a rule: the name of a preset, or `key=value` switches, or a preset followed by switches that change
/// it, separated by commas: "baseline", "mse,steps=4", "loss=dot,norm=off". rule_switches() lists the keys
/// and their values, rule_syntax() as one line. Errors: an unknown word or value; what validate() refuses.
[[nodiscard]] Result<UpdateRule> parse_update_rule(std::string_view text);

/// The shortest text that parse_update_rule() reads as this rule: the first preset that equals it, else the
/// baseline with the switches that differ. parse(format(r)) == r for every valid rule, but for the number of
/// Newton-Schulz steps of a rule without Muon, which has no effect.
[[nodiscard]] std::string format(const UpdateRule& rule);

/// Why a rule has no meaning whatever the weights; empty when it has one.
[[nodiscard]] std::string validate(const UpdateRule& rule);

/// Why weights of these sizes cannot run the rule; empty when they can. `query_is_key`: trained without a
/// query projection.
[[nodiscard]] std::string incompatibility(const UpdateRule& rule, int d_in, int d_hidden, bool query_is_key);

/// True where two rules are the same but for the precision of Newton-Schulz, which is not part of what was
/// trained.
[[nodiscard]] bool same_but_precision(const UpdateRule& a, const UpdateRule& b);

[[nodiscard]] std::string_view to_string(NsPrecision precision);
[[nodiscard]] Result<NsPrecision> parse_ns_precision(std::string_view text);

}  // namespace lact
