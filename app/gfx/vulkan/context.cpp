#include "app/gfx/vulkan/context.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace lact::gfx {

namespace {

constexpr const char* install_hint =
    "install a Vulkan driver: apt install mesa-vulkan-drivers (software), or your GPU vendor's; "
    "commands without a window work without it";

/// The required features of a device.
std::vector<const char*> device_extensions(bool window) {
    return window ? std::vector<const char*>{VK_KHR_SWAPCHAIN_EXTENSION_NAME} : std::vector<const char*>{};
}

template <class T>
bool holds(const std::vector<T>& properties, const char* name) {
    return std::any_of(properties.begin(), properties.end(), [&](const T& p) {
        if constexpr (std::is_same_v<T, VkExtensionProperties>) {
            return std::strcmp(p.extensionName, name) == 0;
        } else {
            return std::strcmp(p.layerName, name) == 0;
        }
    });
}

std::vector<VkExtensionProperties> extensions_of(VkPhysicalDevice device) {
    std::uint32_t count = 0;
    vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr);
    std::vector<VkExtensionProperties> list(count);
    vkEnumerateDeviceExtensionProperties(device, nullptr, &count, list.data());
    return list;
}

std::vector<VkLayerProperties> layers() {
    std::uint32_t count = 0;
    vkEnumerateInstanceLayerProperties(&count, nullptr);
    std::vector<VkLayerProperties> list(count);
    vkEnumerateInstanceLayerProperties(&count, list.data());
    return list;
}

std::vector<VkExtensionProperties> instance_extensions(const char* layer) {
    std::uint32_t count = 0;
    vkEnumerateInstanceExtensionProperties(layer, &count, nullptr);
    std::vector<VkExtensionProperties> list(count);
    vkEnumerateInstanceExtensionProperties(layer, &count, list.data());
    return list;
}

VKAPI_ATTR VkBool32 VKAPI_CALL on_message(VkDebugUtilsMessageSeverityFlagBitsEXT,
                                          VkDebugUtilsMessageTypeFlagsEXT,
                                          const VkDebugUtilsMessengerCallbackDataEXT* data, void* user) {
    auto& log = *static_cast<ValidationLog*>(user);
    const std::scoped_lock lock(log.mutex);
    if (log.count++ == 0 && data->pMessage != nullptr) {
        log.first = data->pMessage;
    }
    return VK_FALSE;
}

VkDebugUtilsMessengerCreateInfoEXT messenger_info(ValidationLog& log) {
    VkDebugUtilsMessengerCreateInfoEXT info{VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT};
    info.messageSeverity =
        VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
    info.messageType =
        VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_TYPE_PERFORMANCE_BIT_EXT;
    info.pfnUserCallback = on_message;
    info.pUserData = &log;
    return info;
}

/// A queue family that draws, runs compute shaders and, with a window, presents.
std::optional<std::uint32_t> family_of(VkInstance instance, VkPhysicalDevice device,
                                       const ContextOptions& options) {
    std::uint32_t count = 0;
    vkGetPhysicalDeviceQueueFamilyProperties(device, &count, nullptr);
    std::vector<VkQueueFamilyProperties> families(count);
    vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families.data());
    for (std::uint32_t i = 0; i < count; ++i) {
        constexpr VkQueueFlags needed = VK_QUEUE_GRAPHICS_BIT | VK_QUEUE_COMPUTE_BIT;
        const bool draws = (families[i].queueFlags & needed) == needed;
        if (draws && (!options.can_present || options.can_present(instance, device, i))) {
            return i;
        }
    }
    return std::nullopt;
}

