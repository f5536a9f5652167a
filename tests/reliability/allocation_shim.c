// Fails allocations of at least LACT_FAULT_LEAST bytes, as where memory has run out, from the begin of main() to its end:
// before and after it nobody can report an error. Preloaded (LD_PRELOAD); the call is "malloc" for each function that
// allocates; see shim.h. The log has the backtrace of what was failed, and at
// the end the number of allocations counted.
#include "shim.h"

#include <errno.h>
#include <dlfcn.h>
#include <execinfo.h>

extern void* __libc_malloc(size_t);
extern void* __libc_calloc(size_t, size_t);
extern void* __libc_realloc(void*, size_t);
extern void* __libc_memalign(size_t, size_t);

static struct fault fault;
static size_t least = 0;
static atomic_bool started = false;
static int (*program)(int, char**, char**) = NULL;

__attribute__((constructor)) static void start(void) {
    void* frames[1];
    (void)backtrace(frames, 1);  // Its first call allocates.
    shim_start(&fault);
    least = shim_number("LACT_FAULT_LEAST");
}

static int counted_main(int count, char** arguments, char** environment) {
    atomic_store(&started, true);
    const int code = program(count, arguments, environment);
    atomic_store(&started, false);
    return code;
}

int __libc_start_main(int (*main)(int, char**, char**), int count, char** arguments, void (*init)(void), void (*fini)(void),
                      void (*end)(void), void* stack) {
    program = main;
    __typeof__(&__libc_start_main) next = (__typeof__(&__libc_start_main))dlsym(RTLD_NEXT, "__libc_start_main");
    return next(counted_main, count, arguments, init, fini, end, stack);
}

__attribute__((destructor)) static void finish(void) {
    char text[32];
    snprintf(text, sizeof(text), "%lu", atomic_load(&fault.count));
    shim_log(&fault, "counted", text);
}

static bool fails(size_t size) {
    if (size < least || !atomic_load_explicit(&started, memory_order_relaxed) || !shim_hits(&fault, "malloc")) {
        return false;
    }
    if (fault.log >= 0) {
        void* frames[24];
        backtrace_symbols_fd(frames, backtrace(frames, 24), fault.log);
    }
    errno = ENOMEM;
    return true;
}

void* malloc(size_t size) {
    return fails(size) ? NULL : __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
    return fails(count * size) ? NULL : __libc_calloc(count, size);
}
void* realloc(void* old, size_t size) {
    return fails(size) ? NULL : __libc_realloc(old, size);
}
void* memalign(size_t alignment, size_t size) {
    return fails(size) ? NULL : __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
    return fails(size) ? NULL : __libc_memalign(alignment, size);
}
int posix_memalign(void** out, size_t alignment, size_t size) {
    if (fails(size)) {
        return ENOMEM;
    }
    void* made = __libc_memalign(alignment, size);
    if (made == NULL) {
        return ENOMEM;
    }
    *out = made;
    return 0;
}
