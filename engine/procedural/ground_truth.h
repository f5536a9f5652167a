#pragma once

#include "engine/core/error.h"
#include "engine/procedural/generated_views.h"
#include "engine/procedural/write_scene.h"
#include "engine/scene/image.h"

#include <filesystem>
#include <optional>

namespace lact {

/// What made a generated scene (its folder, or the file in it that is opened), as its `generated.json` says
/// it. Nothing where there is no such file, it cannot be read, or another version of the generator or of the
/// family wrote it (whose worlds are others).
[[nodiscard]] std::optional<SceneOrder> origin_of(const std::filesystem::path& scene);

/// The truth of a generated scene at any pose: its world, drawn again.
class GroundTruth {
  public:
    /// Errors: a world whose poses were normalised (WorldKind::scene): cameras of the opened scene are not
    /// in its coordinates.
    [[nodiscard]] static Result<GroundTruth> of(const SceneOrder& order);

    /// What the camera sees, anti-aliased, over white. Errors: a picture that is not square.
    [[nodiscard]] Result<ImageF> image(const Camera& camera) const;

  private:
    explicit GroundTruth(World world) : world_(std::move(world)) {}
    World world_;
};

}  // namespace lact
