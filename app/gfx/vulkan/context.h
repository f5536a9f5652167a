#pragma once

#include "engine/core/error.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <volk.h>

namespace lact::gfx {

/// Text of a Vulkan result.
[[nodiscard]] std::string vulkan_words(VkResult result);
/// The step that may help against a failure; empty where none is known.
[[nodiscard]] std::string vulkan_step(VkResult result);
/// The step where a device cannot do what the window needs.
inline constexpr const char* other_device_hint =
    "choose another device with LACT_VULKAN_DEVICE=<part of its name>";
/// Error when a call did not succeed: "the GPU could not <doing>: <reason>".
[[nodiscard]] Result<void> vulkan_check(VkResult result, const char* doing);

struct ContextOptions {
    bool validation = false;
    std::string device;                           ///< Part of the name of the preferred device; may be empty.
    std::vector<const char*> surface_extensions;  ///< Of the instance; empty without a window.
    /// Whether a queue family can present. Empty without a window.
    std::function<bool(VkInstance, VkPhysicalDevice, std::uint32_t)> can_present;
};

/// Messages of the validation layer.
struct ValidationLog {
    std::atomic<int> count = 0;
    std::mutex mutex;
    std::string first;
};

/// Instance, device and one graphics queue. All Vulkan objects belong to the thread of the window.
class Context {
  public:
    [[nodiscard]] static Result<std::unique_ptr<Context>> create(const ContextOptions& options);
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context();

    [[nodiscard]] VkInstance instance() const { return instance_; }
    [[nodiscard]] VkPhysicalDevice physical() const { return physical_; }
    [[nodiscard]] VkDevice device() const { return device_; }
    [[nodiscard]] VkQueue queue() const { return queue_; }
    [[nodiscard]] std::uint32_t family() const { return family_; }
    [[nodiscard]] const VkPhysicalDeviceProperties& properties() const { return properties_; }
    [[nodiscard]] const ValidationLog& validation() const { return *validation_; }

    /// Index of a memory type among `types` (a bit mask) with these properties; -1 if there is none.
    [[nodiscard]] int memory_type(std::uint32_t types, VkMemoryPropertyFlags requested) const;
    /// Names an object in messages of the validation layer and in graphics debuggers.
    void name(VkObjectType type, std::uint64_t handle, const char* words) const;

  private:
    Context() = default;
    Result<void> make_instance(const ContextOptions& options);
    Result<void> choose_device(const ContextOptions& options);
    Result<void> make_device(const ContextOptions& options);

    VkInstance instance_ = VK_NULL_HANDLE;
    VkDebugUtilsMessengerEXT messenger_ = VK_NULL_HANDLE;
    VkPhysicalDevice physical_ = VK_NULL_HANDLE;
    VkDevice device_ = VK_NULL_HANDLE;
    VkQueue queue_ = VK_NULL_HANDLE;
    std::uint32_t family_ = 0;
    bool named_ = false;
    VkPhysicalDeviceProperties properties_{};
    VkPhysicalDeviceMemoryProperties memory_{};
    std::unique_ptr<ValidationLog> validation_ = std::make_unique<ValidationLog>();
};

}  // namespace lact::gfx
