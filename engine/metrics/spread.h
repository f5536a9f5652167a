#pragma once

#include <cstddef>
#include <limits>
#include <span>

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
};
[[nodiscard]] Spread spread_of(std::span<const double> values);

}  // namespace lact
