#pragma once

#include "engine/session/load_scene.h"
#include "engine/session/memory.h"

#include <cstddef>
#include <string>

namespace lact {

/// How much main memory opening a scene may take.
struct MemoryBudget {
    std::size_t available = 0;                ///< Bytes; 0: not known, everything fits.
    bool model_in_main_memory = true;         ///< The model computes on the CPU.
    std::size_t value_bytes = sizeof(float);  ///< Of what it computes with: value_bytes() of its precision.
};

/// What a scene is and what opening it takes, from its files alone: no photo is decoded.
struct SceneHeader {
    std::string name;
    std::string format;
    std::size_t views = 0;
    Size photo;              ///< The largest photo's size.
    Size size;               ///< The model's, as it would be opened.
    std::size_t inputs = 0;  ///< Input views, as it would be opened.
    MemoryNeed memory;
    std::size_t needed = 0;     ///< Of main memory, bytes.
    std::size_t available = 0;  ///< As in the budget.
    SmallerRequest offer;       ///< What would fit where it does not.

    [[nodiscard]] bool fits() const { return available == 0 || needed <= available; }
    /// "50 photos of up to 1080x1920 (transforms.json); 8 input views at 64x64 take about 120 MiB of the 21.2
    /// GiB that are free"
    [[nodiscard]] std::string sentence() const;
    /// Nothing where it fits; else an error that says what would.
    [[nodiscard]] Result<void> check() const;
};

/// `size`: where the request names none.
[[nodiscard]] SceneHeader probe_scene(const SceneFiles& files, const SceneRequest& request,
                                      const ModelConfig& config, Size size, const MemoryBudget& budget);
/// The same of files that are read for it alone. Errors: those of read_scene().
[[nodiscard]] Result<SceneHeader> probe_scene(const SceneRequest& request, const ModelConfig& config,
                                              Size size, const MemoryBudget& budget);

}  // namespace lact
