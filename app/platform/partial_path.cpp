#include "app/platform/partial_path.h"

#include "engine/core/files.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> cannot_create(const fs::path& path, int code) {
    return fail(path.string(), "cannot be created: " + system_reason(code),
                "Choose a folder that you may write to, or copy the photos to one.");
}

/// Whether `path` still names the open folder: its previous holder may have removed it in the meantime.
bool names_folder(int folder, const fs::path& path) {
    struct stat held {};
    struct stat named {};
    return ::fstat(folder, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

void remove_contents(const fs::path& folder) {
    std::error_code ignored;
    for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
         entry.increment(ignored)) {
        std::error_code unremoved;
        fs::remove_all(entry->path(), unremoved);
    }
}

}  // namespace

std::string system_reason(int code) {
    return std::generic_category().message(code);
}

Result<void> PartialPath::publish_as(const std::filesystem::path& name) {
    if (kind_ == Kind::file) {
        LACT_CHECK(check_replaceable(name));
    }
    const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail(path_.string(), "cannot be opened again: " + system_reason(errno));
    }
    const bool flushed = ::fsync(fd) == 0;
    const int reason = errno;
    ::close(fd);
    if (!flushed) {
        return fail(name.string(), "cannot be flushed to the disk: " + system_reason(reason),
                    "Free some space or choose another folder.");
    }
    if (std::rename(path_.c_str(), name.c_str()) != 0) {
        return fail(name.string(), "cannot be put in place: " + system_reason(errno));
    }
    published_ = true;
    return {};
}

void PartialPath::discard() noexcept {
    if (published_) {
        return;
    }
    if (kind_ == Kind::file) {
        ::unlink(path_.c_str());
    } else {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
}

Result<PartialFolder> PartialFolder::make(const fs::path& path) {
    for (int tries = 0; tries < 100; ++tries) {
        if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) {
            return cannot_create(path, errno);
        }
        const int lock = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (lock < 0) {
            if (errno == ENOENT) {
                continue;
            }
            return cannot_create(path, errno);
        }
        PartialFolder folder({}, lock);
        // Continues without a lock on file systems that have none.
        if (::flock(lock, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            return fail(path.parent_path().string(),
                        "is in use by another run, in its folder " + path.filename().string(),
                        "Wait until that run has ended, or stop it.");
        }
        if (!names_folder(lock, path)) {
            continue;
        }
        folder.path_ = path;
        remove_contents(path);
        std::error_code code;
        if (!fs::create_directories(path / "sparse", code)) {
            return cannot_create(path / "sparse", code.value());
        }
        return folder;
    }
    return cannot_create(path, EBUSY);
}

PartialFolder::PartialFolder(PartialFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}

PartialFolder::~PartialFolder() {
    std::error_code ignored;
    if (!path_.empty()) {
        fs::remove_all(path_, ignored);
    }
    if (lock_ >= 0) {
        ::close(lock_);
    }
}

}  // namespace lact::app
