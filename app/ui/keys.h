#pragma once

#include "app/commands/command_table.h"

#include <vector>

#include <imgui.h>

namespace lact::app {

/// ImGui's form of a chord; ImGuiKey_None for a key that ImGui does not know.
[[nodiscard]] ImGuiKeyChord imgui_chord(const KeyChord& chord);

/// The keys of the command table, as ImGui has them; made once.
class KeyBindings {
  public:
    /// After the table is filled; the table must outlive this.
    explicit KeyBindings(const CommandTable& commands);

    /// Runs the command whose key was pressed in this frame, if any. While a text is typed, or a popup is
    /// open, no key is a command; while flying, the keys of flight are not.
    [[nodiscard]] Result<void> run_pressed(bool flying) const;

  private:
    struct Binding {
        const Command* command;
        ImGuiKeyChord chord;
        bool flies;  ///< A key of flight.
    };

    const CommandTable* commands_;
    std::vector<Binding> bindings_;
};

}  // namespace lact::app
