#pragma once

#include "app/window/vulkan/memory.h"

#include <cstdint>
#include <span>

namespace lact::window {

/// SPIR-V as the device takes it; needed only until its pipelines are made.
[[nodiscard]] Result<Owned<VkShaderModule>> load_shader(const Context& context,
                                                        std::span<const std::uint32_t> words);

}  // namespace lact::window
