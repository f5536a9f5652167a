#include "app/ui/camera_images.h"

#include "app/ui/panel_widgets.h"
#include "engine/procedural/draw.h"
#include "engine/procedural/make_world.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace lact::app {

QueriedImage::Shown QueriedImage::from(PanelContext& context, const Camera& camera) {
    const Snapshot& now = *services_.snapshot;
    const std::uint64_t scene = now.scene ? now.scene->sequence : 0;
    if (std::exchange(scene_, scene) != scene) {
        texture_ = {};
        shown_.reset();
    }
    if (asked_ != camera) {
        asked_ = camera;
        asked_at_ = ImGui::GetTime();
    }
    const auto answer = services_.document->queries.ask(name_, ImageQuery{camera});
    const auto of_newest_state = [&now](const std::shared_ptr<const Answered>& one) {
        return one && now.state && one->generation == now.state->generation;
    };
    const Frame* frame = of_newest_state(answer) ? answer->get<Frame>() : nullptr;
    if (frame != nullptr && answer != shown_ && context.canvas.upload(texture_, to_image8(frame->image))) {
        shown_ = answer;
    }
    if (services_.document->queries.fresh(name_)) {
        // An answer without an image, or one that could not be uploaded, leaves the place empty.
        return {answer == shown_ && texture_ ? &texture_ : nullptr, true};
    }
    const bool just_moved = ImGui::GetTime() - asked_at_ < static_cast<double>(AnswerScope::patience);
    if (just_moved) {
        context.again_in = std::min(context.again_in, AnswerScope::patience);
    }
    return {texture_ ? &texture_ : nullptr, of_newest_state(shown_) && just_moved};
}

namespace {

constexpr int largest_on_gpu = 2048;  ///< Pixels per side, as the two below.
/// The CPU draws 320 x 320 pixels in about 15 ms on one thread. A resting camera gets ten times as many.
constexpr int largest_moving = 320;
constexpr int largest_resting = 1024;

}  // namespace

bool LiveGroundTruth::known(const SceneSummary* scene) {
    return scene != nullptr && scene->origin && scene->origin->family->kind == WorldKind::object &&
           scene->size.width == scene->size.height;
}

const gfx::Texture* LiveGroundTruth::image(gfx::Canvas& canvas, const SceneSummary* scene,
                                           const Viewpoint& viewpoint, int side, bool resting) {
    if (!known(scene) || side < 1) {
        return nullptr;
    }
    if (!world_ || sequence_ != scene->sequence) {
        world_ = make_world(*scene->origin->family, scene->origin->seed);
        packed_ = std::make_shared<const PackedWorld>(pack_world(*world_));
        sequence_ = scene->sequence;
        shown_.reset();
    }
    const int largest_on_cpu = resting ? largest_resting : largest_moving;
    side = std::min(side, canvas.software_rasterizer() ? largest_on_cpu : largest_on_gpu);
    const Camera camera = viewpoint.camera({side, side});
    if (!shown_ || *shown_ != camera || !texture_) {
        if (!draw(canvas, camera)) {
            shown_.reset();
            return nullptr;
        }
        shown_ = camera;
    }
    return &texture_;
}

bool LiveGroundTruth::draw(gfx::Canvas& canvas, const Camera& camera) {
    if (!canvas.software_rasterizer() && canvas.draw_world(texture_, packed_, camera)) {
        return true;
    }
    Image8 image{camera.width, camera.height, 3, {}};
    const auto side = static_cast<std::size_t>(camera.width);
    image.pixels.resize(side * side * 3);
    draw_world(*world_, camera, camera.width, image.pixels, {});
    return canvas.upload(texture_, image).has_value();
}

}  // namespace lact::app
