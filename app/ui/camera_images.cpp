#include "app/ui/camera_images.h"

#include "engine/procedural/draw.h"
#include "engine/procedural/make_world.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace lact::app {

const gfx::Texture* QueriedImage::from(gfx::Canvas& canvas, const Camera& camera) {
    auto answer = services_.document->queries.ask(name_, ImageQuery{camera});
    const Frame* frame = answer ? answer->get<Frame>() : nullptr;
    if (frame != nullptr && answer != shown_ && canvas.upload(texture_, to_image8(frame->image))) {
        shown_ = std::move(answer);
    }
    return texture_ ? &texture_ : nullptr;
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
