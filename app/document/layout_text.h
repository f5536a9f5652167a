#pragma once

#include "engine/core/error.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace lact::app {

/// The part of a stored window layout (the INI text of Dear ImGui) that can be restored, from a session or
/// from the settings. Dear ImGui trusts such texts: a dock that is its own parent makes it loop forever, a
/// window in a dock that does not exist reads a null pointer. Lines of other sections, unknown lines, values
/// out of range, and the dock of a window that is no leaf of the text are left out. Errors: the docks are no
/// trees whose inner nodes have two children each; the text is too long.
[[nodiscard]] Result<std::string> restorable_layout(std::string_view text);

/// Whether panels are open, by title.
using OpenPanels = std::map<std::string, bool, std::less<>>;

/// Adds to a layout which panels are open, of which Dear ImGui keeps nothing: a section of one line
/// "TITLE=0" or "TITLE=1" a panel. Dear ImGui passes over it.
[[nodiscard]] std::string with_open_panels(std::string layout, const OpenPanels& panels);
/// Which panels a restorable layout says are open; a panel that it does not name has no entry.
[[nodiscard]] OpenPanels open_panels(std::string_view layout);

}  // namespace lact::app
