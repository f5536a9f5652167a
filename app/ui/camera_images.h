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

/// The rendering from a camera other than the view's. Requests it while the panel is drawn.
class QueriedImage {
  public:
    /// `name`: the name of the query.
    QueriedImage(PanelServices services, std::string name) : services_(services), name_(std::move(name)) {}

    /// Returns the newest rendering, which may be of an earlier camera; null before the first.
    [[nodiscard]] const gfx::Texture* from(gfx::Canvas& canvas, const Camera& camera);

  private:
    PanelServices services_;
    std::string name_;
    std::shared_ptr<const Answered> shown_;
    gfx::Texture texture_;
};

/// The ground truth of a generated scene from the current viewpoint, drawn within the frame: by the GPU, or
/// by the CPU with a software rasterizer.
class LiveGroundTruth {
  public:
    /// Returns whether the ground truth of a scene can be drawn from any camera.
    [[nodiscard]] static bool known(const SceneSummary* scene);

    /// Returns a square image of `side` pixels; a smaller one if drawing it exceeds the time of a frame (a
    /// resting camera has a larger budget). Null if there is no ground truth or no texture.
    [[nodiscard]] const gfx::Texture* image(gfx::Canvas& canvas, const SceneSummary* scene,
                                            const Viewpoint& viewpoint, int side, bool resting);

  private:
    [[nodiscard]] bool draw(gfx::Canvas& canvas, const Camera& camera);

    std::uint64_t sequence_ = 0;  ///< Sequence number of the scene of `world_`.
    std::optional<World> world_;
    std::shared_ptr<const PackedWorld> packed_;
    gfx::Texture texture_;
    std::optional<Camera> shown_;  ///< Camera of the texture.
};

}  // namespace lact::app
