#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

namespace lact::test {

/// Counts the bytes of tensors that its thread has allocated and not freed.
class CountingMemory : public c10::MemoryReportingInfoBase {
  public:
    void reportMemoryUsage(void*, std::int64_t change, std::size_t, std::size_t, c10::Device) override {
        now_ += change;
        peak_ = std::max(peak_, now_);
    }
    [[nodiscard]] bool memoryProfilingEnabled() const override { return true; }
    [[nodiscard]] std::int64_t peak() const { return peak_; }

  private:
    std::int64_t now_ = 0;
    std::int64_t peak_ = 0;
};

/// The most bytes of tensors that `work` has allocated on this thread at one time, and not freed.
template <class Work>
[[nodiscard]] std::int64_t peak_of_tensors(const Work& work) {
    const auto count = std::make_shared<CountingMemory>();
    const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, count);
    work();
    return count->peak();
}

}  // namespace lact::test
