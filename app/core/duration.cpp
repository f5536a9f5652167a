#include "app/core/duration.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace lact::app {
namespace {

/// A guess from less time than this would jump about.
constexpr std::chrono::duration<double> shortest_experience{0.5};

}  // namespace

std::string format_duration(std::chrono::duration<double> seconds) {
    const auto total = static_cast<long long>(std::ceil(std::clamp(seconds.count(), 0.0, 359'999.0)));
    if (total < 3600) {
        return fmt::format("{}:{:02d}", total / 60, total % 60);
    }
    return fmt::format("{}:{:02d}:{:02d}", total / 3600, total / 60 % 60, total % 60);
}

std::optional<std::chrono::duration<double>> time_left(double fraction,
                                                       std::chrono::duration<double> elapsed) {
    if (!(fraction > 0) || fraction >= 1 || elapsed < shortest_experience) {
        return std::nullopt;
    }
    return elapsed * ((1 - fraction) / fraction);
}

}  // namespace lact::app
