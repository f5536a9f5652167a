#pragma once

#include "app/gfx/vulkan/renderer.h"

#include <optional>
#include <vector>

namespace lact::gfx {

/// The images of a window. Recreated, passing on the old one, when the window's size changes or the window
/// system asks for it.
class Swapchain {
  public:
    /// The format of all its images, to be asked before the first recreate(). Errors: no 8-bit format.
    [[nodiscard]] static Result<VkSurfaceFormatKHR> choose_format(const Context& context,
                                                                  VkSurfaceKHR surface);

    Swapchain(const Context& context, VkSurfaceKHR surface, VkSurfaceFormatKHR format)
        : context_(context), surface_(surface), format_(format) {}
    Swapchain(const Swapchain&) = delete;
    Swapchain& operator=(const Swapchain&) = delete;
    ~Swapchain();

    /// Makes it anew for a framebuffer of this size; nothing may be drawing to the old images. Does nothing
    /// for a size of zero (minimised).
    [[nodiscard]] Result<void> recreate(VkExtent2D framebuffer);
    [[nodiscard]] VkExtent2D extent() const { return extent_; }
    [[nodiscard]] bool usable() const { return bool(chain_); }
    [[nodiscard]] bool can_be_read() const { return readable_; }

    /// The next image to draw to; none: recreate first.
    [[nodiscard]] Result<std::optional<Target>> acquire();
    /// Shows the image acquired last. False: it should be recreated.
    [[nodiscard]] Result<bool> present();

  private:
    struct Image {
        VkImage image = VK_NULL_HANDLE;
        Owned<VkImageView> view;
        Owned<VkSemaphore> acquired;  ///< Waited for by the frame that drew to this image last.
        Owned<VkSemaphore> drawn;     ///< Waited for by the presentation of this image.
    };
    Result<Owned<VkSemaphore>> make_semaphore(const char* name);
    Result<void> make_images();

    const Context& context_;
    VkSurfaceKHR surface_;
    VkSurfaceFormatKHR format_;
    VkExtent2D extent_{};
    Owned<VkSwapchainKHR> chain_;
    std::vector<Image> images_;
    Owned<VkSemaphore> spare_;  ///< For the next acquisition; then changes places with the image's own.
    std::uint32_t current_ = 0;
    bool readable_ = false;
};

}  // namespace lact::gfx
