#include "app/gfx/vulkan/world_painter.h"

#include "app/gfx/vulkan/quad_pipelines.h"
#include "embedded/embedded.h"

#include <algorithm>
#include <cstring>

namespace lact::gfx {

namespace {

constexpr std::array<VkDescriptorType, 3> bindings{
    VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, VK_DESCRIPTOR_TYPE_STORAGE_IMAGE};
constexpr std::uint32_t group_side = 8;  ///< Side of the work groups of the shader.

constexpr ImageUse use_stored{VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT,
                              VK_ACCESS_2_SHADER_STORAGE_READ_BIT | VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT,
                              VK_IMAGE_LAYOUT_GENERAL};

ViewConstants view_constants(const Camera& camera) {
    const auto column = [&](int i) {
        return std::array<float, 4>{static_cast<float>(camera.c2w(0, i)),
                                    static_cast<float>(camera.c2w(1, i)),
                                    static_cast<float>(camera.c2w(2, i)), 0.0F};
    };
    ViewConstants view;
    view.right = column(0);
    view.down = column(1);
    view.forward = column(2);
    view.eye = column(3);
    view.lens = {static_cast<float>(1 / camera.fx), static_cast<float>(1 / camera.fy),
                 static_cast<float>(camera.cx), static_cast<float>(camera.cy)};
    view.size = {camera.width, camera.height};
    return view;
}

}  // namespace

Result<void> WorldPainter::make_pipeline() {
    if (pipeline_) {
        return {};
    }
    VkDevice device = context_.device();
    Pipeline made;
    std::array<VkDescriptorSetLayoutBinding, bindings.size()> rows{};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].binding = static_cast<std::uint32_t>(i);
        rows[i].descriptorType = bindings[i];
        rows[i].descriptorCount = 1;
        rows[i].stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
    }
    VkDescriptorSetLayoutCreateInfo sets{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO};
    sets.bindingCount = static_cast<std::uint32_t>(rows.size());
    sets.pBindings = rows.data();
    VkDescriptorSetLayout set_layout = VK_NULL_HANDLE;
    LACT_CHECK(vulkan_check(vkCreateDescriptorSetLayout(device, &sets, nullptr, &set_layout),
                            "make a descriptor layout"));
    made.set_layout = {device, set_layout, vkDestroyDescriptorSetLayout};

    const VkPushConstantRange constants{VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(ViewConstants)};
    VkPipelineLayoutCreateInfo layout_info{VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO};
    layout_info.setLayoutCount = 1;
    layout_info.pSetLayouts = &set_layout;
    layout_info.pushConstantRangeCount = 1;
    layout_info.pPushConstantRanges = &constants;
    VkPipelineLayout layout = VK_NULL_HANDLE;
    LACT_CHECK(vulkan_check(vkCreatePipelineLayout(device, &layout_info, nullptr, &layout),
                            "make a pipeline layout"));
    made.layout = {device, layout, vkDestroyPipelineLayout};

    LACT_TRY(const auto shader, load_shader(context_, embedded::world_comp));
    VkComputePipelineCreateInfo info{VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO};
    info.stage.sType = VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO;
    info.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
    info.stage.module = shader.get();
    info.stage.pName = "main";
    info.layout = layout;
    VkPipeline pipeline = VK_NULL_HANDLE;
    LACT_CHECK(vulkan_check(vkCreateComputePipelines(device, VK_NULL_HANDLE, 1, &info, nullptr, &pipeline),
                            "make the pipeline of generated worlds"));
    made.pipeline = {device, pipeline, vkDestroyPipeline};
    context_.name(VK_OBJECT_TYPE_PIPELINE, reinterpret_cast<std::uint64_t>(pipeline), "world");
    pipeline_ = std::move(made);
    return {};
}

Result<void> WorldPainter::keep_corners(VkExtent2D extent) {
    if (corners_) {
        extent.width = std::max(extent.width, corners_->extent.width);
        extent.height = std::max(extent.height, corners_->extent.height);
        if (extent.width == corners_->extent.width && extent.height == corners_->extent.height) {
            return {};
        }
    }
    LACT_TRY(GpuImage fresh, make_image(context_, extent, VK_FORMAT_R32G32B32A32_SFLOAT,
                                        VK_IMAGE_USAGE_STORAGE_BIT, "corners of a world"));
    corners_ = std::make_shared<GpuImage>(std::move(fresh));
    return {};
}

