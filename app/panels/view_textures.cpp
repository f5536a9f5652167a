#include "app/panels/view_textures.h"

namespace lact::app {

const window::Texture& ViewTextures::thumbnail(window::Canvas& canvas, const SceneSummary& scene,
                                               std::size_t view) {
    if (entries_.size() != scene.views.size()) {
        entries_.resize(scene.views.size());
    }
    Entry& entry = entries_[view];
    if (entry.picture != scene.views[view].thumbnail) {
        // A picture that cannot be uploaded leaves the frame around it empty; the device says so elsewhere.
        if (!canvas.upload(entry.texture, *scene.views[view].thumbnail)) {
            entry.texture = {};
        }
        entry.picture = scene.views[view].thumbnail;
    }
    return entry.texture;
}

}  // namespace lact::app
