#include "app/platform/part_folder.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace lact::app {

namespace {

namespace fs = std::filesystem;

tl::unexpected<Error> cannot_be_made(const fs::path& path, int code) {
    return fail(path.string(), "cannot be made: " + std::generic_category().message(code),
                "Choose a folder that you may write to, or copy the photos to one.");
}

/// Whether the open folder is still the one of that name: who held it before may have removed it just now.
bool still_there(int folder, const fs::path& path) {
    struct stat held {};
    struct stat named {};
    return ::fstat(folder, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
           held.st_ino == named.st_ino;
}

void empty(const fs::path& folder) {
    std::error_code ignored;
    for (fs::directory_iterator entry(folder, ignored), end; !ignored && entry != end;
         entry.increment(ignored)) {
        std::error_code unremoved;
        fs::remove_all(entry->path(), unremoved);
    }
}

}  // namespace

Result<PartFolder> PartFolder::make(const fs::path& path) {
    for (int tries = 0; tries < 100; ++tries) {
        if (::mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) {
            return cannot_be_made(path, errno);
        }
        const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0) {
            if (errno == ENOENT) {
                continue;
            }
            return cannot_be_made(path, errno);
        }
        PartFolder part({}, folder);
        // A file system that knows no locks is used without.
        if (::flock(folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
            return fail(path.parent_path().string(),
                        "is being worked on by another run, in its folder " + path.filename().string(),
                        "Wait until that run has ended, or stop it.");
        }
        if (!still_there(folder, path)) {
            continue;
        }
        part.path_ = path;
        empty(path);
        std::error_code code;
        if (!fs::create_directories(path / "sparse", code)) {
            return cannot_be_made(path / "sparse", code.value());
        }
        return part;
    }
    return cannot_be_made(path, EBUSY);
}

PartFolder::PartFolder(PartFolder&& other) noexcept
    : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, -1)) {}

PartFolder::~PartFolder() {
    std::error_code ignored;
    if (!path_.empty()) {
        fs::remove_all(path_, ignored);
    }
    if (lock_ >= 0) {
        ::close(lock_);
    }
}

}  // namespace lact::app
