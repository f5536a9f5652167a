#pragma once

#include "app/gfx/vulkan/vulkan_canvas.h"

#include <array>
#include <memory>

namespace lact::gfx {

/// Where a frame is drawn to.
struct Target {
    VkImage image = VK_NULL_HANDLE;
    VkImageView view = VK_NULL_HANDLE;
    VkExtent2D extent{};
    VkFormat format = VK_FORMAT_UNDEFINED;
    VkImageLayout after = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;  ///< What the image becomes.
    VkSemaphore wait = VK_NULL_HANDLE;                           ///< The image is free; may be none.
    VkSemaphore signal = VK_NULL_HANDLE;                         ///< The image is drawn; may be none.
};

/// Records ImGui's draw data and our textures into command buffers, two frames in flight.
class Renderer {
  public:
    /// ImGui's context must exist. `target` is the format of all images drawn to.
    [[nodiscard]] static Result<std::unique_ptr<Renderer>> create(const Context& context, VkFormat target);
    Renderer(const Renderer&) = delete;
    Renderer& operator=(const Renderer&) = delete;
    ~Renderer();

    [[nodiscard]] VulkanCanvas& canvas() { return *canvas_; }
    /// Waits until the GPU has finished the frame before the last one, so that its place can be used again.
    [[nodiscard]] Result<void> wait_for_slot();
    /// Draws what ImGui::Render() left and submits it. With `capture`, waits for the frame and reads it
    /// (RGB); the target's image must then allow being copied from. Call wait_for_slot() before.
    [[nodiscard]] Result<void> draw(const Target& target, Image8* capture);
    /// Waits for all frames in flight.
    [[nodiscard]] Result<void> finish();

  private:
    struct Slot {
        Owned<VkCommandPool> pool;
        VkCommandBuffer commands = VK_NULL_HANDLE;
        Owned<VkFence> fence;
        Garbage garbage;
    };
    explicit Renderer(const Context& context) : context_(context) {}
    Result<void> make_slots();
    Result<void> start_imgui(VkFormat target);
    void record_drawing(VkCommandBuffer commands, const Target& target);
    Result<void> submit(Slot& slot, const Target& target);

    const Context& context_;
    std::array<Slot, 2> slots_;
    std::size_t current_ = 0;
    std::unique_ptr<VulkanCanvas> canvas_;
    VkFormat format_ = VK_FORMAT_UNDEFINED;
    bool imgui_started_ = false;
};

}  // namespace lact::gfx