Result<void> WorldPainter::describe(WorldDrawing& drawing, VkImageView image) const {
    VkDevice device = context_.device();
    const std::array sizes{VkDescriptorPoolSize{VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, 1},
                           VkDescriptorPoolSize{VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, 2}};
    VkDescriptorPoolCreateInfo pool_info{VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO};
    pool_info.maxSets = 1;
    pool_info.poolSizeCount = static_cast<std::uint32_t>(sizes.size());
    pool_info.pPoolSizes = sizes.data();
    VkDescriptorPool pool = VK_NULL_HANDLE;
    LACT_CHECK(vulkan_check(vkCreateDescriptorPool(device, &pool_info, nullptr, &pool), "make descriptors"));
    drawing.pool = {device, pool, vkDestroyDescriptorPool};

    VkDescriptorSetLayout layout = pipeline_->set_layout.get();
    VkDescriptorSetAllocateInfo info{VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO};
    info.descriptorPool = pool;
    info.descriptorSetCount = 1;
    info.pSetLayouts = &layout;
    LACT_CHECK(vulkan_check(vkAllocateDescriptorSets(device, &info, &drawing.set), "make descriptors"));

    const VkDescriptorBufferInfo words{drawing.words.buffer.get(), 0, VK_WHOLE_SIZE};
    const std::array<VkDescriptorImageInfo, 2> images{
        {{VK_NULL_HANDLE, drawing.corners->view.get(), VK_IMAGE_LAYOUT_GENERAL},
         {VK_NULL_HANDLE, image, VK_IMAGE_LAYOUT_GENERAL}}};
    std::array<VkWriteDescriptorSet, bindings.size()> writes{};
    for (std::size_t i = 0; i < writes.size(); ++i) {
        writes[i].sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET;
        writes[i].dstSet = drawing.set;
        writes[i].dstBinding = static_cast<std::uint32_t>(i);
        writes[i].descriptorCount = 1;
        writes[i].descriptorType = bindings[i];
    }
    writes[0].pBufferInfo = &words;
    writes[1].pImageInfo = &images[0];
    writes[2].pImageInfo = &images[1];
    vkUpdateDescriptorSets(device, static_cast<std::uint32_t>(writes.size()), writes.data(), 0, nullptr);
    return {};
}

Result<WorldDrawing> WorldPainter::prepare(const PackedWorld& world, const Camera& camera,
                                           VkImageView image) {
    LACT_CHECK(make_pipeline());
    LACT_CHECK(keep_corners(
        {static_cast<std::uint32_t>(camera.width) + 1, static_cast<std::uint32_t>(camera.height) + 1}));
    WorldDrawing drawing;
    drawing.view = view_constants(camera);
    const auto& eye = drawing.view.eye;
    const std::vector<std::uint32_t> words = seen_from(world, {eye[0], eye[1], eye[2]});
    const std::size_t bytes = words.size() * sizeof(std::uint32_t);
    LACT_TRY(drawing.words, make_host_buffer(context_, bytes, VK_BUFFER_USAGE_STORAGE_BUFFER_BIT, "world"));
    std::memcpy(drawing.words.bytes.data(), words.data(), bytes);
    drawing.corners = corners_;
    LACT_CHECK(describe(drawing, image));
    return drawing;
}

void WorldPainter::record(VkCommandBuffer commands, const WorldDrawing& drawing, VkImage image,
                          bool drawn) const {
    vkCmdBindPipeline(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline_->pipeline.get());
    vkCmdBindDescriptorSets(commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline_->layout.get(), 0, 1,
                            &drawing.set, 0, nullptr);
    VkImage corners = drawing.corners->image.get();
    ImageUse corners_before = use_stored;  // From an earlier rendering; the content is discarded.
    corners_before.layout = VK_IMAGE_LAYOUT_UNDEFINED;
    barrier(commands, corners, corners_before, use_stored);
    barrier(commands, image, drawn ? use_sampled : ImageUse{}, use_stored);
    ViewConstants view = drawing.view;
    for (const std::int32_t resolve : {0, 1}) {
        view.resolve = resolve;
        vkCmdPushConstants(commands, pipeline_->layout.get(), VK_SHADER_STAGE_COMPUTE_BIT, 0, sizeof(view),
                           &view);
        const auto groups = [&](std::int32_t pixels) {
            return (static_cast<std::uint32_t>(pixels + 1 - resolve) + group_side - 1) / group_side;
        };
        vkCmdDispatch(commands, groups(view.size[0]), groups(view.size[1]), 1);
        if (resolve == 0) {
            barrier(commands, corners, use_stored, use_stored);
        }
    }
    barrier(commands, image, use_stored, use_sampled);
}

}  // namespace lact::gfx
