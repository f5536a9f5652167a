#pragma once

#include "app/commands/command_table.h"

#include <vector>

#include <imgui.h>

namespace lact::app {

/// Converts a chord to ImGui's form; returns ImGuiKey_None for a key that ImGui does not know.
[[nodiscard]] ImGuiKeyChord imgui_chord(const KeyChord& chord);

/// The key chords of the command table in ImGui's form.
class KeyBindings {
  public:
    /// `commands` must be complete and outlive this object.
    explicit KeyBindings(const CommandTable& commands);

    /// Runs the command whose key is pressed in this frame, if any. Runs none while the user edits text or a
    /// popup is open. While flying, the flight keys (W A S D Q E) run no command.
    [[nodiscard]] Result<void> run_pressed(bool flying) const;

  private:
    struct Binding {
        const Command* command;
        ImGuiKeyChord chord;
        bool flies;  ///< A flight key.
    };

    const CommandTable* commands_;
    std::vector<Binding> bindings_;
};

}  // namespace lact::app
