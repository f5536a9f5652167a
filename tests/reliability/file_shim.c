// Fails calls on files below a folder, or ends the process at them. Preloaded (LD_PRELOAD); see shim.h.
//   LACT_FAULT_FOLDER   only files below it count
//   LACT_FAULT_DO       fail (the default): the call returns an error
//                       short: a write takes half of its bytes; all writes after it fail
//                       kill: SIGKILL before the call;  half: SIGKILL after half of the bytes of a write
//   LACT_FAULT_ERRNO    the error (default 28, ENOSPC)
#include "shim.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/uio.h>

static struct fault fault;
static const char* folder = NULL;
static const char* action = "fail";
static int error = ENOSPC;
static atomic_bool full = false;  // After a write that took half of its bytes.

__attribute__((constructor)) static void start(void) {
    shim_start(&fault);
    folder = getenv("LACT_FAULT_FOLDER");
    const char* chosen = getenv("LACT_FAULT_DO");
    action = chosen != NULL ? chosen : action;
    const unsigned long number = shim_number("LACT_FAULT_ERRNO");
    error = number != 0 ? (int)number : error;
}

static bool below_folder(const char* path) {
    const size_t length = folder != NULL ? strlen(folder) : 0;
    return length > 0 && strncmp(path, folder, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/// The absolute form of a path at a folder that is open as `at`.
static void absolute(int at, const char* path, char* out, size_t size) {
    if (path[0] == '/') {
        snprintf(out, size, "%s", path);
        return;
    }
    char link[64];
    char base[4096];
    snprintf(link, sizeof(link), at == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", at);
    const ssize_t length = readlink(link, base, sizeof(base) - 1);
    base[length > 0 ? length : 0] = '\0';
    snprintf(out, size, "%s/%s", base, path);
}

enum outcome { go_on, fails, takes_half };

static void end_process(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
}

static enum outcome meet(const char* call, const char* path) {
    if (fault.call == NULL || !below_folder(path)) {
        return go_on;
    }
    shim_log(&fault, call, path);
    const bool hit = shim_hits(&fault, call);
    const bool writes = strcmp(call, "write") == 0;
    if (writes && atomic_load(&full)) {
        errno = error;
        return fails;
    }
    if (!hit) {
        return go_on;
    }
    if (strcmp(action, "kill") == 0 || (strcmp(action, "half") == 0 && !writes)) {
        end_process();
    }
    if (writes && strcmp(action, "half") == 0) {
        return takes_half;
    }
    if (writes && strcmp(action, "short") == 0) {
        atomic_store(&full, true);
        return takes_half;
    }
    errno = error;
    return fails;
}

static enum outcome meet_path(const char* call, int at, const char* path) {
    const int before = errno;
    char full[8300];
    absolute(at, path, full, sizeof(full));
    const enum outcome outcome = meet(call, full);
    if (outcome == go_on) {
        errno = before;
    }
    return outcome;
}

static enum outcome meet_file(const char* call, int fd) {
    const int before = errno;
    char link[64];
    char path[4096];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(link, path, sizeof(path) - 1);
    path[length > 0 ? length : 0] = '\0';
    const enum outcome outcome = meet(call, path);
    if (outcome == go_on) {
        errno = before;
    }
    return outcome;
}

#define NEXT(name)                                          \
    static __typeof__(&name) next = NULL;                   \
    if (next == NULL) {                                     \
        next = (__typeof__(&name))dlsym(RTLD_NEXT, #name);  \
    }

static bool creates(int flags) {
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

#define MODE_OF(flags)                        \
    mode_t mode = 0;                          \
    if (creates(flags)) {                     \
        va_list list;                         \
        va_start(list, flags);                \
        mode = (mode_t)va_arg(list, int);     \
        va_end(list);                         \
    }

int open(const char* path, int flags, ...) {
    NEXT(open)
    MODE_OF(flags)
    return creates(flags) && meet_path("open", AT_FDCWD, path) == fails ? -1 : next(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    NEXT(open64)
    MODE_OF(flags)
    return creates(flags) && meet_path("open", AT_FDCWD, path) == fails ? -1 : next(path, flags, mode);
}
int openat(int at, const char* path, int flags, ...) {
    NEXT(openat)
    MODE_OF(flags)
    return creates(flags) && meet_path("open", at, path) == fails ? -1 : next(at, path, flags, mode);
}
int openat64(int at, const char* path, int flags, ...) {
    NEXT(openat64)
    MODE_OF(flags)
    return creates(flags) && meet_path("open", at, path) == fails ? -1 : next(at, path, flags, mode);
}

/// What a write returns that takes half of its bytes; ends the process where that is asked for.
static ssize_t half_taken(ssize_t count) {
    if (strcmp(action, "half") == 0) {
        end_process();
    }
    return count;
}

ssize_t write(int fd, const void* bytes, size_t size) {
    NEXT(write)
    const enum outcome outcome = meet_file("write", fd);
    return outcome == fails        ? -1
           : outcome == takes_half ? half_taken(next(fd, bytes, size / 2))
                                   : next(fd, bytes, size);
}
#define PWRITE(name, offset_type)                                                              \
    ssize_t name(int fd, const void* bytes, size_t size, offset_type offset) {                 \
        NEXT(name)                                                                             \
        const enum outcome outcome = meet_file("write", fd);                                   \
        return outcome == fails        ? -1                                                    \
               : outcome == takes_half ? half_taken(next(fd, bytes, size / 2, offset))         \
                                       : next(fd, bytes, size, offset);                        \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)
ssize_t writev(int fd, const struct iovec* parts, int count) {
    NEXT(writev)
    const enum outcome outcome = meet_file("write", fd);
    return outcome == fails ? -1 : outcome == takes_half ? half_taken(next(fd, parts, 1)) : next(fd, parts, count);
}
int fsync(int fd) {
    NEXT(fsync)
    return meet_file("fsync", fd) == fails ? -1 : next(fd);
}
int fdatasync(int fd) {
    NEXT(fdatasync)
    return meet_file("fsync", fd) == fails ? -1 : next(fd);
}
int rename(const char* from, const char* to) {
    NEXT(rename)
    return meet_path("rename", AT_FDCWD, to) == fails ? -1 : next(from, to);
}
int renameat2(int from_at, const char* from, int to_at, const char* to, unsigned flags) {
    NEXT(renameat2)
    return meet_path("rename", to_at, to) == fails ? -1 : next(from_at, from, to_at, to, flags);
}
int mkdir(const char* path, mode_t mode) {
    NEXT(mkdir)
    return meet_path("mkdir", AT_FDCWD, path) == fails ? -1 : next(path, mode);
}
int unlink(const char* path) {
    NEXT(unlink)
    return meet_path("unlink", AT_FDCWD, path) == fails ? -1 : next(path);
}
int unlinkat(int at, const char* path, int flags) {
    NEXT(unlinkat)
    return meet_path("unlink", at, path) == fails ? -1 : next(at, path, flags);
}
