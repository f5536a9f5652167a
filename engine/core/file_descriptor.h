#pragma once

#include "engine/core/error.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace lact {

/// Text of an `errno` value.
[[nodiscard]] std::string system_reason(int code);

/// An open file descriptor, closed at the end of its scope.
class FileDescriptor {
  public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;
    ~FileDescriptor();

    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_ = -1;
};

/// An open regular file and its size.
struct OpenFile {
    FileDescriptor fd;
    std::size_t size = 0;
};

/// Opens a file for reading. Never waits: a pipe without a writer is refused at once. Errors: missing, not a
/// regular file (a folder, pipe, socket or device), a loop of links, unreadable.
[[nodiscard]] Result<OpenFile> open_for_reading(const std::filesystem::path& path);

/// Writes all bytes. Errors name `shown`.
[[nodiscard]] Result<void> write_all(int fd, std::string_view bytes, const std::filesystem::path& shown);

}  // namespace lact
