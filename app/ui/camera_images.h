#pragma once

#include "app/commands/services.h"
#include "app/document/viewpoint.h"
#include "app/gfx/canvas.h"
#include "app/runtime/snapshot.h"
#include "app/ui/panel.h"
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

    /// The newest rendering of the open scene.
    struct Shown {
        const gfx::Texture* texture = nullptr;  ///< Null before the first of the scene, and where one failed.
        /// Of the newest state, and from the requested camera unless that has moved a moment ago. What is
        /// not current is to be marked.
        bool current = false;
    };
    [[nodiscard]] Shown from(PanelContext& context, const Camera& camera);

  private:
    PanelServices services_;
    std::string name_;
    std::uint64_t scene_ = 0;      ///< SceneSummary::sequence of the texture.
    std::optional<Camera> asked_;  ///< The camera of the last request,
    double asked_at_ = 0;          ///< and since when, in ImGui's seconds.
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
