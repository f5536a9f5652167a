#pragma once

#include "engine/core/error.h"
#include "engine/core/job.h"
#include "engine/procedural/generated_views.h"
#include "engine/scene/image.h"

#include <cstdint>
#include <filesystem>

namespace lact {

/// One generated world to be written.
struct SceneOrder {
    const WorldFamily* family = &general_family();
    std::uint64_t seed = 0;
    int views = 32;
    int size = 128;
};

/// View `index` as a picture: RGB, or with `with_alpha`, where there is a mask, RGBA with colours that give
/// the view again when they are composed over white.
[[nodiscard]] Image8 image_of(const GeneratedViews& views, int index, bool with_alpha);

/// Draws the world's views on all cores.
/// Errors: the job was stopped.
[[nodiscard]] Result<GeneratedViews> generate_in_parallel(const SceneOrder& order, const Job& job);

/// Writes views as a scene folder in LaCT's JSON form (opencv_cameras.json and images/000.png, ...), with
/// `generated.json` that says what they are pictures of. `folder` appears when it is whole and not before.
/// Errors: it exists, its parent is not there or full; what was begun is removed.
[[nodiscard]] Result<void> write_scene_folder(const GeneratedViews& views, const SceneOrder& order,
                                              const std::filesystem::path& folder, const Job& job);
/// generate_in_parallel() and write_scene_folder().
[[nodiscard]] Result<void> generate_scene_folder(const SceneOrder& order, const std::filesystem::path& folder,
                                                 const Job& job);

}  // namespace lact
