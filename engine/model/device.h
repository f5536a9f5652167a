#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <string>
#include <string_view>

#include <ATen/ATen.h>

namespace lact {

/// Selects the device "auto", "cpu", "cuda" or "cuda:i". The first call opens libtorch_cuda.so if it exists:
/// the program links the CPU library of Torch only, so that one binary serves machines with and without a
/// GPU. Errors name what is missing (driver, GPU, CUDA libraries) and the alternative.
[[nodiscard]] Result<at::Device> select_device(std::string_view text);

/// A description for the user: "cpu (2 threads)", "cuda:0 (NVIDIA H200)".
[[nodiscard]] std::string describe_device(const at::Device& device);

/// Bytes of a GPU that this program can still use: free ones, and those that Torch keeps for later tensors.
/// 0: not known.
[[nodiscard]] std::size_t available_gpu_bytes(const at::Device& device);

/// Sets the reference arithmetic of fp32: no TF32, and the number of CPU threads (0: OMP_NUM_THREADS,
/// otherwise one per core).
void use_reference_arithmetic(int threads);

}  // namespace lact
