#pragma once

#include "app/gfx/vulkan/renderer.h"

#include <optional>
#include <vector>

namespace lact::gfx {

/// The images of a window. Recreated from the old swapchain when the size changes or the window system
/// requests it.
class Swapchain {
  public:
    /// Chooses the format of all images; call before the first recreate(). Errors: no 8-bit format.
    [[nodiscard]] static Result<VkSurfaceFormatKHR> choose_format(const Context& context,
                                                                  VkSurfaceKHR surface);

    Swapchain(const Context& context, VkSurfaceKHR surface, VkSurfaceFormatKHR format)
        : context_(context), surface_(surface), format_(format) {}
    Swapchain(const Swapchain&) = delete;
    Swapchain& operator=(const Swapchain&) = delete;
    ~Swapchain();

    /// Recreates it for a framebuffer of this size. No drawing to the old images may be in flight. Does
    /// nothing for a size of zero (minimized).
    [[nodiscard]] Result<void> recreate(VkExtent2D framebuffer);
    [[nodiscard]] VkExtent2D extent() const { return extent_; }
    [[nodiscard]] bool usable() const { return bool(chain_); }
    [[nodiscard]] bool can_be_read() const { return readable_; }

    /// Acquires the next image; none: recreate first.
    [[nodiscard]] Result<std::optional<Target>> acquire();
    /// Presents the image acquired last. False: recreate.
    [[nodiscard]] Result<bool> present();

  private:
    struct Image {
        VkImage image = VK_NULL_HANDLE;
        Owned<VkImageView> view;
        Owned<VkSemaphore> acquired;  ///< The last frame that drew to this image waits for it.
        Owned<VkSemaphore> drawn;     ///< The presentation of this image waits for it.
    };
    Result<Owned<VkSemaphore>> make_semaphore(const char* name);
    Result<void> make_images();

    const Context& context_;
    VkSurfaceKHR surface_;
    VkSurfaceFormatKHR format_;
    VkExtent2D extent_{};
    Owned<VkSwapchainKHR> chain_;
    std::vector<Image> images_;
    Owned<VkSemaphore> spare_;  ///< For the next acquisition; then swapped with that of the image.
    std::uint32_t current_ = 0;
    bool readable_ = false;
};

}  // namespace lact::gfx
