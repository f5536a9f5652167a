#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace lact {

/// The whole of a file. Errors: missing, not a file, unreadable (with the system's reason).
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);

/// Writes a file so that its name never holds a half-written one: to `path.part`, flushed to the disk, then
/// renamed. On an error (disk full, unwritable folder) nothing is left behind and an older file of that name
/// stays.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// SHA-256 of a file's bytes as 64 lower-case hexadecimal digits.
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& path);

/// A read-only memory map of a whole file; unmapped when it goes out of scope.
class MappedFile {
  public:
    [[nodiscard]] static Result<MappedFile> open(const std::filesystem::path& path);
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    [[nodiscard]] std::span<const std::byte> bytes() const { return {data_, size_}; }

  private:
    MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
    const std::byte* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace lact
