#include "app/video/partial_path.h"

#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace lact::app {

std::string system_reason(int code) {
    return std::generic_category().message(code);
}

Result<void> PartialPath::publish_as(const std::filesystem::path& name) {
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
    snapshot_ = true;
    return {};
}

void PartialPath::discard() noexcept {
    if (snapshot_) {
        return;
    }
    if (kind_ == Kind::file) {
        ::unlink(path_.c_str());
    } else {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
}

}  // namespace lact::app
