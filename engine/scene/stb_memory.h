#pragma once

#include <cstddef>

namespace lact {

/// Bounds what stb_image and stb_image_write allocate in this thread while it exists: a small file may
/// inflate to gigabytes.
class StbMemory {
  public:
    explicit StbMemory(std::size_t most);
    StbMemory(const StbMemory&) = delete;
    StbMemory& operator=(const StbMemory&) = delete;
    ~StbMemory();

    /// Whether stb_image asked for more.
    [[nodiscard]] bool exceeded() const;
};

/// Around calls of stb_image_write, which throw std::bad_alloc where no memory is left: frees what it held
/// then.
class StbWriterMemory {
  public:
    StbWriterMemory() = default;
    StbWriterMemory(const StbWriterMemory&) = delete;
    StbWriterMemory& operator=(const StbWriterMemory&) = delete;
    ~StbWriterMemory();

    /// Whether stb_image_write holds memory in this thread.
    [[nodiscard]] static bool holds_any();
};

/// Makes stb_image forget the reason of an earlier failure, which it would repeat where it has no other.
void forget_stb_failure();

}  // namespace lact
