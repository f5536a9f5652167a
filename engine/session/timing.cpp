#include "engine/session/timing.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <ctime>

namespace lact {

double clock_milliseconds(bool processor_time) {
    if (processor_time) {
        return 1000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
    }
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

double median_of_times(std::vector<double> values) {
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace lact
