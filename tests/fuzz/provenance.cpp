// Texts in PNG and GIF files: app/video/provenance.h. MP4 is read by libav and left out.
#include "app/video/provenance.h"

#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(provenance) {
    const auto texts = app::read_provenance(scratch().file("a.png", text_of(data, size)));
    return texts || !texts.error().what.empty() ? 0 : 1;
}
