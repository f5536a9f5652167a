#pragma once

#include "engine/core/error.h"

#include <string>
#include <string_view>

#include <ATen/ATen.h>

namespace lact {

/// The device that "auto", "cpu", "cuda" or "cuda:i" names. The first call opens libtorch_cuda.so where it is
/// there: the program links only Torch's CPU library, so that one binary serves machines with and without a
/// GPU. Errors say what is missing (driver, GPU, CUDA libraries) and how to go on without.
[[nodiscard]] Result<at::Device> select_device(std::string_view text);

/// "cpu (2 threads)", or "cuda:0 (NVIDIA H200)".
[[nodiscard]] std::string describe_device(const at::Device& device);

/// Turns TF32 off and sets the number of CPU threads (0: OMP_NUM_THREADS, else one per core): the
/// reference arithmetic of fp32.
void use_reference_arithmetic(int threads);

}  // namespace lact
