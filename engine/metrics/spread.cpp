#include "engine/metrics/spread.h"

#include <algorithm>
#include <array>
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

double Spread::interval() const {
    return count > 1 ? student_factor(count - 1) * error : std::numeric_limits<double>::infinity();
}

double student_factor(std::size_t freedom) {
    // The 0.975 quantiles of Student's distribution, from one degree of freedom.
    constexpr std::array quantiles = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
                                      2.201,  2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
                                      2.080,  2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};
    if (freedom == 0) {
        return std::numeric_limits<double>::infinity();
    }
    return quantiles.at(std::min(freedom, quantiles.size()) - 1);  // Beyond the table they are smaller.
}

bool within_noise(const Spread& a, const Spread& b) {
    if (a.count == 0 || b.count == 0 || a.count + b.count < 3) {
        return false;
    }
    const auto squares = [](const Spread& one) {
        return static_cast<double>(one.count - 1) * one.deviation * one.deviation;
    };
    const std::size_t freedom = a.count + b.count - 2;
    const double variance = (squares(a) + squares(b)) / static_cast<double>(freedom);
    const double error =
        std::sqrt(variance / static_cast<double>(a.count) + variance / static_cast<double>(b.count));
    return std::abs(a.mean - b.mean) <= student_factor(freedom) * error;
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