/// Why a device is unsuitable; empty if it is suitable.
std::string objection(VkInstance instance, VkPhysicalDevice device, const ContextOptions& options) {
    VkPhysicalDeviceProperties properties{};
    vkGetPhysicalDeviceProperties(device, &properties);
    if (properties.apiVersion < VK_API_VERSION_1_3) {
        return fmt::format("it offers Vulkan {}.{}, 1.3 is needed",
                           VK_API_VERSION_MAJOR(properties.apiVersion),
                           VK_API_VERSION_MINOR(properties.apiVersion));
    }
    const auto offered = extensions_of(device);
    for (const char* const name : device_extensions(bool(options.can_present))) {
        if (!holds(offered, name)) {
            return fmt::format("it lacks {}", name);
        }
    }
    VkPhysicalDeviceVulkan13Features features13{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES};
    VkPhysicalDeviceFeatures2 features{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, &features13, {}};
    vkGetPhysicalDeviceFeatures2(device, &features);
    if (features13.dynamicRendering == VK_FALSE || features13.synchronization2 == VK_FALSE ||
        features13.maintenance4 == VK_FALSE) {
        return "it lacks dynamic rendering, synchronization2 or maintenance4";
    }
    return family_of(instance, device, options) ? "" : "none of its queues can draw to a window";
}

/// Larger is better.
int preference(const VkPhysicalDeviceProperties& properties, const std::string& requested) {
    int score = 0;
    switch (properties.deviceType) {
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
            score = 4;
            break;
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
            score = 3;
            break;
        case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
            score = 2;
            break;
        default:
            score = 1;
            break;
    }
    const bool named = !requested.empty() &&
                       std::string_view(properties.deviceName).find(requested) != std::string_view::npos;
    return named ? score + 100 : score;
}

}  // namespace

std::string vulkan_words(VkResult result) {
    switch (result) {
        case VK_ERROR_OUT_OF_HOST_MEMORY:
            return "out of memory";
        case VK_ERROR_OUT_OF_DEVICE_MEMORY:
            return "out of GPU memory";
        case VK_ERROR_OUT_OF_POOL_MEMORY:
        case VK_ERROR_FRAGMENTED_POOL:
            return "no descriptor is left for a texture";
        case VK_ERROR_DEVICE_LOST:
            return "the GPU was lost (driver reset)";
        case VK_ERROR_SURFACE_LOST_KHR:
            return "the window's surface was lost";
        case VK_ERROR_INITIALIZATION_FAILED:
            return "the driver failed to start";
        case VK_ERROR_INCOMPATIBLE_DRIVER:
            return "no driver offers this version of Vulkan";
        case VK_ERROR_EXTENSION_NOT_PRESENT:
            return "an extension is missing";
        case VK_ERROR_FEATURE_NOT_PRESENT:
            return "a feature is missing";
        case VK_ERROR_LAYER_NOT_PRESENT:
            return "a layer is missing; VK_INSTANCE_LAYERS may name one that is not installed";
        case VK_ERROR_FORMAT_NOT_SUPPORTED:
            return "a format of images is missing";
        case VK_ERROR_TOO_MANY_OBJECTS:
            return "the driver allows no more objects";
        case VK_ERROR_MEMORY_MAP_FAILED:
            return "its memory could not be mapped";
        case VK_ERROR_NATIVE_WINDOW_IN_USE_KHR:
            return "something else draws in this window already";
        case VK_TIMEOUT:
            return "it did not answer in time";
        default:
            return fmt::format("Vulkan result {}", static_cast<int>(result));
    }
}

