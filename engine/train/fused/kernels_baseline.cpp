// fused/kernels.h for every processor.
#define KERNELS_NAMESPACE baseline
#include "engine/train/fused/kernels_body.inc"
