// Window layouts of sessions and settings: app/document/layout_text.h.
#include "app/document/layout_text.h"
#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(layout) {
    const auto kept = app::restorable_layout(text_of(data, size));
    if (!kept) {
        return kept.error().what.empty() ? 1 : 0;
    }
    // Nothing of what can be restored is left out again.
    const auto again = app::restorable_layout(*kept);
    return again && *again == *kept ? 0 : 1;
}
