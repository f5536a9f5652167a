#include "engine/session/memory_limit.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace lact {
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

std::size_t cache_in(const fs::path& group, std::string_view wanted) {
    std::ifstream file(group / "memory.stat");
    std::string key;
    for (std::size_t bytes = 0; file >> key >> bytes;) {
        if (key == wanted) {
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
    const auto look = [&](const fs::path& group) {
        if (const auto left = left_in(group, files)) {
            least = std::min(least.value_or(*left), *left);
        }
    };
    for (fs::path within = fs::path(path).relative_path(); !within.empty(); within = within.parent_path()) {
        look(root / within);
    }
    look(root);
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
