#pragma once

#include "app/window/panel.h"

#include <vector>

namespace lact::window {

/// The name of a panel's window: icon and title to be seen (or the icon alone), the title alone as identity.
[[nodiscard]] std::string window_name(const Panel& panel, bool icon_only = false);

/// Whether the panel's tab can show its title: it is the one in front, or all titles of its dock fit.
[[nodiscard]] bool has_room_for_name(const Panel& panel, const std::vector<Panel>& panels, float scale);

/// Docks all panels at their slots in a dock space of this size (pixels), replacing any layout there. Slots
/// without panels take no room. To be called within a frame, before the panels are drawn.
void build_layout(ImGuiID dockspace, ImVec2 size, float scale, const std::vector<Panel>& panels);

}  // namespace lact::window
