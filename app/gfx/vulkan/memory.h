#pragma once

#include "app/gfx/vulkan/context.h"

#include <cstddef>
#include <span>
#include <utility>

namespace lact::gfx {

/// A handle that is destroyed with `destroy(device, handle, nullptr)` when it goes out of scope.
template <class T>
class Owned {
  public:
    using Destroy = void(VKAPI_PTR*)(VkDevice, T, const VkAllocationCallbacks*);
    Owned() = default;
    Owned(VkDevice device, T handle, Destroy destroy) : device_(device), handle_(handle), destroy_(destroy) {}
    Owned(Owned&& other) noexcept
        : device_(other.device_),
          handle_(std::exchange(other.handle_, VK_NULL_HANDLE)),
          destroy_(other.destroy_) {}
    Owned& operator=(Owned&& other) noexcept {
        if (this != &other) {
            reset();
            device_ = other.device_;
            handle_ = std::exchange(other.handle_, VK_NULL_HANDLE);
            destroy_ = other.destroy_;
        }
        return *this;
    }
    Owned(const Owned&) = delete;
    Owned& operator=(const Owned&) = delete;
    ~Owned() { reset(); }

    void reset() {
        if (handle_ != VK_NULL_HANDLE) {
            destroy_(device_, std::exchange(handle_, VK_NULL_HANDLE), nullptr);
        }
    }
    [[nodiscard]] T get() const { return handle_; }
    explicit operator bool() const { return handle_ != VK_NULL_HANDLE; }

  private:
    VkDevice device_ = VK_NULL_HANDLE;
    T handle_ = VK_NULL_HANDLE;
    Destroy destroy_ = nullptr;
};

/// A 2-D image with its own memory and a view. Members are destroyed from the last to the first.
struct GpuImage {
    Owned<VkDeviceMemory> memory;
    Owned<VkImage> image;
    Owned<VkImageView> view;
    VkExtent2D extent{};
    VkFormat format = VK_FORMAT_UNDEFINED;
};
[[nodiscard]] Result<GpuImage> make_image(const Context& context, VkExtent2D extent, VkFormat format,
                                          VkImageUsageFlags usage, const char* name);

/// A buffer that the CPU writes or reads; mapped for its lifetime.
struct HostBuffer {
    Owned<VkDeviceMemory> memory;
    Owned<VkBuffer> buffer;
    std::span<std::byte> bytes;
};
[[nodiscard]] Result<HostBuffer> make_host_buffer(const Context& context, std::size_t bytes,
                                                  VkBufferUsageFlags usage, const char* name);

/// A view of the only level and layer of an image.
[[nodiscard]] Result<Owned<VkImageView>> make_view(const Context& context, VkImage image, VkFormat format,
                                                   const char* name);

/// Use of an image before or after a barrier.
struct ImageUse {
    VkPipelineStageFlags2 stage = VK_PIPELINE_STAGE_2_NONE;
    VkAccessFlags2 access = VK_ACCESS_2_NONE;
    VkImageLayout layout = VK_IMAGE_LAYOUT_UNDEFINED;
};
inline constexpr ImageUse use_sampled{VK_PIPELINE_STAGE_2_FRAGMENT_SHADER_BIT,
                                      VK_ACCESS_2_SHADER_SAMPLED_READ_BIT,
                                      VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL};
inline constexpr ImageUse use_copy_to{VK_PIPELINE_STAGE_2_COPY_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT,
                                      VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL};
inline constexpr ImageUse use_copy_from{VK_PIPELINE_STAGE_2_COPY_BIT, VK_ACCESS_2_TRANSFER_READ_BIT,
                                        VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL};
inline constexpr ImageUse use_target{
    VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT,
    VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT | VK_ACCESS_2_COLOR_ATTACHMENT_READ_BIT,
    VK_IMAGE_LAYOUT_COLOR_ATTACHMENT_OPTIMAL};
void barrier(VkCommandBuffer commands, VkImage image, const ImageUse& before, const ImageUse& after);

}  // namespace lact::gfx
