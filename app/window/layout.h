#pragma once

#include "app/window/panel.h"

#include <vector>

namespace lact::window {

/// What a panel's tab shows, from most to least.
enum class TabLabel { full, brief, icon };

/// The name of a panel's window: what is to be seen, and the title alone as identity.
[[nodiscard]] std::string window_name(const Panel& panel, TabLabel label = TabLabel::full);

/// The most that all tabs of the panel's dock have room for. Where that is icons alone, the tab in front
/// still shows its name.
[[nodiscard]] TabLabel tab_label(const Panel& panel, const std::vector<Panel>& panels, float scale);

/// Docks all panels at their slots in a dock space of this size (pixels), replacing any layout there. Slots
/// without panels take no room. To be called within a frame, before the panels are drawn.
void build_layout(ImGuiID dockspace, ImVec2 size, float scale, const std::vector<Panel>& panels);

}  // namespace lact::window
