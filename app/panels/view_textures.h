#pragma once

#include "app/core/engine_state.h"
#include "app/window/canvas.h"

#include <cstddef>
#include <memory>
#include <vector>

namespace lact::app {

/// Thumbnails of a scene's photos on the GPU; uploaded once a scene, not once a frame.
class ViewTextures {
  public:
    /// The thumbnail of a view; an empty texture where it could not be uploaded.
    [[nodiscard]] const window::Texture& thumbnail(window::Canvas& canvas, const SceneSummary& scene,
                                                   std::size_t view);

  private:
    struct Entry {
        std::shared_ptr<const Image8> picture;
        window::Texture texture;
    };
    std::vector<Entry> entries_;
};

}  // namespace lact::app
