#pragma once

#include "app/commands/services.h"
#include "app/document/viewpoint.h"
#include "app/gfx/canvas.h"
#include "app/runtime/snapshot.h"
#include "engine/procedural/world_buffer.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace lact::app {

/// The model's picture from a camera of a panel's own: asked for while the panel is drawn.
class QueriedImage {
  public:
    /// `name`: that of the question.
    QueriedImage(PanelServices services, std::string name) : services_(services), name_(std::move(name)) {}

    /// The newest picture there is, perhaps that of a camera asked for a moment ago; null before any.
    [[nodiscard]] const gfx::Texture* from(gfx::Canvas& canvas, const Camera& camera);

  private:
    PanelServices services_;
    std::string name_;
    std::shared_ptr<const Answered> shown_;
    gfx::Texture texture_;
};

/// What a generated scene truly looks like from where one is, drawn within the frame: by the GPU, or by the
/// processor where the GPU is emulated.
class LiveGroundTruth {
  public:
    /// Whether the truth of a scene is known at any pose.
    [[nodiscard]] static bool known(const SceneSummary* scene);

    /// A square picture of `side` pixels; smaller where it would take longer than a frame may while the
    /// camera moves (unless `resting`). Null where the truth is not known or no texture can be had.
    [[nodiscard]] const gfx::Texture* image(gfx::Canvas& canvas, const SceneSummary* scene,
                                            const Viewpoint& viewpoint, int side, bool resting);

  private:
    [[nodiscard]] bool draw(gfx::Canvas& canvas, const Camera& camera);

    std::uint64_t sequence_ = 0;  ///< Of the scene whose world this is.
    std::optional<World> world_;
    std::shared_ptr<const PackedWorld> packed_;
    gfx::Texture texture_;
    std::optional<Camera> shown_;  ///< What the texture shows.
};

}  // namespace lact::app
