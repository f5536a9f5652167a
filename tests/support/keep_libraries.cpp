// Builds with sanitizers never unload a library: a leak that is found when the process ends has a name then,
// which lsan.supp can give.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#include <dlfcn.h>

extern "C" int dlclose(void* /*library*/) noexcept {
    return 0;
}
#endif
