#pragma once

#include "engine/core/error.h"
#include "engine/procedural/generated_views.h"
#include "engine/procedural/write_scene.h"
#include "engine/scene/image.h"

#include <filesystem>
#include <optional>

namespace lact {

/// The specification of a generated scene (its folder, or the file in it that is opened), from its
/// `generated.json`. Nothing if the file is missing or unreadable, or if another version of the generator or
/// of the family wrote it (their worlds differ).
[[nodiscard]] std::optional<GenerationSpec> origin_of(const std::filesystem::path& scene);

/// The ground truth of a generated scene at any pose: draws its world again.
class GroundTruth {
  public:
    /// Errors: a world with normalised poses (WorldKind::scene), since cameras of the opened scene are not
    /// in its coordinates.
    [[nodiscard]] static Result<GroundTruth> of(const GenerationSpec& spec);

    /// The anti-aliased image of a camera over white. Errors: the image is not square.
    [[nodiscard]] Result<ImageF> image(const Camera& camera) const;

  private:
    explicit GroundTruth(World world) : world_(std::move(world)) {}
    World world_;
};

}  // namespace lact
