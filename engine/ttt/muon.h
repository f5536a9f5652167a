#pragma once

#include "engine/core/error.h"

#include <array>
#include <string_view>

namespace lact {

/// Coefficients (a, b, c) of one Newton-Schulz step X <- a X + (b A + c A A) X with A = X X^T.
using NsCoefficients = std::array<double, 3>;

/// LaCT-NVS uses these in every step.
inline constexpr NsCoefficients nvs_coefficients = {3.4445, -4.7750, 2.0315};

/// LaCT-LLM uses one triple for each of its five steps.
inline constexpr std::array<NsCoefficients, 5> llm_coefficients = {{{4.0848, -6.8946, 2.9270},
                                                                    {3.9505, -6.3029, 2.6377},
                                                                    {3.7418, -5.5913, 2.3037},
                                                                    {2.8769, -3.1427, 1.2046},
                                                                    {2.8366, -3.0525, 1.2012}}};

/// The factor that carries Muon's polynomial in the linear-attention form (arXiv 2602.21204, section 5):
/// M(G) = P_L(G G^T) G = G P_R(G^T G) for G = phi(k)^T v-hat. Both factors give the same output. Their
/// attention weights differ, so a map is exact only together with the name of its factor. Without Muon the
/// two coincide.
enum class MuonFactor {
    right,  ///< Value side: A = phi(q) phi(k)^T with effective values v-hat P_R.
    left,   ///< Key side: A = phi(q) P_L phi(k)^T with values v-hat.
};

/// "value" for the right factor, "key" for the left one.
[[nodiscard]] std::string_view to_string(MuonFactor factor);
/// Parses what to_string() writes. Errors: any other text.
[[nodiscard]] Result<MuonFactor> parse_muon_factor(std::string_view text);

}  // namespace lact
