#include "engine/session/memory.h"

#include "engine/core/counted.h"
#include "engine/model/tiles.h"
#include "engine/scene/image.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>

#include <fmt/format.h>

namespace lact {
namespace {

std::size_t tokens_of_views(const ModelConfig& config, std::size_t views, Size size) {
    return views * static_cast<std::size_t>(size.width / config.patch) *
           static_cast<std::size_t>(size.height / config.patch);
}

/// d_h of all heads.
std::size_t hidden_of_heads(const ModelConfig& config) {
    return static_cast<std::size_t>(config.ttt_heads()) * static_cast<std::size_t>(config.fast_hidden());
}

}  // namespace

std::size_t value_bytes(Precision precision) {
    return precision == Precision::fp64 ? sizeof(double) : sizeof(float);
}

SetUpWork set_up_work(const LayerForms& forms, const UpdateRule& rule, Precision precision) {
    const bool linear = std::ranges::find(forms, LayerForm::linear) != forms.end();
    const bool all_tokens = std::ranges::any_of(forms, [](LayerForm form) { return form != LayerForm::ttt; });
    return {value_bytes(precision), all_tokens, linear ? rule.inner_steps : 0};
}

std::size_t set_up_bytes(const ModelConfig& config, std::size_t views, Size size, const SetUpWork& work) {
    const std::size_t tokens = tokens_of_views(config, views, size);
    const auto d = static_cast<std::size_t>(config.d);
    const std::size_t hidden = hidden_of_heads(config);
    // Values alive at once for each token. Update: residual, norm, q k v and their copies (8 d) and the
    // gate, hidden, silu, phi, d_phi, slope and their products (8 d_h). MLP: residual, norm (3 d) and 4 d
    // twice. Input: two copies of the 12 p^2 posed pixels.
    const auto update = 8 * d + 8 * hidden;
    const auto mlp = 3 * d + 2 * 4 * d;
    const auto pixels = 12 * static_cast<std::size_t>(config.patch * config.patch);
    // The residual and one copy of the pixels are kept for all tokens, the rest for those of a tile.
    const auto view = std::max<std::size_t>(tokens / std::max<std::size_t>(views, 1), 1);
    const auto tile = std::max<std::size_t>(static_cast<std::size_t>(set_up_tile) / view, 1) * view;
    const std::size_t at_once = work.all_tokens ? tokens : std::min(tokens, tile);
    const std::size_t pass =
        work.value_bytes * (tokens * (d + pixels) + at_once * (std::max(update, mlp) - d + pixels));
    // A layer in its linear-attention form holds what an inspection of it does.
    return work.form_steps == 0
               ? pass
               : std::max(pass, layer_bytes(config, work.form_steps, 0, views, size, work.value_bytes));
}

std::size_t layer_bytes(const ModelConfig& config, int inner_steps, int fp64_heads, std::size_t views,
                        Size size, std::size_t bytes_of_value) {
    const std::size_t tokens = tokens_of_views(config, views, size);
    const auto d = static_cast<std::size_t>(config.d);
    const std::size_t hidden = hidden_of_heads(config);
    // Values for each token. Kept: k, v, q and o, the posed pixels, and phi(k) and v-hat of each step.
    const std::size_t record = 4 * d;
    const auto pixels = 12 * static_cast<std::size_t>(config.patch * config.patch);
    const std::size_t form = static_cast<std::size_t>(inner_steps) * (hidden + d);
    // While a step is computed: the values of an update, see set_up_bytes().
    const std::size_t work = 8 * d + 8 * hidden;
    // In fp64 the same once more for some of the heads.
    const std::size_t wide = sizeof(double) / bytes_of_value * (record + form + work) *
                             static_cast<std::size_t>(fp64_heads) /
                             static_cast<std::size_t>(std::max(1, config.ttt_heads()));
    return std::max(
        set_up_bytes(config, views, size, {.value_bytes = bytes_of_value}) + bytes_of_value * tokens * record,
        bytes_of_value * tokens * (record + pixels + form + std::max(work, wide)));
}

std::size_t MemoryNeed::total() const {
    return images + std::max(photos, state + std::max({posed, set_up, frame}));
}

Size photo_size(const SceneView& view) {
    const auto info = view.image.empty() ? Result<ImageInfo>(ImageInfo{}) : image_info(view.image);
    return info && info->width > 0 ? Size{info->width, info->height}
                                   : Size{view.camera.width, view.camera.height};
}

namespace {

/// What the estimate needs of a scene's photos. It reads the header of every file.
struct Photos {
    std::size_t count = 0;
    std::size_t largest = 0;  ///< Pixels.
};

Photos photos_of(const SceneFiles& scene) {
    Photos photos{scene.views.size(), 0};
    for (const SceneView& view : scene.views) {
        const Size size = photo_size(view);
        photos.largest = std::max(
            photos.largest, static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height));
    }
    return photos;
}

MemoryNeed need_of(const Photos& photos, const ModelConfig& config, std::size_t inputs, Size size,
                   unsigned threads, std::size_t bytes_of_value) {
    const auto cores = std::max(1U, threads > 0 ? threads : std::thread::hardware_concurrency());
    MemoryNeed need;
    // Decoded, masked and undistorted: RGBA each.
    need.photos = std::min<std::size_t>(cores, photos.count) * 3 * 4 * photos.largest;
    const auto pixels = static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
    need.images = photos.count * pixels * 3 * sizeof(float);
    // Nine pose channels and three colours; one view beside them while it is made, twice.
    need.posed = (inputs + 2) * pixels * 12 * bytes_of_value;
    const SetUpWork work{.value_bytes = bytes_of_value};
    need.set_up = set_up_bytes(config, inputs, size, work);
    // W0, W1 and W2 of every head, of the old state and of the new one.
    need.state = 2 * static_cast<std::size_t>(config.layers) * static_cast<std::size_t>(config.ttt_heads()) *
                 3 * static_cast<std::size_t>(config.ttt_head) *
                 static_cast<std::size_t>(config.fast_hidden()) * bytes_of_value;
    need.frame = set_up_bytes(config, 1, size, work);
    return need;
}

}  // namespace

