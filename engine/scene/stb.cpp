// Compiles stb's single-header libraries. Only the formats of scenes are enabled, so that no other decoder
// is exposed to untrusted files.
#include "engine/scene/stb_memory.h"

#include <cstdlib>
#include <stdexcept>

#include <malloc.h>

namespace lact {
namespace {

struct StbBudget {
    bool limited = false;
    bool exceeded = false;
    std::size_t left = 0;
};

StbBudget& stb_budget() {
    thread_local StbBudget budget;
    return budget;
}

/// malloc() and realloc() within the budget.
void* stb_reallocate(void* before, std::size_t size) {
    StbBudget& budget = stb_budget();
    const std::size_t held = before == nullptr ? 0 : ::malloc_usable_size(before);
    if (budget.limited && size > held && size - held > budget.left) {
        budget.exceeded = true;
        return nullptr;
    }
    void* after = std::realloc(before, size);  // NOLINT(*-no-malloc): stb_image's own memory
    if (after != nullptr && budget.limited) {
        const std::size_t now = ::malloc_usable_size(after);
        const std::size_t more = now > held ? now - held : 0;
        budget.left += held > now ? held - now : 0;
        budget.left -= more > budget.left ? budget.left : more;
    }
    return after;
}

void stb_release(void* memory) {
    StbBudget& budget = stb_budget();
    if (budget.limited && memory != nullptr) {
        budget.left += ::malloc_usable_size(memory);
    }
    std::free(memory);  // NOLINT(*-no-malloc): stb_image's own memory
}

/// What stb_image asserts would otherwise end the program, or not be checked at all in a release.
void stb_require(bool holds) {
    if (!holds) {
        throw std::runtime_error("Corrupt image");
    }
}

}  // namespace
}  // namespace lact

#define STBI_MALLOC(size) lact::stb_reallocate(nullptr, size)
#define STBI_REALLOC(memory, size) lact::stb_reallocate(memory, size)
#define STBI_FREE(memory) lact::stb_release(memory)
#define STBI_ASSERT(condition) lact::stb_require(condition)
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_ONLY_TGA
#define STBI_FAILURE_USERMSG
#define STBI_MAX_DIMENSIONS 65536
#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_WRITE_IMPLEMENTATION

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wold-style-cast"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

namespace lact {

StbMemory::StbMemory(std::size_t most) {
    stb_budget() = {true, false, most};
}

StbMemory::~StbMemory() {
    stb_budget() = {};
}

bool StbMemory::exceeded() const {  // NOLINT(*-static): of this object's lifetime
    return stb_budget().exceeded;
}

void forget_stb_failure() {
    stbi__g_failure_reason = nullptr;
}

}  // namespace lact
