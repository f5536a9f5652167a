#pragma once

#include "app/commands/services.h"
#include "app/gfx/canvas.h"
#include "app/ui/panel.h"
#include "app/ui/widgets.h"

#include <string>

namespace lact::app {

/// A button for a command without arguments (`LevelCamera::id`): disabled with the command's reason, its
/// tooltip with the key. Nothing where the program has no such command.
void command_button(const PanelContext& context, const PanelServices& services, const char* id,
                    const char* label);
/// The same, as the next one of `flow`.
void command_button(const PanelContext& context, const PanelServices& services, Flow& flow, const char* id,
                    const char* label);

/// Rows that choose the layer and head of all panels; within begin_rows() or the like.
void draw_place_choice(PanelContext& context, const PanelServices& services);

/// The largest rectangle of the picture's shape in the space, whole multiples of its pixels where that is
/// near.
[[nodiscard]] gfx::Rect fit_image(ImVec2 min, ImVec2 space, int width, int height);

/// The space beside the picture: what the picture covers is not painted twice.
void fill_around(ImDrawList& list, const gfx::Rect& all, const gfx::Rect& image, ImU32 colour);

/// Words on a dark ground that any picture lets one read; in lines of at most `wrap` pixels (0: one line).
/// Returns how much space they took.
ImVec2 text_on_image(ImDrawList& list, ImVec2 at, ImU32 colour, const std::string& text, float wrap = 0);

inline constexpr ImU32 white_on_image = IM_COL32(235, 238, 243, 255);

/// The filter that enlarges an image so.
[[nodiscard]] inline gfx::Filter filter_of(Enlargement enlargement) {
    return enlargement == Enlargement::nearest ? gfx::Filter::nearest : gfx::Filter::bicubic;
}

}  // namespace lact::app
