#pragma once

#include "engine/core/error.h"

#include <span>
#include <string_view>
#include <vector>

namespace lact {

/// How the way from one key of a camera track to the next is gone.
enum class Easing {
    smooth,       ///< Through both keys without a change of speed there.
    linear,       ///< At one pace; the speed may change at once at the keys.
    ease_in,      ///< From rest.
    ease_out,     ///< Comes to rest.
    ease_in_out,  ///< From rest to rest.
    hold,         ///< Stays at the key until the next one's time, then jumps.
};

[[nodiscard]] Result<Easing> parse_easing(
    std::string_view text);  ///< "smooth|linear|ease-in|ease-out|ease-in-out|hold"
[[nodiscard]] std::string_view to_string(Easing easing);

/// A piecewise cubic y(x) through given points that never overshoots them: Hermite segments with the slopes
/// of Fritsch and Butland (A method for constructing local monotone piecewise cubic interpolants, SIAM J.
/// Sci. Stat. Comput. 5, 1984). Continuously differentiable but at both ends of `linear` and `hold` segments.
class MonotoneMap {
  public:
    MonotoneMap() = default;
    /// `x` strictly ascending, at least two, as many `y`; `easing` of the segments between them (empty: all
    /// smooth). `periodic`: the last point is the first one a period later, and slopes agree there.
    MonotoneMap(std::span<const double> x, std::span<const double> y, std::span<const Easing> easing,
                bool periodic);

    /// At the ends' values outside of the range; exactly y at every x.
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

/// The segment of ascending `knots` (at least two) that `x` lies in: the last one that does not begin behind
/// it, clamped to the existing ones.
[[nodiscard]] std::size_t segment_of(std::span<const double> knots, double x);

}  // namespace lact
