#include "engine/core/output_path.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lact {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t random_digits = 16;
constexpr std::string_view temporary_ending = ".part";
/// Attempts to make a temporary file whose name and lock nobody else takes; one suffices.
constexpr int most_attempts = 100;
constexpr const char* folder_hint = "Choose a folder that exists and is writable.";

/// A folder and the beginning of the temporary names in it.
struct TemporaryPlace {
    fs::path folder;
    std::string prefix;
};

TemporaryPlace place_in(const fs::path& folder, std::string name) {
    // Leaves room for what is added: names have at most 255 bytes.
    constexpr std::size_t longest = 200;
    if (name.size() > longest) {
        name.resize(longest);
        // Ends with a whole character of UTF-8.
        while (!name.empty() && (static_cast<unsigned char>(name.back()) & 0xC0U) == 0x80U) {
            name.pop_back();
        }
        if (!name.empty() && (static_cast<unsigned char>(name.back()) & 0x80U) != 0) {
            name.pop_back();
        }
    }
    return {folder.empty() ? fs::path(".") : folder, "." + name + "."};
}

TemporaryPlace place_beside(const fs::path& target) {
    return place_in(target.parent_path(), target.filename().string());
}

fs::path random_name(const TemporaryPlace& place) {
    std::uint64_t number = 0;
    if (::getrandom(&number, sizeof(number), 0) != static_cast<ssize_t>(sizeof(number))) {
        // Names need to differ, not to be secret: O_EXCL refuses one that exists.
        number = static_cast<std::uint64_t>(::getpid()) << 32U ^ static_cast<std::uint64_t>(::clock());
    }
    return place.folder / fmt::format("{}{:0{}x}{}", place.prefix, number, random_digits, temporary_ending);
}

bool is_temporary_name(const std::string& name, const std::string& prefix) {
    return name.size() == prefix.size() + random_digits + temporary_ending.size() &&
           name.starts_with(prefix) && is_temporary_output(name);
}

/// Whether `path` itself, not what a link names, is the open file.
bool names_open_file(int fd, const fs::path& path) {
    struct stat held {};
    struct stat named {};
    return ::fstat(fd, &held) == 0 && ::lstat(path.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

void remove_temporary(const fs::path& path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);  // Removes links, not what they name.
}

/// Removes a temporary file or folder of a program that is gone: of this user, and locked by nobody.
void remove_if_abandoned(const fs::path& path) {
    const FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status {};
    if (fd && ::fstat(fd.get(), &status) == 0 && status.st_uid == ::geteuid() &&
        (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 &&
        names_open_file(fd.get(), path)) {
        remove_temporary(path);
    }
}

void remove_abandoned(const TemporaryPlace& place) {
    std::vector<fs::path> found;
    std::error_code code;
    for (fs::directory_iterator entry(place.folder, code), end; !code && entry != end;
         entry.increment(code)) {
        if (is_temporary_name(entry->path().filename().string(), place.prefix)) {
            found.push_back(entry->path());
        }
    }
    for (const fs::path& path : found) {
        remove_if_abandoned(path);
    }
}

/// Locks a temporary file just created. False: another program took it for abandoned in between. Goes on
/// without a lock on file systems that have none.
bool hold(int fd, const fs::path& path) {
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return false;
    }
    return names_open_file(fd, path);
}

tl::unexpected<Error> cannot_create_output(const fs::path& target, int code) {
    return fail(target.string(), "cannot be created: " + system_reason(code), folder_hint);
}

struct NamedTemporary {
    fs::path path;
    FileDescriptor fd;
};

/// A locked temporary file or folder. Errors name `shown`.
Result<NamedTemporary> make_temporary(const TemporaryPlace& place, bool folder, const fs::path& shown) {
    remove_abandoned(place);
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        NamedTemporary made{random_name(place), {}};
        if (folder && ::mkdir(made.path.c_str(), 0777) != 0) {
            if (errno == EEXIST) {
                continue;
            }
            return cannot_create_output(shown, errno);
        }
        const int flags = folder ? O_RDONLY | O_DIRECTORY : O_RDWR | O_CREAT | O_EXCL;
        made.fd = FileDescriptor(::open(made.path.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0666));
        if (!made.fd) {
            // ENOENT: another program took the new folder for abandoned.
            if (errno != (folder ? ENOENT : EEXIST)) {
                return cannot_create_output(shown, errno);
            }
        } else if (hold(made.fd.get(), made.path)) {
            return made;
        }
    }
    return cannot_create_output(shown, EBUSY);
}

}  // namespace

