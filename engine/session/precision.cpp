#include "engine/core/processor.h"
#include "engine/session/model.h"

#include <fmt/format.h>

namespace lact {

std::string_view newton_schulz_precision(const UpdateRule& rule, Precision precision) {
    return precision == Precision::fp64 ? to_string(precision) : to_string(rule.ns_precision);
}

std::string_view to_string(Precision precision) {
    return precision == Precision::bf16 ? "bf16" : precision == Precision::fp64 ? "fp64" : "fp32";
}

Result<Precision> parse_precision(std::string_view text) {
    if (text == "fp32") {
        return Precision::fp32;
    }
    if (text == "bf16") {
        return Precision::bf16;
    }
    if (text == "fp64") {
        return Precision::fp64;
    }
    return fail("precision", fmt::format("'{}' is not known", text),
                "Precisions are fp32, bf16, and fp64 for checks.");
}

Precision default_precision(std::string_view device) {
    return device.starts_with("cpu") ? Precision::fp32 : Precision::bf16;
}

std::string precision_remark(Precision precision, std::string_view device) {
    if (precision != Precision::bf16 || !device.starts_with("cpu") || has_bf16_products()) {
        return {};
    }
    return "This processor has no instructions for bf16: fp32 is several times faster here, and more exact.";
}

}  // namespace lact
