#pragma once

#include <array>

namespace lact {

/// Coefficients (a, b, c) of one step X <- a X + (b A + c A A) X with A = X X^T.
using NsCoefficients = std::array<double, 3>;

/// What LaCT-NVS uses in every step.
inline constexpr NsCoefficients nvs_coefficients = {3.4445, -4.7750, 2.0315};

/// What LaCT-LLM uses: one triple for each of its five steps.
inline constexpr std::array<NsCoefficients, 5> llm_coefficients = {{{4.0848, -6.8946, 2.9270},
                                                                    {3.9505, -6.3029, 2.6377},
                                                                    {3.7418, -5.5913, 2.3037},
                                                                    {2.8769, -3.1427, 1.2046},
                                                                    {2.8366, -3.0525, 1.2012}}};

}  // namespace lact
