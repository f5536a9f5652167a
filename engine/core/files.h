#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace lact {

/// Reads a whole file. Errors: missing, not a regular file, unreadable (with the reason of the system).
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path);

/// Error: something is at `path`, also behind a link, that a finished file must not replace: a device such as
/// /dev/null, a pipe, a socket or a folder.
[[nodiscard]] Result<void> check_replaceable(const std::filesystem::path& path);

/// Writes a file atomically: to `path.part`, flushed to the disk, then renamed. A reader never sees a
/// partial file. On an error (disk full, folder not writable, check_replaceable()) it removes the partial
/// file and keeps an existing `path`.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Computes the SHA-256 of a file's bytes as 64 lower-case hexadecimal digits. Errors as read_file().
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& path);

/// The same for bytes in memory; `where` names them in errors.
[[nodiscard]] Result<std::string> sha256_of(std::string_view bytes, const std::string& where = "SHA-256");

/// A read-only memory map of a whole file. The destructor unmaps it.
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
