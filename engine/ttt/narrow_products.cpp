#include "engine/ttt/narrow_products.h"

#include "engine/core/processor.h"

namespace lact {

NarrowProducts faster_products(at::ScalarType type, const at::Device& device) {
    const bool slow = device.is_cpu() && ((type == at::kBFloat16 && !has_bf16_products()) ||
                                          (type == at::kHalf && !has_fp16_products()));
    return slow ? NarrowProducts::in_fp32 : NarrowProducts::native;
}

}  // namespace lact
