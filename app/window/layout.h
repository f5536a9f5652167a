#pragma once

#include "app/window/panel.h"

#include <vector>

namespace lact::window {

/// The name of a panel's window: icon and title to be seen, the title alone as identity.
[[nodiscard]] std::string window_name(const Panel& panel);

/// Docks all panels at their slots in a dock space of this size (pixels), replacing any layout there. Slots
/// without panels take no room. To be called within a frame, before the panels are drawn.
void build_layout(ImGuiID dockspace, ImVec2 size, float scale, const std::vector<Panel>& panels);

}  // namespace lact::window
