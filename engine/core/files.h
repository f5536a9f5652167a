#pragma once

#include "engine/core/error.h"
#include "engine/core/file_descriptor.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>

namespace lact {

/// The largest file that read_file() reads, in bytes. Weights are larger: FileBytes reads them.
inline constexpr std::size_t largest_file = std::size_t{1} << 31;

/// Reads a whole file. Errors: missing, not a regular file, unreadable (with the reason of the system),
/// larger than `most` bytes.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path,
                                            std::size_t most = largest_file);

/// The first `most` bytes of a file, or all. Errors as read_file().
[[nodiscard]] Result<std::string> read_file_start(const std::filesystem::path& path, std::size_t most);

/// `size` bytes of an open file from `begin` on; errors name `path`.
[[nodiscard]] Result<std::string> read_file_part(const OpenFile& file, std::size_t begin, std::size_t size,
                                                 const std::filesystem::path& path);

/// Writes a file atomically: to a temporary file beside it (output_path.h), flushed to the disk, then
/// renamed. A reader never sees a partial file. An error (disk full, folder not writable,
/// check_replaceable()) keeps an existing `path`.
[[nodiscard]] Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// Computes the SHA-256 of a file's bytes as 64 lower-case hexadecimal digits. Errors as read_file().
[[nodiscard]] Result<std::string> sha256_of_file(const std::filesystem::path& path);

/// The same for bytes in memory; `where` names them in errors.
[[nodiscard]] Result<std::string> sha256_of(std::string_view bytes, const std::string& where = "SHA-256");

/// The CRC-32 of bytes, as zip files and PNG store it (ISO 3309).
[[nodiscard]] std::uint32_t crc32_of(std::string_view bytes);

/// What tells one state of a file from the next: writing to it, or renaming another into its place, changes
/// some of this.
struct FileState {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    std::int64_t modified = 0;  ///< In nanoseconds since 1970.
    friend bool operator==(const FileState&, const FileState&) = default;
};

/// The state of the file at `path`, behind links. Error: there is none.
[[nodiscard]] Result<FileState> file_state(const std::filesystem::path& path);

/// All bytes of a file in memory, aligned for every type. Not a map of the file, whose pages would end the
/// program with a signal where the file is truncated meanwhile.
class FileBytes {
  public:
    /// Errors: as read_file(); more bytes than there is memory.
    [[nodiscard]] static Result<FileBytes> read(const std::filesystem::path& path);

    [[nodiscard]] std::span<const std::byte> bytes() const { return {data_.get(), size_}; }

  private:
    static constexpr std::size_t alignment = 64;
    struct Free {
        void operator()(std::byte* data) const { ::operator delete[](data, std::align_val_t{alignment}); }
    };
    std::unique_ptr<std::byte[], Free> data_;  // NOLINT(*-avoid-c-arrays): bytes that stay uninitialised
    std::size_t size_ = 0;
};

}  // namespace lact
