#pragma once

#include <cstddef>

namespace lact {

/// Bounds what stb_image allocates in this thread while it exists: a small file may inflate to gigabytes.
class StbMemory {
  public:
    explicit StbMemory(std::size_t most);
    StbMemory(const StbMemory&) = delete;
    StbMemory& operator=(const StbMemory&) = delete;
    ~StbMemory();

    /// Whether stb_image asked for more.
    [[nodiscard]] bool exceeded() const;
};

/// Makes stb_image forget the reason of an earlier failure, which it would repeat where it has no other.
void forget_stb_failure();

}  // namespace lact
