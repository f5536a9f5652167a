#pragma once

#include "engine/core/error.h"

#include <imgui_impl_vulkan.h>
#include <volk.h>

namespace lact::gfx {

// ImGui's back end for Vulkan. By itself it goes on after a call of Vulkan that failed, with objects that are
// not there. Here the first failure ends what it does and is the error.

/// Starts it. After an error there is nothing to end.
[[nodiscard]] Result<void> start_imgui_backend(ImGui_ImplVulkan_InitInfo info);
void end_imgui_backend();

/// Draws the output of ImGui::Render(). After an error it must not draw again.
[[nodiscard]] Result<void> draw_imgui(VkCommandBuffer commands);

/// A descriptor set for a sampled image; ImGui_ImplVulkan_RemoveTexture() frees it.
[[nodiscard]] Result<VkDescriptorSet> add_imgui_texture(VkImageView view);

}  // namespace lact::gfx
