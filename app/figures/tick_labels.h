#pragma once

#include <functional>
#include <string>
#include <vector>

namespace lact::app {

/// What stands at the named ticks of an axis.
struct TickLabels {
    /// One for each tick, no two the same. Empty: the tick has no label.
    std::vector<std::string> texts;
    /// Where the texts stand for the names, a line for each tick: "V1 Variant 1".
    std::vector<std::string> legend;
};

/// What stands at the ticks of an axis of numbers.
struct NumberLabels {
    std::vector<std::string> texts;  ///< One for each tick.
    /// What is subtracted from all, for the label of the axis: "- 0.71828183". Empty: nothing is.
    std::string shift;
};
/// Labels of ticks at equal distances, in ascending order, with as many digits as two neighbours need to
/// differ. Where these are too many for the room beside an axis, the first tick is subtracted from all.
[[nodiscard]] NumberLabels labels_of_round_numbers(const std::vector<double>& ticks);
/// Numbers with five digits, or as many as they need to differ.
[[nodiscard]] std::vector<std::string> labels_of_numbers(const std::vector<double>& numbers);

/// The width of a text and of the gap to its neighbour.
using TextWidth = std::function<double(const std::string&)>;

/// The labels of ticks that are `room` apart: the first of these that fits at all of them.
///   - The names.
///   - Of ticks that are counted from 0, the numbers ("0", "1", "all" for "layer 0", "layer 1", "all"), or
///     every second, fifth, tenth, … of them.
///   - The names without the words that all of them begin with.
///   - Initial letters and numbers: "V1", "B" for "Variant 1", "Baseline". The legend has the names.
///   - The letters a, b, c, …. The legend has the names.
///   - None.
[[nodiscard]] TickLabels tick_labels(const std::vector<std::string>& names, double room,
                                     const TextWidth& width_of);

}  // namespace lact::app
