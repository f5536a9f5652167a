// Families of generated worlds: engine/procedural/world_family.h. The worlds of an accepted one are made, and
// drawn small.
#include "engine/procedural/world_family.h"

#include "engine/procedural/generated_views.h"
#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(world_family) {
    const auto family = parse_family(text_of(data, size), "family");
    if (!family) {
        return family.error().what.empty() ? 1 : 0;
    }
    const auto views = generate_views(*family, 1, 1, 4);
    return views.cameras.size() == 1 && views.cameras.front().c2w.allFinite() ? 0 : 1;
}
