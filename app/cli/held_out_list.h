#pragma once

#include "engine/core/error.h"
#include "engine/procedural/held_out.h"

namespace lact::app {

/// The worlds of assets/heldout.json. Errors: those of find_asset() and read_held_out().
[[nodiscard]] Result<HeldOut> held_out_list();

}  // namespace lact::app
