#include "engine/core/processor.h"

namespace lact {

bool has_bf16_products() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16") != 0;
#else
    return true;
#endif
}

bool has_fp16_products() {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512fp16") != 0;
#else
    return true;
#endif
}

}  // namespace lact
