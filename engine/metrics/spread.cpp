#include "engine/metrics/spread.h"

#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace lact {

Spread spread_of(std::span<const double> values) {
    const auto count = static_cast<double>(values.size());
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    Spread spread{values.size(), values.empty() ? none : 0.0};
    for (const double value : values) {
        spread.mean += value / count;
    }
    if (values.size() > 1) {
        double squared = 0;
        for (const double value : values) {
            squared += (value - spread.mean) * (value - spread.mean);
        }
        spread.deviation = std::sqrt(squared / (count - 1));
        spread.error = spread.deviation / std::sqrt(count);
    }
    return spread;
}

bool Spread::differs_from_zero() const {
    return count > 1 && std::abs(mean) > 2 * error;
}

std::string mean_text(const Spread& spread, int digits) {
    if (spread.count == 0) {
        return {};
    }
    return spread.count == 1
               ? fmt::format("{:.{}f}", spread.mean, digits)
               : fmt::format("{:.{}f} ± {:.{}f}", spread.mean, digits, spread.deviation, digits);
}

}  // namespace lact
