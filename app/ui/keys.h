#pragma once

#include "app/commands/command_table.h"

#include <imgui.h>

namespace lact::app {

/// ImGui's chord for one of ours; ImGuiKey_None for a key that ImGui does not know.
[[nodiscard]] ImGuiKeyChord imgui_chord(const KeyChord& chord);

/// Runs the action whose key was pressed in this frame, if any. While a text is typed, or a popup is open, no
/// key is an action; while flying, the keys of flight are not.
[[nodiscard]] Result<void> run_pressed_command(const CommandTable& commands, bool flying);

}  // namespace lact::app
