// fused/kernels.h for processors with AVX2.
#define KERNELS_NAMESPACE avx2
#include "engine/train/fused/kernels_body.inc"
