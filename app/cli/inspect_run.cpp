#include "app/cli/inspect_options.h"
namespace lact::app {
Result<void> run_inspection(const InspectOptions&, const Job&) {
    return fail("inspect", "not yet");
}
}  // namespace lact::app
