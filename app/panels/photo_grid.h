#pragma once

#include "app/panels/view_textures.h"
#include "app/program/view_state.h"
#include "app/window/panel.h"

#include <cstddef>
#include <functional>
#include <optional>

namespace lact::app {

/// Patches of one photo at the model's size.
struct PatchGrid {
    int columns = 0;
    int rows = 0;
    [[nodiscard]] std::size_t cells() const {
        return static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows);
    }
};
/// Of the open scene and weights; zero where there are none.
[[nodiscard]] PatchGrid patch_grid(const Published& published);

/// The patch of a grid over a rectangle that holds a point; empty outside.
[[nodiscard]] std::optional<PatchAt> patch_under(const window::Rect& rect, PatchGrid grid, ImVec2 point);

/// The rectangle of one patch.
[[nodiscard]] window::Rect patch_rect(const window::Rect& rect, PatchGrid grid, PatchAt at);

/// The input photos of the scene as a grid, `per_line` a line over the whole width, each above a strip in its
/// colour. Tells the selection which patch is pointed at; a click pins it, a click on the pinned one lets it
/// go. `paint` is called for every photo, after its picture; `describe` fills the tooltip of a patch.
void draw_input_photos(window::PanelContext& context, const PanelServices& services, ViewTextures& textures,
                       int per_line, const std::function<void(std::size_t input, const window::Rect&)>& paint,
                       const std::function<void(const InputPatch&)>& describe);

}  // namespace lact::app
