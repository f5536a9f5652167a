#pragma once

#include "engine/core/error.h"
#include "engine/model/config.h"
#include "engine/scene/prepare.h"

#include <cstddef>
#include <string>

namespace lact {

/// Bytes that a set-up of so many input views of one size needs at its peak beside the weights: an upper
/// estimate from the shapes of the network's largest intermediate tensors (checked against measured peaks in
/// the tests).
[[nodiscard]] std::size_t set_up_bytes(const ModelConfig& config, std::size_t views, Size size);

/// Memory that can still be taken on the CPU (MemAvailable); 0 where it cannot be told.
[[nodiscard]] std::size_t available_cpu_bytes();

/// An error that names what is needed and what is there, with how many views would fit; nothing when it fits
/// or when `available` is 0.
[[nodiscard]] Result<void> check_memory(const ModelConfig& config, std::size_t views, Size size,
                                        std::size_t available);

}  // namespace lact
