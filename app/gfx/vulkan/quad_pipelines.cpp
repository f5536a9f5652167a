#include "app/gfx/vulkan/quad_pipelines.h"

#include "embedded/embedded.h"

namespace lact::gfx {

namespace {

VkPipelineShaderStageCreateInfo stage(VkShaderStageFlagBits which, VkShaderModule module,
                                      const VkSpecializationInfo* constants) {
    VkPipelineShaderStageCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO};
    info.stage = which;
    info.module = module;
    info.pName = "main";
    info.pSpecializationInfo = constants;
    return info;
}

/// Alpha blending ("over").
VkPipelineColorBlendAttachmentState over() {
    VkPipelineColorBlendAttachmentState blend{};
    blend.blendEnable = VK_TRUE;
    blend.srcColorBlendFactor = VK_BLEND_FACTOR_SRC_ALPHA;
    blend.dstColorBlendFactor = VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA;
    blend.srcAlphaBlendFactor = VK_BLEND_FACTOR_ONE;
    blend.dstAlphaBlendFactor = VK_BLEND_FACTOR_ONE_MINUS_SRC_ALPHA;
    blend.colorWriteMask = VK_COLOR_COMPONENT_R_BIT | VK_COLOR_COMPONENT_G_BIT | VK_COLOR_COMPONENT_B_BIT |
                           VK_COLOR_COMPONENT_A_BIT;
    return blend;
}

/// `constants`: specialization constants 0 and 1 of the fragment shader, where it has them.
Result<Owned<VkPipeline>> pipeline(const Context& context, VkPipelineLayout layout, VkFormat target,
                                   VkShaderModule vertex, VkShaderModule fragment,
                                   std::array<bool, 2> constants, const char* name) {
    const std::array<VkBool32, 2> values{constants[0] ? VK_TRUE : VK_FALSE,
                                         constants[1] ? VK_TRUE : VK_FALSE};
    const std::array<VkSpecializationMapEntry, 2> entries{
        VkSpecializationMapEntry{0, 0, sizeof(VkBool32)},
        VkSpecializationMapEntry{1, sizeof(VkBool32), sizeof(VkBool32)}};
    const VkSpecializationInfo special{static_cast<std::uint32_t>(entries.size()), entries.data(),
                                       sizeof(values), values.data()};
    const std::array stages{stage(VK_SHADER_STAGE_VERTEX_BIT, vertex, nullptr),
                            stage(VK_SHADER_STAGE_FRAGMENT_BIT, fragment, &special)};
    const VkPipelineVertexInputStateCreateInfo no_vertices{
        VK_STRUCTURE_TYPE_PIPELINE_VERTEX_INPUT_STATE_CREATE_INFO};
    VkPipelineInputAssemblyStateCreateInfo strip{VK_STRUCTURE_TYPE_PIPELINE_INPUT_ASSEMBLY_STATE_CREATE_INFO};
    strip.topology = VK_PRIMITIVE_TOPOLOGY_TRIANGLE_STRIP;
    VkPipelineViewportStateCreateInfo viewport{VK_STRUCTURE_TYPE_PIPELINE_VIEWPORT_STATE_CREATE_INFO};
    viewport.viewportCount = 1;
    viewport.scissorCount = 1;
    VkPipelineRasterizationStateCreateInfo raster{VK_STRUCTURE_TYPE_PIPELINE_RASTERIZATION_STATE_CREATE_INFO};
    raster.lineWidth = 1;
    VkPipelineMultisampleStateCreateInfo samples{VK_STRUCTURE_TYPE_PIPELINE_MULTISAMPLE_STATE_CREATE_INFO};
    samples.rasterizationSamples = VK_SAMPLE_COUNT_1_BIT;
    const VkPipelineColorBlendAttachmentState attachment = over();
    VkPipelineColorBlendStateCreateInfo blend{VK_STRUCTURE_TYPE_PIPELINE_COLOR_BLEND_STATE_CREATE_INFO};
    blend.attachmentCount = 1;
    blend.pAttachments = &attachment;
    const std::array moving{VK_DYNAMIC_STATE_VIEWPORT, VK_DYNAMIC_STATE_SCISSOR};
    VkPipelineDynamicStateCreateInfo dynamic{VK_STRUCTURE_TYPE_PIPELINE_DYNAMIC_STATE_CREATE_INFO};
    dynamic.dynamicStateCount = static_cast<std::uint32_t>(moving.size());
    dynamic.pDynamicStates = moving.data();
    VkPipelineRenderingCreateInfo rendering{VK_STRUCTURE_TYPE_PIPELINE_RENDERING_CREATE_INFO};
    rendering.colorAttachmentCount = 1;
    rendering.pColorAttachmentFormats = &target;

    VkGraphicsPipelineCreateInfo info{VK_STRUCTURE_TYPE_GRAPHICS_PIPELINE_CREATE_INFO, &rendering};
    info.stageCount = static_cast<std::uint32_t>(stages.size());
    info.pStages = stages.data();
    info.pVertexInputState = &no_vertices;
    info.pInputAssemblyState = &strip;
    info.pViewportState = &viewport;
    info.pRasterizationState = &raster;
    info.pMultisampleState = &samples;
    info.pColorBlendState = &blend;
    info.pDynamicState = &dynamic;
    info.layout = layout;
    VkPipeline made = VK_NULL_HANDLE;
    LACT_CHECK(
        vulkan_check(vkCreateGraphicsPipelines(context.device(), VK_NULL_HANDLE, 1, &info, nullptr, &made),
                     "make a pipeline"));
    context.name(VK_OBJECT_TYPE_PIPELINE, reinterpret_cast<std::uint64_t>(made), name);
    return Owned<VkPipeline>(context.device(), made, vkDestroyPipeline);
}

}  // namespace

