#pragma once

#include "app/commands/services.h"
#include "app/gfx/canvas.h"
#include "app/runtime/snapshot.h"
#include "app/ui/panel.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace lact::app {

/// Thumbnails of a scene's photos on the GPU; uploaded once a scene, not once a frame.
class ViewTextures {
  public:
    /// The thumbnail of a view; an empty texture where it could not be uploaded.
    [[nodiscard]] const gfx::Texture& thumbnail(gfx::Canvas& canvas, const SceneSummary& scene,
                                                std::size_t view);

  private:
    struct Entry {
        std::shared_ptr<const Image8> image;
        gfx::Texture texture;
    };
    std::vector<Entry> entries_;
};

/// Patches of one photo at the model's size.
struct PatchGrid {
    int columns = 0;
    int rows = 0;
    [[nodiscard]] std::size_t cells() const {
        return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
    }
};
/// Of the open scene and weights; zero where there are none.
[[nodiscard]] PatchGrid patch_grid(const Snapshot& snapshot);

/// The patch of a grid over a rectangle that holds a point; empty outside.
[[nodiscard]] std::optional<PatchAt> patch_under(const gfx::Rect& rect, PatchGrid grid, ImVec2 point);

/// The rectangle of one patch.
[[nodiscard]] gfx::Rect patch_rect(const gfx::Rect& rect, PatchGrid grid, PatchAt at);

/// The input photos of the scene as a grid, `per_line` a line over the whole width, each above a strip in its
/// colour. Tells the selection which patch is pointed at; a click pins it, a click on the pinned one lets it
/// go. `paint` is called for every photo, after its picture; `describe` fills the tooltip of a patch.
void draw_input_photos(PanelContext& context, const PanelServices& services, ViewTextures& textures,
                       int per_line, const std::function<void(std::size_t input, const gfx::Rect&)>& paint,
                       const std::function<void(const InputPatch&)>& describe);

}  // namespace lact::app
