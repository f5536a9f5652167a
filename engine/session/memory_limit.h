#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string_view>

namespace lact {

/// What control groups leave of main memory to this process, beside what the machine has free: containers and
/// services have such limits. None where no limit is set. `groups`: the text of /proc/self/cgroup; `mounted`:
/// where control groups are mounted (/sys/fs/cgroup), of version 2 or, with a folder "memory", of version 1.
[[nodiscard]] std::optional<std::size_t> control_group_bytes(std::string_view groups,
                                                             const std::filesystem::path& mounted);

}  // namespace lact
