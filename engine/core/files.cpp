#include "engine/core/files.h"

#include "engine/core/output_path.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lact {

std::string system_reason(int code) {
    if (code == ELOOP) {
        return "its links lead in a circle";
    }
    return std::generic_category().message(code);
}

FileDescriptor::~FileDescriptor() {
    if (fd_ >= 0) {
        ::close(fd_);
    }
}

Result<OpenFile> open_for_reading(const std::filesystem::path& path) {
    // O_NONBLOCK: a pipe would otherwise wait for a writer; it changes nothing for regular files.
    OpenFile file{FileDescriptor(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)), 0};
    if (!file.fd) {
        const int reason = errno;
        if (reason == ENXIO) {  // A socket.
            return fail(path.string(), "is not a regular file");
        }
        return fail(path.string(), "cannot be opened: " + system_reason(reason));
    }
    struct stat status {};
    if (::fstat(file.fd.get(), &status) != 0) {
        return fail(path.string(), "cannot be read: " + system_reason(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(path.string(), S_ISDIR(status.st_mode)    ? "is a folder, a file was expected"
                                   : S_ISFIFO(status.st_mode) ? "is a pipe, a file was expected"
                                   : S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)
                                       ? "is a device, a file was expected"
                                       : "is not a regular file");
    }
    file.size = static_cast<std::size_t>(status.st_size);
    return file;
}

Result<void> write_all(int fd, std::string_view bytes, const std::filesystem::path& shown) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return fail(shown.string(), "cannot be written: " + system_reason(errno),
                        "Free some space or choose another folder.");
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

namespace {

/// Reads `size` bytes from the position of the file. Error: it ends before, as files that are being copied or
/// were truncated do.
Result<void> read_exactly(int fd, std::byte* out, std::size_t size, const std::filesystem::path& path) {
    std::size_t done = 0;
    while (done < size) {
        const ssize_t count = ::read(fd, out + done, size - done);
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
    return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t most) {
    LACT_TRY(const OpenFile file, open_for_reading(path));
    if (file.size > most) {
        return fail(path.string(), fmt::format("has {} bytes; at most {} are read", file.size, most));
    }
    std::string bytes(file.size, '\0');
    LACT_CHECK(read_exactly(file.fd.get(), std::as_writable_bytes(std::span(bytes)).data(), file.size, path));
    return bytes;
}

Result<std::string> read_file_start(const std::filesystem::path& path, std::size_t most) {
    LACT_TRY(const OpenFile file, open_for_reading(path));
    std::string bytes(std::min(file.size, most), '\0');
    LACT_CHECK(
        read_exactly(file.fd.get(), std::as_writable_bytes(std::span(bytes)).data(), bytes.size(), path));
    return bytes;
}

Result<std::string> read_file_part(const OpenFile& file, std::size_t begin, std::size_t size,
                                   const std::filesystem::path& path) {
    if (::lseek(file.fd.get(), static_cast<off_t>(begin), SEEK_SET) < 0) {
        return fail(path.string(), "cannot be read: " + system_reason(errno));
    }
    std::string bytes(size, '\0');
    LACT_CHECK(read_exactly(file.fd.get(), std::as_writable_bytes(std::span(bytes)).data(), size, path));
    return bytes;
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
    LACT_TRY(OutputFile file, OutputFile::create(path));
    LACT_CHECK(file.write(bytes));
    return file.publish();
}

namespace {

struct FreeDigest {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// SHA-256 of bytes that arrive in parts.
class Sha256 {
  public:
    Sha256() : context_(EVP_MD_CTX_new()) {
        good_ = context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1;
    }
    void add(std::string_view bytes) {
        good_ = good_ && EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1;
    }
    Result<std::string> text(const std::string& where) {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned length = 0;
        if (!good_ || EVP_DigestFinal_ex(context_.get(), digest.data(), &length) != 1) {
            return fail(where, "SHA-256 could not be computed");
        }
        std::string text;
        for (unsigned i = 0; i < length; ++i) {
            text += fmt::format("{:02x}", digest[i]);
        }
        return text;
    }

  private:
    std::unique_ptr<EVP_MD_CTX, FreeDigest> context_;
    bool good_ = false;
};

}  // namespace

Result<std::string> sha256_of(std::string_view bytes, const std::string& where) {
    Sha256 sha;
    sha.add(bytes);
    return sha.text(where);
}

Result<std::string> sha256_of_file(const std::filesystem::path& path) {
    constexpr std::size_t at_once = std::size_t{1} << 20;
    LACT_TRY(const OpenFile file, open_for_reading(path));
    std::string bytes(std::min(file.size, at_once), '\0');
    Sha256 sha;
    for (std::size_t done = 0; done < file.size; done += bytes.size()) {
        bytes.resize(std::min(bytes.size(), file.size - done));
        LACT_CHECK(
            read_exactly(file.fd.get(), std::as_writable_bytes(std::span(bytes)).data(), bytes.size(), path));
        sha.add(bytes);
    }
    return sha.text(path.string());
}

namespace {

/// Tables of CRC-32: [k][byte] is the remainder of the byte with k zero bytes behind it.
constexpr auto crc32_tables = [] {
    std::array<std::array<std::uint32_t, 256>, 8> tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t rest = byte;
        for (int bit = 0; bit < 8; ++bit) {
            rest = (rest >> 1U) ^ ((rest & 1U) != 0 ? 0xedb88320U : 0U);
        }
        tables[0][byte] = rest;
    }
    for (std::size_t k = 1; k < tables.size(); ++k) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            const std::uint32_t rest = tables[k - 1][byte];
            tables[k][byte] = (rest >> 8U) ^ tables[0][rest & 0xffU];
        }
    }
    return tables;
}();

}  // namespace

