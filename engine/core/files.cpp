#include "engine/core/files.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lact {
namespace {

std::string system_reason(int code) {
    return std::generic_category().message(code);
}

/// An open file descriptor, closed at the end of its scope.
class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    [[nodiscard]] int get() const { return fd_; }
    int release() { return std::exchange(fd_, -1); }

  private:
    int fd_;
};

Result<std::size_t> size_of(const Descriptor& file, const std::filesystem::path& path) {
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) {
        return fail(path.string(), "cannot be read: " + system_reason(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(path.string(),
                    S_ISDIR(status.st_mode) ? "is a folder, a file was expected" : "is not a regular file");
    }
    return static_cast<std::size_t>(status.st_size);
}

Result<void> write_all(int fd, std::string_view bytes, const std::filesystem::path& path) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return fail(path.string(), "cannot be written: " + system_reason(errno),
                        "Free some space or choose another folder.");
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        return fail(path.string(), "cannot be opened: " + system_reason(errno));
    }
    LACT_TRY(const std::size_t size, size_of(file, path));
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count = ::read(file.get(), bytes.data() + done, size - done);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return fail(path.string(),
                        fmt::format("reading stopped at byte {} of {}: {}", done, size,
                                    count < 0 ? system_reason(errno) : "the file was truncated"));
        }
        done += static_cast<std::size_t>(count);
    }
    return bytes;
}

Result<void> check_replaceable(const std::filesystem::path& path) {
    std::error_code code;
    const auto status = std::filesystem::status(path, code);
    if (!std::filesystem::exists(status) || std::filesystem::is_regular_file(status)) {
        return {};
    }
    return fail(path.string(),
                std::filesystem::is_directory(status)
                    ? "is a folder, and a file cannot take its place"
                    : "is a device, pipe or socket, and a file must not take its place",
                "Choose the name of a file.");
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
    LACT_CHECK(check_replaceable(path));
    const std::filesystem::path part = path.string() + ".part";
    Descriptor file(::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (file.get() < 0) {
        return fail(path.string(), "cannot be created: " + system_reason(errno),
                    "Choose a folder that exists and is writable.");
    }
    Result<void> written = write_all(file.get(), bytes, path);
    if (written && ::fsync(file.get()) != 0) {
        written = fail(path.string(), "cannot be flushed to the disk: " + system_reason(errno));
    }
    if (::close(file.release()) != 0 && written) {
        written = fail(path.string(), "cannot be closed: " + system_reason(errno));
    }
    if (written && std::rename(part.c_str(), path.c_str()) != 0) {
        written = fail(path.string(), "cannot be renamed from its partial file: " + system_reason(errno));
    }
    if (!written) {
        ::unlink(part.c_str());
    }
    return written;
}

Result<std::string> sha256_of(std::string_view bytes, const std::string& where) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr) != 1) {
        return fail(where, "SHA-256 could not be computed");
    }
    std::string text;
    for (unsigned i = 0; i < length; ++i) {
        text += fmt::format("{:02x}", digest[i]);
    }
    return text;
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
    LACT_TRY(const MappedFile file, MappedFile::open(path));
    const auto bytes = file.bytes();
    return sha256_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        return fail(path.string(), "cannot be opened: " + system_reason(errno));
    }
    LACT_TRY(const std::size_t size, size_of(file, path));
    if (size == 0) {
        return MappedFile(nullptr, 0);
    }
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
    if (data == MAP_FAILED) {
        return fail(path.string(),
                    fmt::format("cannot be mapped ({} bytes): {}", size, system_reason(errno)));
    }
    return MappedFile(static_cast<const std::byte*>(data), size);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) {
        // munmap takes a mutable pointer although it does not write through it.
        ::munmap(const_cast<std::byte*>(data_), size_);
    }
}

}  // namespace lact
