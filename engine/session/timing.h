#pragma once

#include <vector>

namespace lact {

/// Milliseconds of a clock that only differences have a meaning of: wall time, or the processor time of all
/// threads of the process, which with one thread is independent of other load on the machine.
[[nodiscard]] double clock_milliseconds(bool processor_time);

/// Median of at least one value; of an even number the mean of the middle two.
[[nodiscard]] double median_of_times(std::vector<double> values);

}  // namespace lact