std::uint32_t crc32_of(std::string_view bytes) {
    constexpr std::size_t at_once = crc32_tables.size();
    std::uint32_t crc = 0xffffffffU;
    // Eight bytes at once: weights have gigabytes.
    for (; bytes.size() >= at_once; bytes.remove_prefix(at_once)) {
        std::uint32_t next = 0;
        for (std::size_t i = 0; i < at_once; ++i) {
            const std::uint32_t before = i < sizeof crc ? crc >> (8 * i) : 0U;
            const std::uint32_t mixed = (before ^ static_cast<unsigned char>(bytes[i])) & 0xffU;
            next ^= crc32_tables[at_once - 1 - i][mixed];
        }
        crc = next;
    }
    for (const char byte : bytes) {
        crc = (crc >> 8U) ^ crc32_tables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xffU];
    }
    return ~crc;
}

Result<FileState> file_state(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return fail(path.string(), "cannot be read: " + system_reason(errno));
    }
    constexpr std::int64_t nanoseconds = 1'000'000'000;
    return FileState{static_cast<std::uint64_t>(status.st_dev), static_cast<std::uint64_t>(status.st_ino),
                     static_cast<std::uint64_t>(status.st_size),
                     std::int64_t{status.st_mtim.tv_sec} * nanoseconds + status.st_mtim.tv_nsec};
}

Result<FileBytes> FileBytes::read(const std::filesystem::path& path) {
    LACT_TRY(const OpenFile file, open_for_reading(path));
    FileBytes read;
    // Without zeroes: a weight file has gigabytes.
    read.data_.reset(new (std::align_val_t{alignment}, std::nothrow)
                         std::byte[std::max<std::size_t>(file.size, 1)]);
    if (!read.data_) {
        return fail(path.string(), fmt::format("has {} MB, more than there is memory for", file.size >> 20));
    }
    read.size_ = file.size;
    LACT_CHECK(read_exactly(file.fd.get(), read.data_.get(), file.size, path));
    return read;
}

}  // namespace lact
