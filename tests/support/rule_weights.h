#pragma once

#include <filesystem>

namespace lact::test {

/// Writes random weights that say they were trained with a rule, on vehicles at 16x16, into a folder of
/// assets: `weights/rules` with the baseline and Variant 6 alone. What the folder lacks is found in that of
/// the program.
void write_rule_weights(const std::filesystem::path& assets);

}  // namespace lact::test
