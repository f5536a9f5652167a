#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/procedural/generated_views.h"
#include "engine/scene/image.h"

#include <cstdint>
#include <filesystem>

namespace lact {

/// Specification of a generated scene.
struct GenerationSpec {
    const WorldFamily* family = &general_family();
    std::uint64_t seed = 0;
    int views = 32;
    int size = 128;
};

/// View `index` as an image: RGB or, with `with_alpha` and a mask, RGBA with colours that give the view when
/// composed over white.
[[nodiscard]] Image8 image_of(const GeneratedViews& views, int index, bool with_alpha);

/// Draws the views of a world on all cores.
[[nodiscard]] Result<GeneratedViews> generate_in_parallel(const GenerationSpec& spec, const Job& job);

/// Writes views as a scene folder in the JSON format of LaCT (opencv_cameras.json and images/000.png, ...),
/// with the specification in `generated.json`. The folder appears when it is complete, not before. Errors:
/// it exists, its parent does not exist, the disk is full; partial results are removed.
[[nodiscard]] Result<void> write_scene_folder(const GeneratedViews& views, const GenerationSpec& spec,
                                              const std::filesystem::path& folder, const Job& job);
/// Combines generate_in_parallel() and write_scene_folder().
[[nodiscard]] Result<void> generate_scene_folder(const GenerationSpec& spec,
                                                 const std::filesystem::path& folder, const Job& job);

}  // namespace lact
