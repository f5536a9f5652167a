// fused/kernels.h for processors with AVX512.
#define KERNELS_NAMESPACE avx512
#include "engine/train/fused/kernels_body.inc"
