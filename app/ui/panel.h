#pragma once

#include "app/gfx/canvas.h"
#include "app/ui/theme.h"

#include <functional>
#include <limits>
#include <string>

namespace lact::app {

/// Where a panel is docked by default; panels of one slot are tabs, the first registered in front.
enum class DockSlot { left, centre, below, right };

/// What a panel is given to draw with: nothing of the rest of the program.
struct PanelContext {
    gfx::Canvas& canvas;
    const Fonts& fonts;
    const Palette& colours;
    float scale = 1;       ///< Pixels a point; sizes in code are points times this.
    bool animate = false;  ///< Set it to be drawn again at once, without waiting for an event.
    /// The least number of seconds after which to be drawn again without an event; may be made smaller.
    float again_in = std::numeric_limits<float>::infinity();
};

/// A docked part of the window. `draw` is called inside ImGui::Begin / End while the panel can be seen.
struct Panel {
    std::string title;      ///< Also its identity in stored layouts.
    const char* icon = "";  ///< Of app/window/icons.h.
    DockSlot slot = DockSlot::left;
    std::function<void(PanelContext&)> draw;
    bool open = true;
    bool edge_to_edge = false;        ///< No padding: for pictures.
    std::function<void()> menu = {};  ///< Items of the menu of its tab.
    std::string brief = {};           ///< Its tab's name where room is scarce; empty: the title.
    bool seen = false;                ///< In the last frame, as the shell found it.
};

}  // namespace lact::app
