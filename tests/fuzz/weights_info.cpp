// The metadata of weight files: engine/model/weights_info.h.
#include "engine/model/weights_info.h"

#include "tests/fuzz/target.h"

LACT_FUZZ_TARGET(weights_info) {
    const std::string text(text_of(data, size));
    const auto info = parse_weights_info(text);
    const auto config = parse_declared_config(text);
    return (info || !info.error().what.empty()) && (config || !config.error().what.empty()) ? 0 : 1;
}
