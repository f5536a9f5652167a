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

/// Textures of the thumbnails of a scene's photos. Uploads each thumbnail once per scene.
class ViewTextures {
  public:
    /// Returns the thumbnail of a view; an empty texture if the upload fails.
    [[nodiscard]] const gfx::Texture& thumbnail(gfx::Canvas& canvas, const SceneSummary& scene,
                                                std::size_t view);

  private:
    struct Entry {
        std::shared_ptr<const Image8> image;
        gfx::Texture texture;
    };
    std::vector<Entry> entries_;
};

/// The patch grid of one image at the model's size.
struct PatchGrid {
    int columns = 0;
    int rows = 0;
    [[nodiscard]] std::size_t cells() const {
        return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
    }
    [[nodiscard]] bool contains(PatchAt at) const { return at.column < columns && at.row < rows; }
    /// Index of a patch of an input photo among the input tokens.
    [[nodiscard]] std::size_t token(const InputPatch& patch) const {
        return patch.input * cells() + static_cast<std::size_t>(patch.at.row * columns + patch.at.column);
    }
};
/// Returns the grid of the open scene and weights; empty if there are none.
[[nodiscard]] PatchGrid patch_grid(const Snapshot& snapshot);

/// Returns the patch of the view to show, of those that the grid has: the pinned one, else the one under the
/// pointer.
[[nodiscard]] std::optional<PatchAt> selected_patch(const Selection& selection, PatchGrid grid);
/// Returns the patch of a photo to show, of those that the grid has: the one under the pointer, else the
/// pinned one.
[[nodiscard]] std::optional<InputPatch> selected_input(const Selection& selection, PatchGrid grid);

/// Returns the patch that contains `point` when the grid covers `rect`; empty outside of it.
[[nodiscard]] std::optional<PatchAt> patch_under(const gfx::Rect& rect, PatchGrid grid, ImVec2 point);

/// Returns the rectangle of one patch.
[[nodiscard]] gfx::Rect patch_rect(const gfx::Rect& rect, PatchGrid grid, PatchAt at);

/// Draws the input photos as a grid over the whole width, `per_line` per row, each above a strip in its
/// colour. Sets the patch under the pointer in the selection. A click pins a patch; a click on the pinned
/// patch unpins it. Enter and Space do so with the patch in the middle where the pointer is not on the photo.
/// Calls `paint` after drawing each photo and `describe` inside the tooltip of a patch.
void draw_input_photos(PanelContext& context, const PanelServices& services, ViewTextures& textures,
                       int per_line, const std::function<void(std::size_t input, const gfx::Rect&)>& paint,
                       const std::function<void(const InputPatch&)>& describe);

}  // namespace lact::app