std::string vulkan_step(VkResult result) {
    switch (result) {
        case VK_ERROR_OUT_OF_HOST_MEMORY:
            return "close other programs, or open a smaller scene";
        case VK_ERROR_OUT_OF_DEVICE_MEMORY:
        case VK_ERROR_TOO_MANY_OBJECTS:
            return "close other programs that use the GPU, or draw without it: LACT_VULKAN_DEVICE=llvmpipe";
        case VK_ERROR_OUT_OF_POOL_MEMORY:
        case VK_ERROR_FRAGMENTED_POOL:
            return "close panels that show many images";
        case VK_ERROR_DEVICE_LOST:
            return "start the program again; where this happens again, update the driver of the GPU, or draw "
                   "without it: LACT_VULKAN_DEVICE=llvmpipe";
        case VK_ERROR_SURFACE_LOST_KHR:
            return "start the program again: the window system has taken the window away";
        case VK_ERROR_INITIALIZATION_FAILED:
        case VK_ERROR_INCOMPATIBLE_DRIVER:
        case VK_ERROR_EXTENSION_NOT_PRESENT:
        case VK_ERROR_FEATURE_NOT_PRESENT:
        case VK_ERROR_FORMAT_NOT_SUPPORTED:
            return other_device_hint;
        default:
            return {};
    }
}

Result<void> vulkan_check(VkResult result, const char* doing) {
    if (result != VK_SUCCESS) {
        return fail("Vulkan", fmt::format("the GPU could not {}: {}", doing, vulkan_words(result)),
                    vulkan_step(result));
    }
    return {};
}

Result<std::unique_ptr<Context>> Context::create(const ContextOptions& options) {
    ContextOptions filled = options;
    if (const char* value = std::getenv("LACT_VULKAN_VALIDATION"); value != nullptr && *value == '1') {
        filled.validation = true;
    }
    if (const char* value = std::getenv("LACT_VULKAN_DEVICE"); value != nullptr && filled.device.empty()) {
        filled.device = value;
    }
    std::unique_ptr<Context> context(new Context);  // NOLINT(cppcoreguidelines-owning-memory): private
    LACT_CHECK(context->make_instance(filled));
    LACT_CHECK(context->choose_device(filled));
    LACT_CHECK(context->make_device(filled));
    return context;
}

Result<void> Context::make_instance(const ContextOptions& options) {
    if (volkInitialize() != VK_SUCCESS) {
        return fail("Vulkan", "the Vulkan loader, libvulkan.so.1, is not installed", install_hint);
    }
    constexpr const char* layer = "VK_LAYER_KHRONOS_validation";
    if (options.validation && !holds(layers(), layer)) {
        return fail("Vulkan", "the validation layer is requested but not installed",
                    "apt install vulkan-validationlayers");
    }
    std::vector<const char*> names = options.surface_extensions;
    const auto offered = instance_extensions(nullptr);
    for (const char* name : names) {
        if (!holds(offered, name)) {
            return fail("Vulkan", fmt::format("no driver offers {}, needed to draw in a window", name),
                        install_hint);
        }
    }
    named_ = holds(offered, VK_EXT_DEBUG_UTILS_EXTENSION_NAME) ||
             (options.validation && holds(instance_extensions(layer), VK_EXT_DEBUG_UTILS_EXTENSION_NAME));
    if (named_) {
        names.push_back(VK_EXT_DEBUG_UTILS_EXTENSION_NAME);
    }
    VkApplicationInfo application{VK_STRUCTURE_TYPE_APPLICATION_INFO};
    application.pApplicationName = "LaCT Scope";
    application.apiVersion = VK_API_VERSION_1_3;
    const VkDebugUtilsMessengerCreateInfoEXT messenger = messenger_info(*validation_);
    VkInstanceCreateInfo info{VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO};
    info.pApplicationInfo = &application;
    info.enabledExtensionCount = static_cast<std::uint32_t>(names.size());
    info.ppEnabledExtensionNames = names.data();
    if (options.validation) {
        info.enabledLayerCount = 1;
        info.ppEnabledLayerNames = &layer;
        info.pNext = &messenger;
    }
    if (const VkResult made = vkCreateInstance(&info, nullptr, &instance_); made != VK_SUCCESS) {
        return fail("Vulkan", "it could not be started: " + vulkan_words(made), install_hint);
    }
    volkLoadInstanceOnly(instance_);
    if (options.validation && named_) {
        LACT_CHECK(vulkan_check(vkCreateDebugUtilsMessengerEXT(instance_, &messenger, nullptr, &messenger_),
                                "report messages"));
    }
    return {};
}

