#include "engine/model/device.h"

#include "engine/core/counted.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <thread>

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <dlfcn.h>
#include <fmt/format.h>

namespace lact {
namespace {

/// The reason why CUDA cannot be used; empty if it can.
const std::string& cuda_problem() {
    static std::string problem;
    static std::once_flag once;
    std::call_once(once, [] {
        // Torch registers its CUDA hooks in the initialisers of this library. RTLD_GLOBAL lets cuDNN's and
        // cuBLAS's lazily loaded parts find each other.
        if (::dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
            const char* reason = ::dlerror();
            problem = fmt::format("the CUDA libraries of LibTorch cannot be loaded ({})",
                                  reason != nullptr ? reason : "no reason given");
            return;
        }
        if (!at::hasCUDA()) {
            problem = "no NVIDIA GPU with a working driver was found";
        }
    });
    return problem;
}

/// The name of the GPU from the driver, which is loaded once CUDA works; empty if the driver does not tell.
std::string gpu_name(int index) {
    void* driver = ::dlopen("libcuda.so.1", RTLD_NOW);
    if (driver == nullptr) {
        return {};
    }
    using GetDevice = int (*)(int*, int);
    using GetName = int (*)(char*, int, int);
    const auto get_device = reinterpret_cast<GetDevice>(::dlsym(driver, "cuDeviceGet"));
    const auto get_name = reinterpret_cast<GetName>(::dlsym(driver, "cuDeviceGetName"));
    std::array<char, 256> name{};
    int device = 0;
    if (get_device == nullptr || get_name == nullptr || get_device(&device, index) != 0 ||
        get_name(name.data(), static_cast<int>(name.size()) - 1, device) != 0) {
        return {};
    }
    return name.data();
}

}  // namespace

Result<at::Device> select_device(std::string_view text) {
    if (text == "cpu") {
        return at::Device(at::kCPU);
    }
    if (text == "auto") {
        return cuda_problem().empty() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
    }
    int index = 0;
    if (text.starts_with("cuda:")) {
        const std::string_view digits = text.substr(5);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
        if (error != std::errc{} || end != digits.data() + digits.size() || index < 0) {
            return fail("device", fmt::format("'{}' is not a device", text),
                        "Use auto, cpu, cuda or cuda:i.");
        }
    } else if (text != "cuda") {
        return fail("device", fmt::format("'{}' is not a device", text), "Use auto, cpu, cuda or cuda:i.");
    }
    if (!cuda_problem().empty()) {
        return fail("device", fmt::format("'{}' cannot be used: {}", text, cuda_problem()),
                    "Use --device cpu, or fetch the CUDA libraries with: LACT_CUDA=cuda make build");
    }
    const auto count = static_cast<int>(at::detail::getCUDAHooks().deviceCount());
    if (index >= count) {
        return fail("device",
                    fmt::format("'{}' does not exist: this machine has {}", text, counted(count, "GPU")));
    }
    return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
}

std::string describe_device(const at::Device& device) {
    if (device.is_cpu()) {
        const int threads = at::get_num_threads();
        return fmt::format("cpu ({})", counted(threads, "thread"));
    }
    const std::string name = gpu_name(device.index());
    return name.empty() ? device.str() : fmt::format("{} ({})", device.str(), name);
}

std::size_t available_gpu_bytes(const at::Device& device) {
    try {
        auto* const allocator = dynamic_cast<c10::DeviceAllocator*>(c10::GetAllocator(device.type()));
        if (device.is_cpu() || allocator == nullptr || !allocator->initialized()) {
            return 0;
        }
        const auto all = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);
        const auto of_torch = allocator->getDeviceStats(device.index());
        const auto kept = of_torch.reserved_bytes.at(all).current - of_torch.allocated_bytes.at(all).current;
        return allocator->getMemoryInfo(device.index()).first +
               static_cast<std::size_t>(std::max<int64_t>(kept, 0));
    } catch (const std::exception&) {
        return 0;  // A lost GPU: what is computed next has the reason.
    }
}

void use_reference_arithmetic(int threads) {
    at::globalContext().setAllowTF32CuBLAS(false);
    at::globalContext().setAllowTF32CuDNN(false);
    if (threads > 0) {
        at::set_num_threads(threads);
    } else if (std::getenv("OMP_NUM_THREADS") == nullptr) {  // The environment sets the number otherwise.
        at::set_num_threads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
    }
}

}  // namespace lact
