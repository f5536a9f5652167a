#pragma once

#include "engine/core/error.h"
#include "engine/ttt/update_rule.h"

#include <array>
#include <functional>
#include <string_view>

namespace lact {

struct LayerInputs;
struct TttRun;

/// The TTT step as compare_forms() (equivalence.h) runs it.
using TttStep = std::function<TttRun(const UpdateRule&, const LayerInputs&)>;

/// A deliberate mistake in the TTT step. The equivalence check must find each of them: a check that cannot
/// fail shows nothing.
enum class PlantedError {
    none,                ///< The step as it is.
    sign,                ///< W1 moves in the opposite direction.
    rates,               ///< The rates of W0 and W1 are swapped.
    stale_features,      ///< phi(q) is read with W0 and W2 before the step.
    half_newton_schulz,  ///< Newton-Schulz runs in fp16.
    altered_value,       ///< One entry of v is changed by 1e-3 of its largest entry.
    norm_axis,           ///< The weight norm acts over rows in place of columns.
};

/// All mistakes, without PlantedError::none.
inline constexpr std::array planted_errors = {
    PlantedError::sign,           PlantedError::rates,
    PlantedError::stale_features, PlantedError::half_newton_schulz,
    PlantedError::altered_value,  PlantedError::norm_axis,
};

/// "none", "sign", "rates", "stale-features", "half-newton-schulz", "altered-value" or "norm-axis".
[[nodiscard]] std::string_view to_string(PlantedError error);
/// Reads what to_string() writes. Errors: any other text.
[[nodiscard]] Result<PlantedError> parse_planted_error(std::string_view text);
/// One sentence that says what is wrong.
[[nodiscard]] std::string_view description_of(PlantedError error);

/// Whether the mistake changes the result of the rule. The rates of a rule without per-token rates, for
/// example, are not read. `none` never applies.
[[nodiscard]] bool applies(PlantedError error, const UpdateRule& rule);

/// The TTT step with this mistake in each of its inner steps. It calls the functions of the true step but for
/// the one that is wrong. Where the mistake does not apply, it equals the true step.
[[nodiscard]] TttStep planted_step(PlantedError error);

}  // namespace lact
