#include "app/gfx/vulkan/swapchain.h"

#include <algorithm>

namespace lact::gfx {

Result<VkSurfaceFormatKHR> Swapchain::choose_format(const Context& context, VkSurfaceKHR surface) {
    std::uint32_t count = 0;
    vkGetPhysicalDeviceSurfaceFormatsKHR(context.physical(), surface, &count, nullptr);
    std::vector<VkSurfaceFormatKHR> formats(count);
    vkGetPhysicalDeviceSurfaceFormatsKHR(context.physical(), surface, &count, formats.data());
    for (const VkFormat requested : {VK_FORMAT_B8G8R8A8_UNORM, VK_FORMAT_R8G8B8A8_UNORM}) {
        const auto found = std::find_if(formats.begin(), formats.end(), [&](const VkSurfaceFormatKHR& f) {
            return f.format == requested && f.colorSpace == VK_COLOR_SPACE_SRGB_NONLINEAR_KHR;
        });
        if (found != formats.end()) {
            return *found;
        }
    }
    return fail("Vulkan", "the window system offers no 8-bit colour format", other_device_hint);
}

Swapchain::~Swapchain() {
    vkDeviceWaitIdle(context_.device());
}

Result<Owned<VkSemaphore>> Swapchain::make_semaphore(const char* name) {
    const VkSemaphoreCreateInfo info{VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO};
    VkSemaphore semaphore = VK_NULL_HANDLE;
    LACT_CHECK(
        vulkan_check(vkCreateSemaphore(context_.device(), &info, nullptr, &semaphore), "make a semaphore"));
    context_.name(VK_OBJECT_TYPE_SEMAPHORE, reinterpret_cast<std::uint64_t>(semaphore), name);
    return Owned<VkSemaphore>(context_.device(), semaphore, vkDestroySemaphore);
}

Result<void> Swapchain::recreate(VkExtent2D framebuffer) {
    VkSurfaceCapabilitiesKHR can{};
    LACT_CHECK(vulkan_check(vkGetPhysicalDeviceSurfaceCapabilitiesKHR(context_.physical(), surface_, &can),
                            "query the size of the window"));
    VkExtent2D extent = can.currentExtent.width != UINT32_MAX ? can.currentExtent : framebuffer;
    extent.width = std::clamp(extent.width, can.minImageExtent.width, can.maxImageExtent.width);
    extent.height = std::clamp(extent.height, can.minImageExtent.height, can.maxImageExtent.height);
    if (extent.width == 0 || extent.height == 0) {
        return {};
    }
    // Required: without VK_EXT_swapchain_maintenance1 nothing else shows when old images are no longer
    // presented.
    vkDeviceWaitIdle(context_.device());
    readable_ = (can.supportedUsageFlags & VK_IMAGE_USAGE_TRANSFER_SRC_BIT) != 0;
    VkSwapchainCreateInfoKHR info{VK_STRUCTURE_TYPE_SWAPCHAIN_CREATE_INFO_KHR};
    info.surface = surface_;
    info.minImageCount = std::max(can.minImageCount, 3U);
    if (can.maxImageCount != 0) {
        info.minImageCount = std::min(info.minImageCount, can.maxImageCount);
    }
    info.imageFormat = format_.format;
    info.imageColorSpace = format_.colorSpace;
    info.imageExtent = extent;
    info.imageArrayLayers = 1;
    info.imageUsage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
    if (readable_) {
        info.imageUsage |= VK_IMAGE_USAGE_TRANSFER_SRC_BIT;
    }
    info.preTransform = can.currentTransform;
    info.compositeAlpha = (can.supportedCompositeAlpha & VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR) != 0
                              ? VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR
                              : VK_COMPOSITE_ALPHA_INHERIT_BIT_KHR;
    info.presentMode = VK_PRESENT_MODE_FIFO_KHR;
    info.clipped = VK_TRUE;
    info.oldSwapchain = chain_.get();
    VkSwapchainKHR chain = VK_NULL_HANDLE;
    const VkResult made = vkCreateSwapchainKHR(context_.device(), &info, nullptr, &chain);
    images_.clear();
    chain_.reset();  // The call retires it, even when it fails.
    LACT_CHECK(vulkan_check(made, "make images for the window"));
    chain_ = {context_.device(), chain, vkDestroySwapchainKHR};
    context_.name(VK_OBJECT_TYPE_SWAPCHAIN_KHR, reinterpret_cast<std::uint64_t>(chain), "window");
    extent_ = extent;
    return make_images();
}

Result<void> Swapchain::make_images() {
    std::uint32_t count = 0;
    vkGetSwapchainImagesKHR(context_.device(), chain_.get(), &count, nullptr);
    std::vector<VkImage> handles(count);
    LACT_CHECK(vulkan_check(vkGetSwapchainImagesKHR(context_.device(), chain_.get(), &count, handles.data()),
                            "get the window's images"));
    for (VkImage handle : handles) {
        Image image;
        image.image = handle;
        context_.name(VK_OBJECT_TYPE_IMAGE, reinterpret_cast<std::uint64_t>(handle), "window image");
        LACT_TRY(image.view, make_view(context_, handle, format_.format, "window image"));
        LACT_TRY(image.acquired, make_semaphore("image acquired"));
        LACT_TRY(image.drawn, make_semaphore("image drawn"));
        images_.push_back(std::move(image));
    }
    LACT_TRY(spare_, make_semaphore("image acquired"));
    return {};
}

Result<std::optional<Target>> Swapchain::acquire() {
    const VkResult got = vkAcquireNextImageKHR(context_.device(), chain_.get(), UINT64_MAX, spare_.get(),
                                               VK_NULL_HANDLE, &current_);
    if (got == VK_ERROR_OUT_OF_DATE_KHR) {
        return std::nullopt;
    }
    if (got != VK_SUBOPTIMAL_KHR) {
        LACT_CHECK(vulkan_check(got, "get an image of the window"));
    }
    Image& image = images_.at(current_);
    std::swap(image.acquired, spare_);
    Target target;
    target.image = image.image;
    target.view = image.view.get();
    target.extent = extent_;
    target.format = format_.format;
    target.after = VK_IMAGE_LAYOUT_PRESENT_SRC_KHR;
    target.wait = image.acquired.get();
    target.signal = image.drawn.get();
    return target;
}

Result<bool> Swapchain::present() {
    VkSwapchainKHR chain = chain_.get();
    VkSemaphore drawn = images_.at(current_).drawn.get();
    VkPresentInfoKHR info{VK_STRUCTURE_TYPE_PRESENT_INFO_KHR};
    info.waitSemaphoreCount = 1;
    info.pWaitSemaphores = &drawn;
    info.swapchainCount = 1;
    info.pSwapchains = &chain;
    info.pImageIndices = &current_;
    const VkResult shown = vkQueuePresentKHR(context_.queue(), &info);
    if (shown == VK_ERROR_OUT_OF_DATE_KHR || shown == VK_SUBOPTIMAL_KHR) {
        return false;
    }
    LACT_CHECK(vulkan_check(shown, "show a frame"));
    return true;
}

}  // namespace lact::gfx
