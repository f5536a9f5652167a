#include "app/gfx/vulkan/imgui_backend.h"

#include "app/gfx/vulkan/context.h"

namespace lact::gfx {

namespace {

/// Thrown through the back end, which has no other way to end.
struct VulkanFailure {
    VkResult result = VK_SUCCESS;
};

void on_result(VkResult result) {
    if (result < 0) {
        throw VulkanFailure{result};
    }
}

template <class Call>
Result<void> guarded(const char* doing, const Call& call) {
    try {
        call();
        return {};
    } catch (const VulkanFailure& failure) {
        return vulkan_check(failure.result, doing);
    }
}

/// The vertex buffers of a failed frame may be freed but not yet replaced. They are left to the device, which
/// frees what it still has when it is destroyed.
void abandon_vertex_buffers() {
    ImGui::GetMainViewport()->RendererUserData = nullptr;
}

/// A texture that failed half-way has an identity, but is still to be created: ImGui holds that for a fault
/// of the back end and ends the program in the next frame (assertion). Its remains go when the back end ends.
void abandon_textures() {
    for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
        if (texture->Status == ImTextureStatus_WantCreate && texture->BackendUserData != nullptr) {
            texture->SetStatus(ImTextureStatus_OK);
        }
    }
}

}  // namespace

Result<void> start_imgui_backend(ImGui_ImplVulkan_InitInfo info) {
    info.CheckVkResultFn = on_result;
    bool started = false;
    auto done = guarded("set up the interface", [&] { started = ImGui_ImplVulkan_Init(&info); });
    if (!done) {
        end_imgui_backend();
        return done;
    }
    if (!started) {
        return fail("Vulkan", "the interface could not be set up on this GPU", other_device_hint);
    }
    return {};
}

void end_imgui_backend() {
    ImGui_ImplVulkan_Shutdown();
}

Result<void> draw_imgui(VkCommandBuffer commands) {
    auto drawn = guarded("draw the interface",
                         [&] { ImGui_ImplVulkan_RenderDrawData(ImGui::GetDrawData(), commands); });
    if (!drawn) {
        abandon_vertex_buffers();
        abandon_textures();
    }
    return drawn;
}

Result<VkDescriptorSet> add_imgui_texture(VkImageView view) {
    VkDescriptorSet set = VK_NULL_HANDLE;
    LACT_CHECK(guarded("make a texture", [&] {
        set = ImGui_ImplVulkan_AddTexture(view, VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL);
    }));
    return set;
}

}  // namespace lact::gfx
