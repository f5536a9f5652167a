// Compiles stb's single-header libraries. Only the formats of scenes are enabled, so that no other decoder
// is exposed to untrusted files.
#include "engine/scene/stb_memory.h"

#include <cstddef>
#include <cstdlib>
#include <new>
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

/// What stb_image_write holds in this thread, so that it can be freed when an exception leaves it.
struct alignas(std::max_align_t) WriterBlock {
    WriterBlock* previous = nullptr;
    WriterBlock* next = nullptr;
};

WriterBlock*& first_writer_block() {
    thread_local WriterBlock* first = nullptr;
    return first;
}

void link_block(WriterBlock* block) {
    WriterBlock*& first = first_writer_block();
    *block = {nullptr, first};
    if (first != nullptr) {
        first->previous = block;
    }
    first = block;
}

void unlink_block(const WriterBlock* block) {
    (block->previous != nullptr ? block->previous->next : first_writer_block()) = block->next;
    if (block->next != nullptr) {
        block->next->previous = block->previous;
    }
}

/// As stb_reallocate(), but throws std::bad_alloc: stb_image_write does not look at what it gets.
void* writer_reallocate(void* before, std::size_t size) {
    WriterBlock* block = before != nullptr ? static_cast<WriterBlock*>(before) - 1 : nullptr;
    if (block != nullptr) {
        unlink_block(block);
    }
    auto* after = static_cast<WriterBlock*>(stb_reallocate(block, sizeof(WriterBlock) + size));
    if (after == nullptr) {
        if (block != nullptr) {
            link_block(block);
        }
        throw std::bad_alloc();
    }
    link_block(after);
    return after + 1;
}

void writer_release(void* memory) {
    if (memory != nullptr) {
        WriterBlock* block = static_cast<WriterBlock*>(memory) - 1;
        unlink_block(block);
        stb_release(block);
    }
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
#define STBIW_MALLOC(size) lact::writer_reallocate(nullptr, size)
#define STBIW_REALLOC(memory, size) lact::writer_reallocate(memory, size)
#define STBIW_FREE(memory) lact::writer_release(memory)
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

StbWriterMemory::~StbWriterMemory() {
    while (first_writer_block() != nullptr) {
        writer_release(first_writer_block() + 1);
    }
}

bool StbWriterMemory::holds_any() {
    return first_writer_block() != nullptr;
}

void forget_stb_failure() {
    stbi__g_failure_reason = nullptr;
}

}  // namespace lact
