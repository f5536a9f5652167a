// A Vulkan layer that fails calls, as where the GPU has no memory left or is lost. Loaded by VK_INSTANCE_LAYERS; see
// shim.h. The call is the name of a function of Vulkan.
//   LACT_FAULT_RESULT   what it returns (default -2, out of GPU memory; -4: lost, and every later call that waits for
//                       the GPU or sends it work says so, too)
#include "shim.h"

#include <vulkan/vk_layer.h>
#include <vulkan/vulkan.h>

static struct fault fault;
static VkResult result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
static atomic_bool lost = false;
static PFN_vkGetInstanceProcAddr next_instance = NULL;
static PFN_vkGetDeviceProcAddr next_device = NULL;
static VkInstance instance = VK_NULL_HANDLE;
static VkDevice device = VK_NULL_HANDLE;  // The program has one.

__attribute__((constructor)) static void start(void) {
    shim_start(&fault);
    const char* chosen = getenv("LACT_FAULT_RESULT");
    result = chosen != NULL ? (VkResult)atoi(chosen) : result;
}

/// Whether a call fails. `waits`: of those that say that the device is lost.
static bool fails(const char* call, bool waits) {
    if (fault.call == NULL) {
        return false;
    }
    shim_log(&fault, call, "");
    const bool hit = shim_hits(&fault, call);
    if (hit && result == VK_ERROR_DEVICE_LOST) {
        // A GPU that is lost works no more, and what it worked with can be freed.
        if (device != VK_NULL_HANDLE) {
            ((PFN_vkDeviceWaitIdle)next_device(device, "vkDeviceWaitIdle"))(device);
        }
        atomic_store(&lost, true);
    }
    return hit || (waits && atomic_load(&lost));
}

// Functions of a device whose result the program must look at: name, whether it waits for the GPU or sends it work,
// parameters, arguments.
#define FAILING(X)                                                                                                     \
    X(AllocateMemory, false, (VkDevice d, const VkMemoryAllocateInfo* i, const VkAllocationCallbacks* a,               \
                              VkDeviceMemory* o), (d, i, a, o))                                                        \
    X(CreateImage, false, (VkDevice d, const VkImageCreateInfo* i, const VkAllocationCallbacks* a, VkImage* o),        \
      (d, i, a, o))                                                                                                    \
    X(CreateImageView, false, (VkDevice d, const VkImageViewCreateInfo* i, const VkAllocationCallbacks* a,             \
                               VkImageView* o), (d, i, a, o))                                                          \
    X(CreateBuffer, false, (VkDevice d, const VkBufferCreateInfo* i, const VkAllocationCallbacks* a, VkBuffer* o),     \
      (d, i, a, o))                                                                                                    \
    X(MapMemory, false, (VkDevice d, VkDeviceMemory m, VkDeviceSize f, VkDeviceSize s, VkMemoryMapFlags g, void** o),  \
      (d, m, f, s, g, o))                                                                                              \
    X(CreateSwapchainKHR, false, (VkDevice d, const VkSwapchainCreateInfoKHR* i, const VkAllocationCallbacks* a,       \
                                  VkSwapchainKHR* o), (d, i, a, o))                                                    \
    X(CreateCommandPool, false, (VkDevice d, const VkCommandPoolCreateInfo* i, const VkAllocationCallbacks* a,         \
                                 VkCommandPool* o), (d, i, a, o))                                                      \
    X(CreateDescriptorPool, false, (VkDevice d, const VkDescriptorPoolCreateInfo* i, const VkAllocationCallbacks* a,   \
                                    VkDescriptorPool* o), (d, i, a, o))                                                \
    X(AllocateDescriptorSets, false, (VkDevice d, const VkDescriptorSetAllocateInfo* i, VkDescriptorSet* o), (d, i, o))\
    X(CreateGraphicsPipelines, false, (VkDevice d, VkPipelineCache c, uint32_t n, const VkGraphicsPipelineCreateInfo* i, \
                                       const VkAllocationCallbacks* a, VkPipeline* o), (d, c, n, i, a, o))             \
    X(AcquireNextImageKHR, true, (VkDevice d, VkSwapchainKHR s, uint64_t t, VkSemaphore w, VkFence f, uint32_t* o),    \
      (d, s, t, w, f, o))                                                                                              \
    X(WaitForFences, true, (VkDevice d, uint32_t n, const VkFence* f, VkBool32 a, uint64_t t), (d, n, f, a, t))        \
    X(DeviceWaitIdle, true, (VkDevice d), (d))                                                                         \
    X(QueueSubmit, true, (VkQueue q, uint32_t n, const VkSubmitInfo* i, VkFence f), (q, n, i, f))                      \
    X(QueueSubmit2, true, (VkQueue q, uint32_t n, const VkSubmitInfo2* i, VkFence f), (q, n, i, f))                    \
    X(QueueWaitIdle, true, (VkQueue q), (q))                                                                           \
    X(QueuePresentKHR, true, (VkQueue q, const VkPresentInfoKHR* i), (q, i))