bool is_temporary_output(const std::string& name) {
    constexpr std::size_t added = 1 + random_digits + temporary_ending.size();
    if (name.size() <= added || !name.starts_with('.') || !name.ends_with(temporary_ending)) {
        return false;
    }
    const std::string_view random = std::string_view(name).substr(name.size() - added, 1 + random_digits);
    return random.front() == '.' && std::all_of(random.begin() + 1, random.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

Result<void> check_replaceable(const fs::path& path) {
    std::error_code code;
    const auto status = fs::status(path, code);
    if (!fs::exists(status) || fs::is_regular_file(status)) {
        return {};
    }
    return fail(path.string(),
                fs::is_directory(status) ? "is a folder, and a file cannot take its place"
                                         : "is a device, pipe or socket, and a file must not take its place",
                "Choose the name of a file.");
}

Result<OutputFile> OutputFile::create(const fs::path& target) {
    if (!target.has_filename()) {
        return fail(target.string(), "is no name of a file", "Choose the name of a file.");
    }
    LACT_CHECK(check_replaceable(target));
    LACT_TRY(NamedTemporary made, make_temporary(place_beside(target), false, target));
    return OutputFile(target, std::move(made.path), std::move(made.fd));
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : target_(std::move(other.target_)), path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)) {}

Result<void> OutputFile::write(std::string_view bytes) {
    return write_all(fd_.get(), bytes, target_);
}

Result<void> OutputFile::publish() {
    LACT_CHECK(check_replaceable(target_));
    if (::fsync(fd_.get()) != 0) {
        return fail(target_.string(), "cannot be flushed to the disk: " + system_reason(errno),
                    "Free some space or choose another folder.");
    }
    if (std::rename(path_.c_str(), target_.c_str()) != 0) {
        return fail(target_.string(), "cannot be renamed from its temporary file: " + system_reason(errno));
    }
    path_.clear();
    // Some network file systems report only now that the bytes could not be stored.
    if (::close(fd_.release()) != 0 && errno != EINTR) {
        return fail(target_.string(), "cannot be closed: " + system_reason(errno));
    }
    return {};
}

void OutputFile::discard() noexcept {
    if (!path_.empty()) {
        ::unlink(path_.c_str());
        path_.clear();
    }
}

Result<OutputFolder> OutputFolder::beside(const fs::path& target) {
    // `dir/` and `dir` are the same folder, but only the latter has a name.
    const fs::path name = target.has_filename() ? target : target.parent_path();
    LACT_TRY(NamedTemporary made, make_temporary(place_beside(name), true, target));
    return OutputFolder(std::move(made.path), std::move(made.fd));
}

Result<OutputFolder> OutputFolder::within(const fs::path& folder, const std::string& name) {
    LACT_TRY(NamedTemporary made, make_temporary(place_in(folder, name), true, folder));
    return OutputFolder(std::move(made.path), std::move(made.fd));
}

OutputFolder::OutputFolder(OutputFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), fd_(std::move(other.fd_)) {}

Result<void> OutputFolder::publish_as(const fs::path& target) {
    if (::fsync(fd_.get()) != 0) {
        return fail(target.string(), "cannot be flushed to the disk: " + system_reason(errno),
                    "Free some space or choose another folder.");
    }
    // The rename of a folder replaces an empty folder and nothing else.
    if (std::rename(path_.c_str(), target.c_str()) != 0) {
        const bool taken = errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR;
        return fail(target.string(),
                    taken ? "has appeared while the result was made, and is not replaced"
                          : "cannot be renamed from its temporary folder: " + system_reason(errno),
                    "Choose another folder.");
    }
    path_.clear();
    return {};
}

void OutputFolder::discard() noexcept {
    if (!path_.empty()) {
        remove_temporary(path_);
        path_.clear();
    }
}

Result<void> write_new_file(const fs::path& path, std::string_view bytes) {
    FileDescriptor fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!fd) {
        return cannot_create_output(path, errno);
    }
    Result<void> written = write_all(fd.get(), bytes, path);
    if (written && ::fsync(fd.get()) != 0) {
        written = fail(path.string(), "cannot be flushed to the disk: " + system_reason(errno));
    }
    if (::close(fd.release()) != 0 && written) {
        written = fail(path.string(), "cannot be closed: " + system_reason(errno));
    }
    if (!written) {
        ::unlink(path.c_str());
    }
    return written;
}

Result<void> move_to_free_name(const fs::path& from, const fs::path& target) {
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) == 0) {
        return {};
    }
    int reason = errno;
    if (reason == EINVAL || reason == ENOSYS) {  // A file system that has no such rename.
        std::error_code code;
        if (fs::exists(fs::symlink_status(target, code))) {
            reason = EEXIST;
        } else if (std::rename(from.c_str(), target.c_str()) == 0) {
            return {};
        } else {
            reason = errno;
        }
    }
    return fail(target.string(), "cannot be put in place: " + system_reason(reason));
}

Result<FileDescriptor> unnamed_file_beside(const fs::path& target) {
    const TemporaryPlace place = place_beside(target);
    FileDescriptor unnamed(::open(place.folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, 0600));
    if (unnamed) {
        return unnamed;
    }
    // A file system without unnamed files: a name for a moment.
    LACT_TRY(NamedTemporary made, make_temporary(place, false, target));
    ::unlink(made.path.c_str());
    return std::move(made.fd);
}

Result<FileDescriptor> lock_folder(const fs::path& folder) {
    FileDescriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!lock) {
        return fail(folder.string(), "cannot be opened: " + system_reason(errno));
    }
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return fail(folder.string(), "is in use by another run",
                    "Wait until that run has ended, stop it, or choose another folder.");
    }
    return lock;
}

Result<void> check_output_file(const fs::path& path) {
    const auto tried = OutputFile::create(path);
    return tried ? Result<void>() : tl::unexpected<Error>(tried.error());
}

Result<void> check_output_folder(const fs::path& path) {
    std::error_code code;
    fs::path there = path.empty() ? fs::path(".") : path;
    while (!fs::exists(fs::symlink_status(there, code))) {
        const fs::path above = there.parent_path();
        if (above == there) {
            break;
        }
        there = above.empty() ? fs::path(".") : above;
    }
    const auto status = fs::status(there, code);
    if (!fs::is_directory(status)) {
        return fail(path.string(),
                    code && code != std::errc::no_such_file_or_directory
                        ? "cannot be created: " + code.message()
                        : fmt::format("cannot be created: {} is not a folder", there.string()),
                    "Choose another folder.");
    }
    const auto tried = make_temporary(place_in(there, "lactscope"), true, path);
    if (!tried) {
        return tl::unexpected<Error>(tried.error());
    }
    remove_temporary(tried->path);
    return {};
}

}  // namespace lact
