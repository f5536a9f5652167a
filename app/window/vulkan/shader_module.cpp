#include "app/window/vulkan/shader_module.h"

namespace lact::window {

Result<Owned<VkShaderModule>> load_shader(const Context& context, std::span<const std::uint32_t> words) {
    VkShaderModuleCreateInfo info{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
    info.codeSize = words.size_bytes();
    info.pCode = words.data();
    VkShaderModule module = VK_NULL_HANDLE;
    LACT_CHECK(
        vulkan_check(vkCreateShaderModule(context.device(), &info, nullptr, &module), "load a shader"));
    return Owned<VkShaderModule>(context.device(), module, vkDestroyShaderModule);
}

}  // namespace lact::window