Result<QuadPipelines> QuadPipelines::create(const Context& context, VkFormat target) {
    QuadPipelines all;
    VkDescriptorSetLayoutBinding binding{};
    binding.descriptorType = VK_DESCRIPTOR_TYPE_SAMPLED_IMAGE;
    binding.descriptorCount = 1;
    binding.stageFlags = VK_SHADER_STAGE_FRAGMENT_BIT;
    VkDescriptorSetLayoutCreateInfo sets{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO};
    sets.bindingCount = 1;
    sets.pBindings = &binding;
    VkDescriptorSetLayout set_layout = VK_NULL_HANDLE;
    LACT_CHECK(vulkan_check(vkCreateDescriptorSetLayout(context.device(), &sets, nullptr, &set_layout),
                            "make a descriptor layout"));
    all.set_layout_ = {context.device(), set_layout, vkDestroyDescriptorSetLayout};

    const VkPushConstantRange constants{VK_SHADER_STAGE_VERTEX_BIT | VK_SHADER_STAGE_FRAGMENT_BIT, 0,
                                        sizeof(DrawConstants)};
    VkPipelineLayoutCreateInfo info{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
    info.setLayoutCount = 1;
    info.pSetLayouts = &set_layout;
    info.pushConstantRangeCount = 1;
    info.pPushConstantRanges = &constants;
    VkPipelineLayout layout = VK_NULL_HANDLE;
    LACT_CHECK(vulkan_check(vkCreatePipelineLayout(context.device(), &info, nullptr, &layout),
                            "make a pipeline layout"));
    all.layout_ = {context.device(), layout, vkDestroyPipelineLayout};

    LACT_TRY(const auto vertex, load_shader(context, embedded::quad_vert));
    LACT_TRY(const auto heat_map, load_shader(context, embedded::heat_map_frag));
    LACT_TRY(const auto image, load_shader(context, embedded::image_frag));
    for (const ColourMap map : {ColourMap::diverging, ColourMap::sequential}) {
        for (const bool several : {false, true}) {
            LACT_TRY(all.heat_maps_.at(number(map, several)),
                     pipeline(context, layout, target, vertex.get(), heat_map.get(),
                              {map == ColourMap::diverging, several}, "heat map"));
        }
    }
    LACT_TRY(all.image_, pipeline(context, layout, target, vertex.get(), image.get(), {}, "image"));
    return all;
}

Result<Owned<VkShaderModule>> load_shader(const Context& context, std::span<const std::uint32_t> words) {
    VkShaderModuleCreateInfo info{VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO};
    info.codeSize = words.size_bytes();
    info.pCode = words.data();
    VkShaderModule module = VK_NULL_HANDLE;
    LACT_CHECK(
        vulkan_check(vkCreateShaderModule(context.device(), &info, nullptr, &module), "load a shader"));
    return Owned<VkShaderModule>(context.device(), module, vkDestroyShaderModule);
}

}  // namespace lact::gfx
