#pragma once

#include "engine/core/error.h"

#include <span>
#include <string_view>
#include <vector>

namespace lact {

/// Easing of a segment between two keys of a camera track.
enum class Easing {
    smooth,       ///< Continuous speed at both keys.
    linear,       ///< Constant speed; it may jump at the keys.
    ease_in,      ///< Starts at rest.
    ease_out,     ///< Ends at rest.
    ease_in_out,  ///< Starts and ends at rest.
    hold,         ///< Stays at the key until the time of the next one, then jumps.
};

[[nodiscard]] Result<Easing> parse_easing(
    std::string_view text);  ///< "smooth|linear|ease-in|ease-out|ease-in-out|hold"
[[nodiscard]] std::string_view to_string(Easing easing);

/// A piecewise cubic y(x) through given points without overshoot: Hermite segments with the slopes of
/// Fritsch and Butland (A method for constructing local monotone piecewise cubic interpolants, SIAM J. Sci.
/// Stat. Comput. 5, 1984). Continuously differentiable except at the ends of `linear` and `hold` segments.
class MonotoneMap {
  public:
    MonotoneMap() = default;
    /// `x`: strictly ascending, at least two; `y`: as many; `easing`: one per segment (empty: all smooth).
    /// `periodic`: the last point is the first one a period later, and the slopes agree there.
    MonotoneMap(std::span<const double> x, std::span<const double> y, std::span<const Easing> easing,
                bool periodic);

    /// y at x, exactly the given y at every given x; constant outside the range.
    [[nodiscard]] double operator()(double x) const;

  private:
    void set_slopes(std::span<const Easing> easing, bool periodic);
    [[nodiscard]] double secant(std::size_t segment) const;

    std::vector<double> x_;
    std::vector<double> y_;
    std::vector<double> leaving_;   ///< Slope at the start of each segment.
    std::vector<double> arriving_;  ///< Slope at its end.
    std::vector<bool> held_;
};

/// The segment of ascending `knots` (at least two) that holds `x`: the last one that begins at or before it,
/// clamped to the valid range.
[[nodiscard]] std::size_t segment_of(std::span<const double> knots, double x);

}  // namespace lact
