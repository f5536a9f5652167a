#pragma once

#include <cmath>
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
    /// How far the 95 % interval of the mean reaches on either side: student_factor() standard errors.
    /// Infinite below two values, which say nothing of the error.
    [[nodiscard]] double interval() const;
    /// Whether 0 is outside of that interval.
    [[nodiscard]] bool differs_from_zero() const { return std::abs(mean) > interval(); }
};
[[nodiscard]] Spread spread_of(std::span<const double> values);

/// How many standard errors the two-sided 95 % interval of a mean has on either side (Student's t) where its
/// deviation was estimated with so many degrees of freedom: 12.7 of two values, 4.3 of three. Two standard
/// errors would be passed by 30 % of all pairs of values without any effect. Infinite for 0.
[[nodiscard]] double student_factor(std::size_t freedom);

/// Whether the difference of two means is within its 95 % interval around 0, so that seeds alone may make it:
/// Student's test with the deviation of both together, as few values do not tell their own. False where both
/// are of one value or none, which says nothing of it.
[[nodiscard]] bool within_noise(const Spread& a, const Spread& b);

/// "19.75 ± 0.05", the deviation behind the mean; "19.75" below two values, "" without any. `digits` after
/// the point.
[[nodiscard]] std::string mean_text(const Spread& spread, int digits);

}  // namespace lact
