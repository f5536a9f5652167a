#pragma once

#include "engine/core/error.h"

#include <string>
#include <string_view>

namespace lact::app {

/// The part of a stored window layout (the INI text of Dear ImGui) that can be restored, from a session or
/// from the settings. Dear ImGui trusts such texts: a dock that is its own parent makes it loop forever, a
/// window in a dock that does not exist reads a null pointer. Lines of other sections, unknown lines, values
/// out of range, and the dock of a window that is no leaf of the text are left out. Errors: the docks are no
/// trees whose inner nodes have two children each; the text is too long.
[[nodiscard]] Result<std::string> restorable_layout(std::string_view text);

}  // namespace lact::app
