#pragma once

#include "engine/model/checkpoint.h"

namespace lact {

/// The same network for pictures `factor` times as large: its patches become as much larger, so the number of
/// tokens stays. It starts as what it was on pictures shrunk by averaging factor x factor pixels, its output
/// enlarged by repeating pixels: a starting point for training at the larger size, not a better network.
/// Metadata: sizes and patch follow, the parent is the checkpoint's sha256. Errors: a factor below 2.
[[nodiscard]] Result<Checkpoint> enlarge_patch(const Checkpoint& checkpoint, int factor);

}  // namespace lact
