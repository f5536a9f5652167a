// Keys with modifiers as text: app/commands/key_chord.h.
#include "app/commands/key_chord.h"

#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(key_chord) {
    const auto chord = app::parse_key_chord(text_of(data, size));
    if (!chord) {
        return chord.error().what.empty() ? 1 : 0;
    }
    const auto again = app::parse_key_chord(app::format(*chord));
    return again && *again == *chord ? 0 : 1;
}
