#pragma once

#include "engine/core/error.h"
#include "engine/train/trainer.h"

namespace lact::app {

/// The seeds of assets/heldout.json. Errors: those of find_asset() and of the file.
[[nodiscard]] Result<HeldOutSeeds> held_out_list();

}  // namespace lact::app
