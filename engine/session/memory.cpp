#include "engine/session/memory.h"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

namespace lact {

std::size_t set_up_bytes(const ModelConfig& config, std::size_t views, Size size) {
    const auto tokens = views * static_cast<std::size_t>(size.width / config.patch) *
                        static_cast<std::size_t>(size.height / config.patch);
    const auto d = static_cast<std::size_t>(config.d);
    const auto hidden =
        static_cast<std::size_t>(config.ttt_heads()) * static_cast<std::size_t>(config.fast_hidden());
    // fp32 values alive at once for each token. Update: residual, norm, q k v and their copies (8 d) and the
    // gate, hidden, silu, phi, d_phi, slope and their products (8 d_h). MLP: residual, norm (3 d) and 4 d
    // twice. Input: two copies of the 12 p^2 posed pixels.
    const auto update = 8 * d + 8 * hidden;
    const auto mlp = 3 * d + 2 * 4 * d;
    const auto pixels = 2 * 12 * static_cast<std::size_t>(config.patch * config.patch);
    return tokens * sizeof(float) * (std::max(update, mlp) + pixels);
}

std::size_t available_cpu_bytes() {
    std::ifstream meminfo("/proc/meminfo");
    std::string key;
    std::size_t kibibytes = 0;
    std::string unit;
    while (meminfo >> key >> kibibytes) {
        std::getline(meminfo, unit);
        if (key == "MemAvailable:") {
            return kibibytes * 1024;
        }
    }
    return 0;
}

Result<void> check_memory(const ModelConfig& config, std::size_t views, Size size, std::size_t available) {
    const std::size_t needed = set_up_bytes(config, views, size);
    if (available == 0 || needed <= available) {
        return {};
    }
    const double gib = 1024.0 * 1024.0 * 1024.0;
    const std::size_t fitting = available / std::max<std::size_t>(1, set_up_bytes(config, 1, size));
    return fail(
        "memory",
        fmt::format("{} input views of {}x{} need about {:.1f} GiB, {:.1f} GiB are free", views, size.width,
                    size.height, static_cast<double>(needed) / gib, static_cast<double>(available) / gib),
        fmt::format("Use {} input views or fewer, or a smaller size.", fitting));
}

}  // namespace lact
