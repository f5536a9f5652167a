#include "engine/metrics/spread.h"

#include <cmath>
#include <limits>

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

}  // namespace lact
