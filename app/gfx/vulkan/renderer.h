#pragma once

#include "app/gfx/vulkan/vulkan_canvas.h"

#include <array>
#include <memory>

namespace lact::gfx {

/// The target of a frame.
struct Target {
    VkImage image = VK_NULL_HANDLE;
    VkImageView view = VK_NULL_HANDLE;
    VkExtent2D extent{};
    VkFormat format = VK_FORMAT_UNDEFINED;
    VkImageLayout after = VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL;  ///< Final layout of the image.
    VkSemaphore wait = VK_NULL_HANDLE;    ///< Signals that the image is free; may be none.
    VkSemaphore signal = VK_NULL_HANDLE;  ///< To signal when the image is drawn; may be none.
};

/// Records the draw data of ImGui and the textures of the canvas, with two frames in flight.
class Renderer {
  public:
    /// Requires the ImGui context. `target` is the format of all target images.
    [[nodiscard]] static Result<std::unique_ptr<Renderer>> create(const Context& context, VkFormat target);
    Renderer(const Renderer&) = delete;
    Renderer& operator=(const Renderer&) = delete;
    ~Renderer();

    [[nodiscard]] VulkanCanvas& canvas() { return *canvas_; }
    /// Waits until the GPU has finished the frame before the last one, so that its slot can be reused.
    [[nodiscard]] Result<void> wait_for_slot();
    /// Draws the output of ImGui::Render() and submits it. With `capture`, waits for the frame and reads it
    /// back (RGB); the target image then needs transfer-source usage. Call wait_for_slot() before. After an
    /// error of a frame, other than that there is no memory for a capture, every later call has this error.
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
    Result<void> draw_frame(const Target& target, const HostBuffer* pixels);
    Result<void> record_drawing(VkCommandBuffer commands, const Target& target);
    static void record_capture(VkCommandBuffer commands, const Target& target, const HostBuffer& pixels);
    Result<void> submit(Slot& slot, const Target& target);

    const Context& context_;
    std::array<Slot, 2> slots_;
    std::size_t current_ = 0;
    std::unique_ptr<VulkanCanvas> canvas_;
    VkFormat format_ = VK_FORMAT_UNDEFINED;
    bool imgui_started_ = false;
    Result<void> failure_;  ///< Of a frame: textures and fences are not as the next one needs them.
};

}  // namespace lact::gfx
