#include "app/cli/held_out_list.h"

#include "app/cli/assets.h"

namespace lact::app {

Result<HeldOut> held_out_list() {
    LACT_TRY(const auto path, find_asset("heldout.json"));
    return read_held_out(path);
}

}  // namespace lact::app
