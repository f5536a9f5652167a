#include "engine/core/processor.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

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
    // By its bit, whose name Clang 14 does not know; that of AVX-512 also says that the system saves its
    // registers.
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    return __builtin_cpu_supports("avx512f") != 0 && __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 &&
           (edx & (1U << 23U)) != 0;
#else
    return true;
#endif
}

}  // namespace lact
