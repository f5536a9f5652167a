// The text of one side of a comparison: app/compare/side_spec.h.
#include "app/compare/side_spec.h"

#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(side_spec) {
    using namespace app;
    const auto side = parse_side_spec(text_of(data, size));
    if (!side) {
        return side.error().what.empty() ? 1 : 0;
    }
    const auto again = parse_side_spec(format(*side));
    return again && format(*again) == format(*side) ? 0 : 1;
}
