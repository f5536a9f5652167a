#pragma once

#include "app/core/engine_state.h"
#include "app/core/navigation.h"
#include "app/window/canvas.h"
#include "engine/procedural/world_buffer.h"

#include <cstdint>
#include <memory>
#include <optional>

namespace lact::app {

/// What a generated scene truly looks like from where one is, drawn within the frame: by the GPU, or by the
/// processor where the GPU is emulated.
class LiveTruth {
  public:
    /// Whether the truth of a scene is known at any pose.
    [[nodiscard]] static bool known(const SceneSummary* scene);

    /// A square picture of `side` pixels; smaller where it would take longer than a frame may while the
    /// camera moves (unless `resting`). Null where the truth is not known or no texture can be had.
    [[nodiscard]] const window::Texture* picture(window::Canvas& canvas, const SceneSummary* scene,
                                                 const Viewpoint& viewpoint, int side, bool resting);

  private:
    [[nodiscard]] bool draw(window::Canvas& canvas, const Camera& camera);

    std::uint64_t sequence_ = 0;  ///< Of the scene whose world this is.
    std::optional<World> world_;
    std::shared_ptr<const PackedWorld> packed_;
    window::Texture texture_;
    std::optional<Camera> shown_;  ///< What the texture shows.
};

}  // namespace lact::app