MemoryNeed estimate_memory(const SceneFiles& scene, const ModelConfig& config, std::size_t inputs, Size size,
                           unsigned threads, std::size_t bytes_of_value) {
    return need_of(photos_of(scene), config, inputs, size, threads, bytes_of_value);
}

std::size_t MemoryNeed::without_model() const {
    return images + std::max(photos, posed);
}

std::string memory_text(std::size_t bytes) {
    constexpr double mebibyte = 1024.0 * 1024.0;
    const double mebibytes = static_cast<double>(bytes) / mebibyte;
    return mebibytes < 1000 ? fmt::format("{:.0f} MiB", std::max(1.0, mebibytes))
                            : fmt::format("{:.1f} GiB", mebibytes / 1024);
}

namespace {

/// The most views and the largest size of the aspect whose need is at most `available`.
SmallerRequest what_fits(std::size_t views, Size size, int patch, std::size_t available,
                         const std::function<std::size_t(std::size_t, Size)>& need) {
    SmallerRequest offer;
    for (offer.views = views; offer.views > 0 && need(offer.views, size) > available; --offer.views) {
    }
    // Patch by patch of the width.
    for (int width = size.width / patch; width > 0; --width) {
        const auto height =
            static_cast<int>(std::lround(static_cast<double>(width) * size.height / std::max(1, size.width)));
        const Size smaller{width * patch, std::max(1, height) * patch};
        if (need(views, smaller) <= available) {
            offer.size = smaller;
            break;
        }
    }
    return offer;
}

}  // namespace

SmallerRequest smaller_request(const ModelConfig& config, std::size_t views, Size size, std::size_t available,
                               const SetUpWork& work) {
    return what_fits(views, size, config.patch, available,
                     [&](std::size_t count, Size at) { return set_up_bytes(config, count, at, work); });
}

SmallerRequest smaller_request(const SceneFiles& scene, const ModelConfig& config, std::size_t inputs,
                               Size size, std::size_t available, bool model_in_main_memory,
                               std::size_t bytes_of_value) {
    const Photos photos = photos_of(scene);
    return what_fits(inputs, size, config.patch, available, [&](std::size_t count, Size at) {
        const MemoryNeed need = need_of(photos, config, count, at, 0, bytes_of_value);
        return model_in_main_memory ? need.total() : need.without_model();
    });
}

std::string SmallerRequest::sentence() const {
    std::string text = views > 0 ? "Use " + counted(views, "input view", "input views or fewer") : "";
    if (size.width > 0) {
        text += fmt::format("{} {}x{}", text.empty() ? "Use a size of at most" : ", or a size of at most",
                            size.width, size.height);
    }
    return text.empty() ? text : text + ".";
}

