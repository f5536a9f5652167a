#include "engine/scene/monotone_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace lact {
namespace {

constexpr std::array<std::pair<std::string_view, Easing>, 6> easing_names{
    {{"smooth", Easing::smooth},
     {"linear", Easing::linear},
     {"ease-in", Easing::ease_in},
     {"ease-out", Easing::ease_out},
     {"ease-in-out", Easing::ease_in_out},
     {"hold", Easing::hold}}};

bool starts_at_rest(Easing easing) {
    return easing == Easing::ease_in || easing == Easing::ease_in_out;
}

bool ends_at_rest(Easing easing) {
    return easing == Easing::ease_out || easing == Easing::ease_in_out;
}

/// Slope at a point between segments of lengths h0, h1 and secants s0, s1: a weighted harmonic mean, 0 at an
/// extremum. At most three times the smaller secant, which keeps both segments monotone.
double between_segments(double h0, double s0, double h1, double s1) {
    if (s0 * s1 <= 0) {
        return 0;
    }
    const double w0 = 2 * h1 + h0;
    const double w1 = h1 + 2 * h0;
    return (w0 + w1) / (w0 / s0 + w1 / s1);
}

/// Slope at a free end, with `other` the slope at the other end of the segment: zero curvature at the end,
/// limited to stay monotone.
double at_end(double secant, double other) {
    const double slope = 1.5 * secant - 0.5 * other;
    return secant > 0 ? std::clamp(slope, 0.0, 3 * secant) : std::clamp(slope, 3 * secant, 0.0);
}

}  // namespace

Result<Easing> parse_easing(std::string_view text) {
    for (const auto& [name, easing] : easing_names) {
        if (name == text) {
            return easing;
        }
    }
    return fail("easing",
                fmt::format("'{}' is not one of smooth, linear, ease-in, ease-out, ease-in-out, hold", text));
}

std::string_view to_string(Easing easing) {
    for (const auto& [name, value] : easing_names) {
        if (value == easing) {
            return name;
        }
    }
    return "smooth";
}

std::size_t segment_of(std::span<const double> knots, double x) {
    const auto upper =
        static_cast<std::size_t>(std::upper_bound(knots.begin(), knots.end(), x) - knots.begin());
    return std::clamp<std::size_t>(upper, 1, knots.size() - 1) - 1;
}

MonotoneMap::MonotoneMap(std::span<const double> x, std::span<const double> y, std::span<const Easing> easing,
                         bool periodic)
    : x_(x.begin(), x.end()), y_(y.begin(), y.end()) {
    set_slopes(easing, periodic);
}

double MonotoneMap::secant(std::size_t segment) const {
    return (y_[segment + 1] - y_[segment]) / (x_[segment + 1] - x_[segment]);
}

void MonotoneMap::set_slopes(std::span<const Easing> easing, bool periodic) {
    const std::size_t segments = x_.size() - 1;
    const auto easing_of = [&](std::size_t i) { return i < easing.size() ? easing[i] : Easing::smooth; };
    std::vector<double> slope(segments + 1, 0.0);
    // If one side of a key is at rest, both are, so that the speed does not jump.
    std::vector<bool> rests(segments + 1, false);
    for (std::size_t i = 0; i < segments; ++i) {
        rests[i] = rests[i] || starts_at_rest(easing_of(i));
        rests[i + 1] = ends_at_rest(easing_of(i));
    }
    if (periodic) {
        rests.front() = rests.back() = rests.front() || rests.back();
    }
    const auto length = [this](std::size_t i) { return x_[i + 1] - x_[i]; };
    for (std::size_t k = 1; k < segments; ++k) {
        slope[k] = rests[k] ? 0 : between_segments(length(k - 1), secant(k - 1), length(k), secant(k));
    }
    if (periodic) {
        const std::size_t last = segments - 1;
        slope.front() =
            rests.front() ? 0 : between_segments(length(last), secant(last), length(0), secant(0));
        slope.back() = slope.front();
    } else if (segments == 1) {
        // A free end: the secant, unless the other end is at rest.
        slope[0] = rests[0] ? 0 : at_end(secant(0), rests[1] ? 0 : secant(0));
        slope[1] = rests[1] ? 0 : at_end(secant(0), slope[0]);
    } else {
        slope.front() = rests.front() ? 0 : at_end(secant(0), slope[1]);
        slope.back() = rests.back() ? 0 : at_end(secant(segments - 1), slope[segments - 1]);
    }
    for (std::size_t i = 0; i < segments; ++i) {
        const bool straight = easing_of(i) == Easing::linear;
        leaving_.push_back(straight ? secant(i) : slope[i]);
        arriving_.push_back(straight ? secant(i) : slope[i + 1]);
        held_.push_back(easing_of(i) == Easing::hold);
    }
}

double MonotoneMap::operator()(double x) const {
    if (!(x > x_.front())) {
        return y_.front();
    }
    if (x >= x_.back()) {
        return y_.back();
    }
    const std::size_t i = segment_of(x_, x);
    if (held_[i]) {
        return y_[i];
    }
    const double h = x_[i + 1] - x_[i];
    const double t = (x - x_[i]) / h;
    const double rise = y_[i + 1] - y_[i];
    // Hermite form relative to the start: avoids cancellation for large y.
    const double cubic = leaving_[i] * h + arriving_[i] * h - 2 * rise;
    const double square = 3 * rise - 2 * leaving_[i] * h - arriving_[i] * h;
    return y_[i] + t * (leaving_[i] * h + t * (square + t * cubic));
}

}  // namespace lact