#define DEFINE(name, waits, parameters, arguments)                                            \
    static VKAPI_ATTR VkResult VKAPI_CALL faulty_##name parameters {                          \
        if (fails("vk" #name, waits)) {                                                       \
            return atomic_load(&lost) ? VK_ERROR_DEVICE_LOST : result;                        \
        }                                                                                     \
        static PFN_vk##name next = NULL;                                                      \
        next = next != NULL ? next : (PFN_vk##name)next_device(device, "vk" #name);           \
        return next arguments;                                                                \
    }
FAILING(DEFINE)

static VKAPI_ATTR VkResult VKAPI_CALL faulty_CreateInstance(const VkInstanceCreateInfo* info,
                                                            const VkAllocationCallbacks* allocator, VkInstance* out) {
    VkLayerInstanceCreateInfo* link = (VkLayerInstanceCreateInfo*)info->pNext;
    while (link != NULL && (link->sType != VK_STRUCTURE_TYPE_LOADER_INSTANCE_CREATE_INFO || link->function != VK_LAYER_LINK_INFO)) {
        link = (VkLayerInstanceCreateInfo*)link->pNext;
    }
    if (link == NULL) {
        return VK_ERROR_INITIALIZATION_FAILED;
    }
    next_instance = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    if (fails("vkCreateInstance", false)) {
        return result;
    }
    const PFN_vkCreateInstance create = (PFN_vkCreateInstance)next_instance(VK_NULL_HANDLE, "vkCreateInstance");
    const VkResult made = create(info, allocator, out);
    instance = made == VK_SUCCESS ? *out : VK_NULL_HANDLE;
    return made;
}

static VKAPI_ATTR VkResult VKAPI_CALL faulty_CreateDevice(VkPhysicalDevice physical, const VkDeviceCreateInfo* info,
                                                          const VkAllocationCallbacks* allocator, VkDevice* out) {
    VkLayerDeviceCreateInfo* link = (VkLayerDeviceCreateInfo*)info->pNext;
    while (link != NULL && (link->sType != VK_STRUCTURE_TYPE_LOADER_DEVICE_CREATE_INFO || link->function != VK_LAYER_LINK_INFO)) {
        link = (VkLayerDeviceCreateInfo*)link->pNext;
    }
    if (link == NULL) {
        return VK_ERROR_INITIALIZATION_FAILED;
    }
    next_device = link->u.pLayerInfo->pfnNextGetDeviceProcAddr;
    const PFN_vkGetInstanceProcAddr get = link->u.pLayerInfo->pfnNextGetInstanceProcAddr;
    link->u.pLayerInfo = link->u.pLayerInfo->pNext;
    if (fails("vkCreateDevice", false)) {
        return result;
    }
    const PFN_vkCreateDevice create = (PFN_vkCreateDevice)get(instance, "vkCreateDevice");
    const VkResult made = create(physical, info, allocator, out);
    device = made == VK_SUCCESS ? *out : VK_NULL_HANDLE;
    return made;
}

static PFN_vkVoidFunction own(const char* name);

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL device_function(VkDevice of, const char* name) {
    const PFN_vkVoidFunction found = own(name);
    // A function of an extension that is not there must stay missing.
    const PFN_vkVoidFunction next = next_device != NULL ? next_device(of, name) : NULL;
    return found != NULL && (next != NULL || strcmp(name, "vkGetDeviceProcAddr") == 0) ? found : next;
}

static VKAPI_ATTR PFN_vkVoidFunction VKAPI_CALL instance_function(VkInstance of, const char* name) {
    const PFN_vkVoidFunction found = own(name);
    return found != NULL ? found : next_instance != NULL ? next_instance(of, name) : NULL;
}

#define FIND(function, waits, parameters, arguments)       \
    if (strcmp(name, "vk" #function) == 0) {               \
        return (PFN_vkVoidFunction)faulty_##function;      \
    }

static PFN_vkVoidFunction own(const char* name) {
    if (strcmp(name, "vkGetInstanceProcAddr") == 0) {
        return (PFN_vkVoidFunction)instance_function;
    }
    if (strcmp(name, "vkGetDeviceProcAddr") == 0) {
        return (PFN_vkVoidFunction)device_function;
    }
    FIND(CreateInstance, , , )
    FIND(CreateDevice, , , )
    FAILING(FIND)
    return NULL;
}

VK_LAYER_EXPORT VKAPI_ATTR VkResult VKAPI_CALL
vkNegotiateLoaderLayerInterfaceVersion(VkNegotiateLayerInterface* interface) {
    interface->loaderLayerInterfaceVersion = 2;
    interface->pfnGetInstanceProcAddr = instance_function;
    interface->pfnGetDeviceProcAddr = device_function;
    interface->pfnGetPhysicalDeviceProcAddr = NULL;
    return VK_SUCCESS;
}
