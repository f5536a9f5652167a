#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>

namespace lact {

/// Mean of some values, for example of runs with different seeds, and how far they lie apart.
struct Spread {
    std::size_t count = 0;
    double mean = 0;       ///< NaN of no value.
    double deviation = 0;  ///< Standard deviation of one value (n - 1); 0 below two.
    double error = 0;      ///< Standard error of the mean; 0 below two.

    /// For tables that leave out what is not known: NaN below two values.
    [[nodiscard]] double known_deviation() const {
        return count > 1 ? deviation : std::numeric_limits<double>::quiet_NaN();
    }
    /// Whether the mean is farther from 0 than twice its standard error. Below two values nothing is known of
    /// the error: false.
    [[nodiscard]] bool differs_from_zero() const;
};
[[nodiscard]] Spread spread_of(std::span<const double> values);

/// "19.75 ± 0.05", the deviation behind the mean; "19.75" below two values, "" without any. `digits` after
/// the point.
[[nodiscard]] std::string mean_text(const Spread& spread, int digits);

}  // namespace lact
