#include "app/gfx/vulkan/renderer.h"

#include "app/gfx/vulkan/imgui_backend.h"

namespace lact::gfx {

namespace {

constexpr std::uint64_t for_ever = UINT64_MAX;

/// Four-channel texels to RGB; `blue_first`: BGRA.
void to_rgb(std::span<const std::byte> texels, VkExtent2D extent, bool blue_first, Image8& image) {
    image.width = static_cast<int>(extent.width);
    image.height = static_cast<int>(extent.height);
    image.channels = 3;
    const std::size_t count = std::size_t{extent.width} * extent.height;
    image.pixels.resize(count * 3);
    const std::size_t red = blue_first ? 2 : 0;
    for (std::size_t i = 0; i < count; ++i) {
        image.pixels[i * 3] = std::to_integer<std::uint8_t>(texels[i * 4 + red]);
        image.pixels[i * 3 + 1] = std::to_integer<std::uint8_t>(texels[i * 4 + 1]);
        image.pixels[i * 3 + 2] = std::to_integer<std::uint8_t>(texels[i * 4 + 2 - red]);
    }
}

}  // namespace

Result<std::unique_ptr<Renderer>> Renderer::create(const Context& context, VkFormat target) {
    std::unique_ptr<Renderer> renderer(
        new Renderer(context));  // NOLINT(cppcoreguidelines-owning-memory): private
    LACT_CHECK(renderer->make_slots());
    LACT_CHECK(renderer->start_imgui(target));
    LACT_TRY(QuadPipelines pipelines, QuadPipelines::create(context, target));
    renderer->canvas_ = std::make_unique<VulkanCanvas>(context, std::move(pipelines));
    return renderer;
}

Result<void> Renderer::make_slots() {
    VkDevice device = context_.device();
    for (Slot& slot : slots_) {
        VkCommandPoolCreateInfo pool_info{VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO};
        pool_info.queueFamilyIndex = context_.family();
        pool_info.flags = VK_COMMAND_POOL_CREATE_TRANSIENT_BIT;
        VkCommandPool pool = VK_NULL_HANDLE;
        LACT_CHECK(
            vulkan_check(vkCreateCommandPool(device, &pool_info, nullptr, &pool), "make a command pool"));
        slot.pool = {device, pool, vkDestroyCommandPool};
        VkCommandBufferAllocateInfo info{VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO};
        info.commandPool = pool;
        info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
        info.commandBufferCount = 1;
        LACT_CHECK(
            vulkan_check(vkAllocateCommandBuffers(device, &info, &slot.commands), "make a command buffer"));
        context_.name(VK_OBJECT_TYPE_COMMAND_BUFFER, reinterpret_cast<std::uint64_t>(slot.commands), "frame");
        VkFenceCreateInfo fence_info{VK_STRUCTURE_TYPE_FENCE_CREATE_INFO};
        fence_info.flags = VK_FENCE_CREATE_SIGNALED_BIT;
        VkFence fence = VK_NULL_HANDLE;
        LACT_CHECK(vulkan_check(vkCreateFence(device, &fence_info, nullptr, &fence), "make a fence"));
        slot.fence = {device, fence, vkDestroyFence};
    }
    return {};
}

Result<void> Renderer::start_imgui(VkFormat target) {
    format_ = target;
    ImGui_ImplVulkan_InitInfo info{};
    info.ApiVersion = VK_API_VERSION_1_3;
    info.Instance = context_.instance();
    info.PhysicalDevice = context_.physical();
    info.Device = context_.device();
    info.QueueFamily = context_.family();
    info.Queue = context_.queue();
    info.DescriptorPoolSize = VulkanCanvas::most_textures;
    info.MinImageCount = 2;
    info.ImageCount = static_cast<std::uint32_t>(slots_.size());
    info.UseDynamicRendering = true;
    info.PipelineInfoMain.MSAASamples = VK_SAMPLE_COUNT_1_BIT;
    VkPipelineRenderingCreateInfo& rendering = info.PipelineInfoMain.PipelineRenderingCreateInfo;
    rendering.sType = VK_STRUCTURE_TYPE_PIPELINE_RENDERING_CREATE_INFO;
    rendering.colorAttachmentCount = 1;
    rendering.pColorAttachmentFormats = &format_;
    info.MinAllocationSize = VkDeviceSize{1} << 20;
    LACT_CHECK(start_imgui_backend(info));
    imgui_started_ = true;
    return {};
}

Renderer::~Renderer() {
    vkDeviceWaitIdle(context_.device());
    for (Slot& slot : slots_) {
        slot.garbage.clear();
    }
    canvas_.reset();
    if (imgui_started_) {
        end_imgui_backend();
    }
}

Result<void> Renderer::wait_for_slot() {
    LACT_CHECK(failure_);
    Slot& slot = slots_.at(current_);
    VkFence fence = slot.fence.get();
    LACT_CHECK(
        vulkan_check(vkWaitForFences(context_.device(), 1, &fence, VK_TRUE, for_ever), "finish a frame"));
    slot.garbage.clear();
    return {};
}

Result<void> Renderer::finish() {
    LACT_CHECK(failure_);  // The fence of a frame that was not submitted never signals.
    for (const Slot& slot : slots_) {
        VkFence fence = slot.fence.get();
        LACT_CHECK(
            vulkan_check(vkWaitForFences(context_.device(), 1, &fence, VK_TRUE, for_ever), "finish a frame"));
    }
    return {};
}

Result<void> Renderer::record_drawing(VkCommandBuffer commands, const Target& target) {
    // The last use of the image may still read it (a capture): waits for all copies; discards the content.
    const ImageUse before{VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT | VK_PIPELINE_STAGE_2_COPY_BIT,
                          VK_ACCESS_2_NONE, VK_IMAGE_LAYOUT_UNDEFINED};
    barrier(commands, target.image, before, use_target);
    VkRenderingAttachmentInfo attachment{VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO};
    attachment.imageView = target.view;
    attachment.imageLayout = VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL;
    attachment.loadOp = VK_ATTACHMENT_LOAD_OP_CLEAR;
    attachment.storeOp = VK_ATTACHMENT_STORE_OP_STORE;
    attachment.clearValue.color.float32[3] = 1;
    VkRenderingInfo rendering{VK_STRUCTURE_TYPE_RENDERING_INFO};
    rendering.renderArea.extent = target.extent;
    rendering.layerCount = 1;
    rendering.colorAttachmentCount = 1;
    rendering.pColorAttachments = &attachment;
    vkCmdBeginRendering(commands, &rendering);
    LACT_CHECK(draw_imgui(commands));
    vkCmdEndRendering(commands);
    return {};
}

Result<void> Renderer::draw(const Target& target, Image8* capture) {
    LACT_CHECK(failure_);
    HostBuffer pixels;
    if (capture != nullptr) {  // First: where there is no memory for it, nothing else has changed.
        LACT_TRY(pixels,
                 make_host_buffer(context_, std::size_t{target.extent.width} * target.extent.height * 4,
                                  VK_BUFFER_USAGE_TRANSFER_DST_BIT, "capture"));
    }
    failure_ = draw_frame(target, capture != nullptr ? &pixels : nullptr);
    LACT_CHECK(failure_);
    if (capture != nullptr) {
        if (auto finished = finish(); !finished) {
            vkDeviceWaitIdle(context_.device());  // The copy into `pixels`, which ends here, may still run.
            return finished;
        }
        const bool blue_first = target.format == VK_FORMAT_B8G8R8A8_UNORM;
        to_rgb(pixels.bytes, target.extent, blue_first, *capture);
    }
    return {};
}

Result<void> Renderer::draw_frame(const Target& target, const HostBuffer* pixels) {
    Slot& slot = slots_.at(current_);
    LACT_CHECK(vulkan_check(vkResetCommandPool(context_.device(), slot.pool.get(), 0), "reuse commands"));
    VkCommandBufferBeginInfo begin{VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO};
    begin.flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT;
    LACT_CHECK(vulkan_check(vkBeginCommandBuffer(slot.commands, &begin), "record commands"));
    canvas_->record_uploads(slot.commands);
    LACT_CHECK(record_drawing(slot.commands, target));
    slot.garbage = canvas_->take_garbage();
    const ImageUse after{VK_PIPELINE_STAGE_2_NONE, VK_ACCESS_2_NONE, target.after};
    if (pixels != nullptr) {
        record_capture(slot.commands, target, *pixels);
    }
    barrier(slot.commands, target.image, pixels != nullptr ? use_copy_from : use_target, after);
    LACT_CHECK(vulkan_check(vkEndCommandBuffer(slot.commands), "record commands"));
    return submit(slot, target);
}

void Renderer::record_capture(VkCommandBuffer commands, const Target& target, const HostBuffer& pixels) {
    barrier(commands, target.image, use_target, use_copy_from);
    VkBufferImageCopy region{};
    region.imageSubresource = {VK_IMAGE_ASPECT_COLOR_BIT, 0, 0, 1};
    region.imageExtent = {target.extent.width, target.extent.height, 1};
    vkCmdCopyImageToBuffer(commands, target.image, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, pixels.buffer.get(),
                           1, &region);
    VkMemoryBarrier2 to_host{VK_STRUCTURE_TYPE_MEMORY_BARRIER_2, nullptr,
                             VK_PIPELINE_STAGE_2_COPY_BIT,       VK_ACCESS_2_TRANSFER_WRITE_BIT,
                             VK_PIPELINE_STAGE_2_HOST_BIT,       VK_ACCESS_2_HOST_READ_BIT};
    VkDependencyInfo dependency{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    dependency.memoryBarrierCount = 1;
    dependency.pMemoryBarriers = &to_host;
    vkCmdPipelineBarrier2(commands, &dependency);
}

Result<void> Renderer::submit(Slot& slot, const Target& target) {
    VkSemaphoreSubmitInfo wait{VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO};
    wait.semaphore = target.wait;
    wait.stageMask = VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT;
    VkSemaphoreSubmitInfo signal{VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO};
    signal.semaphore = target.signal;
    signal.stageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT;
    VkCommandBufferSubmitInfo commands{VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO};
    commands.commandBuffer = slot.commands;
    VkSubmitInfo2 info{VK_STRUCTURE_TYPE_SUBMIT_INFO_2};
    info.waitSemaphoreInfoCount = target.wait != VK_NULL_HANDLE ? 1 : 0;
    info.pWaitSemaphoreInfos = &wait;
    info.commandBufferInfoCount = 1;
    info.pCommandBufferInfos = &commands;
    info.signalSemaphoreInfoCount = target.signal != VK_NULL_HANDLE ? 1 : 0;
    info.pSignalSemaphoreInfos = &signal;
    VkFence fence = slot.fence.get();
    LACT_CHECK(vulkan_check(vkResetFences(context_.device(), 1, &fence), "reuse a fence"));
    LACT_CHECK(vulkan_check(vkQueueSubmit2(context_.queue(), 1, &info, fence), "draw a frame"));
    current_ = (current_ + 1) % slots_.size();
    return {};
}

}  // namespace lact::gfx