namespace {

/// Of the whole machine; 0 where it is unknown.
std::size_t available_on_machine() {
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

}  // namespace

std::size_t available_cpu_bytes() {
    const std::size_t machine = available_on_machine();
    std::ifstream file("/proc/self/cgroup");
    const std::string groups(std::istreambuf_iterator<char>(file), {});
    const auto group = control_group_bytes(groups, "/sys/fs/cgroup");
    if (!group) {
        return machine;
    }
    // 0 stands for "not known".
    const std::size_t left = std::max<std::size_t>(*group, 1);
    return machine == 0 ? left : std::min(machine, left);
}

namespace {

/// `what`: "8 input views of 64x64 need".
tl::unexpected<Error> too_large(const std::string& what, std::size_t needed, std::size_t available,
                                const SmallerRequest& offer) {
    const std::string hint = offer.sentence();
    return fail("memory",
                fmt::format("{} about {}, {} are free", what, memory_text(needed), memory_text(available)),
                hint.empty() ? "Close other programs, or use fewer input views and a smaller size." : hint);
}

}  // namespace

Result<void> check_memory(const ModelConfig& config, std::size_t views, Size size, std::size_t available,
                          const SetUpWork& work) {
    const std::size_t needed = set_up_bytes(config, views, size, work);
    if (available == 0 || needed <= available) {
        return {};
    }
    return too_large(fmt::format("{} of {}x{}{} {}", counted(views, "input view"), size.width, size.height,
                                 work.all_tokens ? " at once" : "", views == 1 ? "needs" : "need"),
                     needed, available, smaller_request(config, views, size, available, work));
}

Result<void> check_layer_memory(const ModelConfig& config, int inner_steps, int fp64_heads, std::size_t views,
                                Size size, std::size_t available, std::size_t bytes_of_value) {
    const auto need = [&](std::size_t count, Size at) {
        return layer_bytes(config, inner_steps, fp64_heads, count, at, bytes_of_value);
    };
    const std::size_t needed = need(views, size);
    if (available == 0 || needed <= available) {
        return {};
    }
    return too_large(fmt::format("the linear-attention form of a layer for {} of {}x{} needs",
                                 counted(views, "input view"), size.width, size.height),
                     needed, available, what_fits(views, size, config.patch, available, need));
}

namespace {

namespace fs = std::filesystem;

/// Names of the files of one version.
struct Files {
    const char* limit;
    const char* used;
    const char* cache;  ///< The key in memory.stat of what is given back when memory runs short.
};
constexpr Files version_2{"memory.max", "memory.current", "inactive_file"};
constexpr Files version_1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};

/// None where the file is not there or says "max".
std::optional<std::size_t> number_in(const fs::path& path) {
    std::ifstream file(path);
    std::size_t number = 0;
    return file >> number ? std::optional(number) : std::nullopt;
}

std::size_t cache_in(const fs::path& group, std::string_view requested) {
    std::ifstream file(group / "memory.stat");
    std::string key;
    for (std::size_t bytes = 0; file >> key >> bytes;) {
        if (key == requested) {
            return bytes;
        }
    }
    return 0;
}

/// What one group leaves; none without a limit. Version 1 says "no limit" with a number beyond any memory.
std::optional<std::size_t> left_in(const fs::path& group, const Files& files) {
    constexpr std::size_t no_limit = std::size_t{1} << 60U;
    const auto limit = number_in(group / files.limit);
    if (!limit || *limit >= no_limit) {
        return std::nullopt;
    }
    const std::size_t used = number_in(group / files.used).value_or(0);
    const std::size_t held = used - std::min(used, cache_in(group, files.cache));
    return *limit - std::min(*limit, held);
}

/// Whether a list with commas has a word.
bool names(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        if (list.substr(0, end) == word) {
            return true;
        }
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

/// The least of what a group and those above it leave. A container may see its own group at the mounted root
/// while the path is that of the machine outside.
std::optional<std::size_t> left_below(const fs::path& root, std::string_view path, const Files& files) {
    std::optional<std::size_t> least;
    const auto consider = [&](const fs::path& group) {
        if (const auto left = left_in(group, files)) {
            least = std::min(least.value_or(*left), *left);
        }
    };
    for (fs::path within = fs::path(path).relative_path(); !within.empty(); within = within.parent_path()) {
        consider(root / within);
    }
    consider(root);
    return least;
}

}  // namespace

std::optional<std::size_t> control_group_bytes(std::string_view groups, const fs::path& mounted) {
    std::optional<std::size_t> least;
    while (!groups.empty()) {
        const std::size_t end = std::min(groups.find('\n'), groups.size());
        const std::string_view line = groups.substr(0, end);
        groups.remove_prefix(std::min(end + 1, groups.size()));
        // "0::/a/b", or of version 1 "9:memory:/a/b" and "3:cpu,memory:/a/b".
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', std::min(first + 1, line.size()));
        if (first == std::string_view::npos || second == std::string_view::npos) {
            continue;
        }
        const std::string_view kinds = line.substr(first + 1, second - first - 1);
        const std::string_view path = line.substr(second + 1);
        std::optional<std::size_t> left;
        if (kinds.empty()) {
            left = left_below(mounted, path, version_2);
        } else if (names(kinds, "memory")) {
            left = left_below(mounted / "memory", path, version_1);
        }
        if (left) {
            least = std::min(least.value_or(*left), *left);
        }
    }
    return least;
}

}  // namespace lact