Result<void> Context::choose_device(const ContextOptions& options) {
    std::uint32_t count = 0;
    vkEnumeratePhysicalDevices(instance_, &count, nullptr);
    std::vector<VkPhysicalDevice> devices(count);
    vkEnumeratePhysicalDevices(instance_, &count, devices.data());
    if (devices.empty()) {
        return fail("Vulkan", "no device was found, not even a software rasterizer", install_hint);
    }
    std::string objections;
    int best = 0;
    for (VkPhysicalDevice device : devices) {
        VkPhysicalDeviceProperties properties{};
        vkGetPhysicalDeviceProperties(device, &properties);
        const std::string why = objection(instance_, device, options);
        if (!why.empty()) {
            objections += fmt::format("{}{}: {}", objections.empty() ? "" : "; ", properties.deviceName, why);
        } else if (preference(properties, options.device) > best) {
            best = preference(properties, options.device);
            physical_ = device;
            properties_ = properties;
        }
    }
    if (physical_ == VK_NULL_HANDLE) {
        return fail("Vulkan", fmt::format("no device can be used ({})", objections), install_hint);
    }
    family_ = family_of(instance_, physical_, options).value_or(0);
    vkGetPhysicalDeviceMemoryProperties(physical_, &memory_);
    return {};
}

Result<void> Context::make_device(const ContextOptions& options) {
    const std::vector<const char*> names = device_extensions(bool(options.can_present));
    const float priority = 1;
    VkDeviceQueueCreateInfo queue{VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO};
    queue.queueFamilyIndex = family_;
    queue.queueCount = 1;
    queue.pQueuePriorities = &priority;
    VkPhysicalDeviceVulkan13Features features{VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES};
    features.dynamicRendering = VK_TRUE;
    features.synchronization2 = VK_TRUE;
    features.maintenance4 = VK_TRUE;  // Used by glslc for the size of work groups.
    VkDeviceCreateInfo info{VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO};
    info.pNext = &features;
    info.queueCreateInfoCount = 1;
    info.pQueueCreateInfos = &queue;
    info.enabledExtensionCount = static_cast<std::uint32_t>(names.size());
    info.ppEnabledExtensionNames = names.data();
    LACT_CHECK(vulkan_check(vkCreateDevice(physical_, &info, nullptr, &device_), "be opened"));
    volkLoadDevice(device_);
    vkGetDeviceQueue(device_, family_, 0, &queue_);
    name(VK_OBJECT_TYPE_QUEUE, reinterpret_cast<std::uint64_t>(queue_), "graphics queue");
    return {};
}

Context::~Context() {
    if (device_ != VK_NULL_HANDLE) {
        vkDeviceWaitIdle(device_);
        vkDestroyDevice(device_, nullptr);
    }
    if (messenger_ != VK_NULL_HANDLE) {
        vkDestroyDebugUtilsMessengerEXT(instance_, messenger_, nullptr);
    }
    if (instance_ != VK_NULL_HANDLE) {
        vkDestroyInstance(instance_, nullptr);
    }
}

int Context::memory_type(std::uint32_t types, VkMemoryPropertyFlags requested) const {
    for (std::uint32_t i = 0; i < memory_.memoryTypeCount; ++i) {
        const bool offered = (types & (1U << i)) != 0;
        if (offered && (memory_.memoryTypes[i].propertyFlags & requested) == requested) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

void Context::name(VkObjectType type, std::uint64_t handle, const char* words) const {
    if (named_ && vkSetDebugUtilsObjectNameEXT != nullptr) {
        VkDebugUtilsObjectNameInfoEXT info{VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT};
        info.objectType = type;
        info.objectHandle = handle;
        info.pObjectName = words;
        vkSetDebugUtilsObjectNameEXT(device_, &info);
    }
}

}  // namespace lact::gfx
