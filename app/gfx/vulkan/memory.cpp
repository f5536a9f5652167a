#include "app/gfx/vulkan/memory.h"

#include <fmt/format.h>

namespace lact::gfx {

namespace {

template <class T>
std::uint64_t number(T handle) {
    return reinterpret_cast<std::uint64_t>(handle);
}

constexpr VkImageSubresourceRange whole_image{VK_IMAGE_ASPECT_COLOR_BIT, 0, 1, 0, 1};

/// A dedicated allocation for one image or buffer.
Result<Owned<VkDeviceMemory>> allocate(const Context& context, const VkMemoryRequirements& needs,
                                       VkMemoryPropertyFlags properties,
                                       const VkMemoryDedicatedAllocateInfo& dedicated, const char* name) {
    const int type = context.memory_type(needs.memoryTypeBits, properties);
    if (type < 0) {
        return fail("Vulkan", fmt::format("the GPU has no memory type for {}", name), other_device_hint);
    }
    VkMemoryAllocateInfo info{VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO, &dedicated, needs.size,
                              static_cast<std::uint32_t>(type)};
    VkDeviceMemory memory = VK_NULL_HANDLE;
    if (const VkResult made = vkAllocateMemory(context.device(), &info, nullptr, &memory);
        made != VK_SUCCESS) {
        return fail("Vulkan",
                    fmt::format("the GPU could not give {:.1f} MB for {}: {}",
                                static_cast<double>(needs.size) / 1e6, name, vulkan_words(made)),
                    vulkan_step(made));
    }
    context.name(VK_OBJECT_TYPE_DEVICE_MEMORY, number(memory), name);
    return Owned<VkDeviceMemory>(context.device(), memory, vkFreeMemory);
}

}  // namespace

Result<Owned<VkImageView>> make_view(const Context& context, VkImage image, VkFormat format,
                                     const char* name) {
    VkImageViewCreateInfo info{VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO};
    info.image = image;
    info.viewType = VK_IMAGE_VIEW_TYPE_2D;
    info.format = format;
    info.subresourceRange = whole_image;
    VkImageView view = VK_NULL_HANDLE;
    LACT_CHECK(
        vulkan_check(vkCreateImageView(context.device(), &info, nullptr, &view), "make an image view"));
    context.name(VK_OBJECT_TYPE_IMAGE_VIEW, number(view), name);
    return Owned<VkImageView>(context.device(), view, vkDestroyImageView);
}

Result<GpuImage> make_image(const Context& context, VkExtent2D extent, VkFormat format,
                            VkImageUsageFlags usage, const char* name) {
    const std::uint32_t most = context.properties().limits.maxImageDimension2D;
    if (extent.width > most || extent.height > most) {
        return fail("Vulkan",
                    fmt::format("{} of {} × {} is larger than the limit of {} pixels of this GPU", name,
                                extent.width, extent.height, most),
                    "make the window or the image smaller");
    }
    VkImageCreateInfo info{VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO};
    info.imageType = VK_IMAGE_TYPE_2D;
    info.format = format;
    info.extent = {extent.width, extent.height, 1};
    info.mipLevels = 1;
    info.arrayLayers = 1;
    info.samples = VK_SAMPLE_COUNT_1_BIT;
    info.tiling = VK_IMAGE_TILING_OPTIMAL;
    info.usage = usage;
    VkImage image = VK_NULL_HANDLE;
    LACT_CHECK(vulkan_check(vkCreateImage(context.device(), &info, nullptr, &image), "make an image"));
    GpuImage made;
    made.extent = extent;
    made.format = format;
    made.image = Owned<VkImage>(context.device(), image, vkDestroyImage);
    context.name(VK_OBJECT_TYPE_IMAGE, number(image), name);
    VkMemoryRequirements needs{};
    vkGetImageMemoryRequirements(context.device(), image, &needs);
    const VkMemoryDedicatedAllocateInfo dedicated{VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO, nullptr,
                                                  image, VK_NULL_HANDLE};
    LACT_TRY(made.memory, allocate(context, needs, VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, dedicated, name));
    LACT_CHECK(vulkan_check(vkBindImageMemory(context.device(), image, made.memory.get(), 0), "bind memory"));
    LACT_TRY(made.view, make_view(context, image, format, name));
    return made;
}

Result<HostBuffer> make_host_buffer(const Context& context, std::size_t bytes, VkBufferUsageFlags usage,
                                    const char* name) {
    VkBufferCreateInfo info{VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO};
    info.size = bytes;
    info.usage = usage;
    VkBuffer buffer = VK_NULL_HANDLE;
    LACT_CHECK(vulkan_check(vkCreateBuffer(context.device(), &info, nullptr, &buffer), "make a buffer"));
    HostBuffer made;
    made.buffer = Owned<VkBuffer>(context.device(), buffer, vkDestroyBuffer);
    context.name(VK_OBJECT_TYPE_BUFFER, number(buffer), name);
    VkMemoryRequirements needs{};
    vkGetBufferMemoryRequirements(context.device(), buffer, &needs);
    const VkMemoryDedicatedAllocateInfo dedicated{VK_STRUCTURE_TYPE_MEMORY_DEDICATED_ALLOCATE_INFO, nullptr,
                                                  VK_NULL_HANDLE, buffer};
    constexpr VkMemoryPropertyFlags coherent =
        VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    // Reading uncached memory back is very slow.
    const bool reads =
        (usage & VK_BUFFER_USAGE_TRANSFER_DST_BIT) != 0 &&
        context.memory_type(needs.memoryTypeBits, coherent | VK_MEMORY_PROPERTY_HOST_CACHED_BIT) >= 0;
    LACT_TRY(made.memory,
             allocate(context, needs, reads ? coherent | VK_MEMORY_PROPERTY_HOST_CACHED_BIT : coherent,
                      dedicated, name));
    LACT_CHECK(
        vulkan_check(vkBindBufferMemory(context.device(), buffer, made.memory.get(), 0), "bind memory"));
    void* mapped = nullptr;
    LACT_CHECK(vulkan_check(vkMapMemory(context.device(), made.memory.get(), 0, VK_WHOLE_SIZE, 0, &mapped),
                            "map memory"));
    made.bytes = {static_cast<std::byte*>(mapped), bytes};
    return made;
}

void barrier(VkCommandBuffer commands, VkImage image, const ImageUse& before, const ImageUse& after) {
    VkImageMemoryBarrier2 one{VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER_2};
    one.srcStageMask = before.stage;
    one.srcAccessMask = before.access;
    one.dstStageMask = after.stage;
    one.dstAccessMask = after.access;
    one.oldLayout = before.layout;
    one.newLayout = after.layout;
    one.srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
    one.dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED;
    one.image = image;
    one.subresourceRange = whole_image;
    VkDependencyInfo all{VK_STRUCTURE_TYPE_DEPENDENCY_INFO};
    all.imageMemoryBarrierCount = 1;
    all.pImageMemoryBarriers = &one;
    vkCmdPipelineBarrier2(commands, &all);
}

}  // namespace lact::gfx
