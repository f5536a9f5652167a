#pragma once

#include "app/commands/command_table.h"
#include "app/ui/key_map.h"

#include <vector>

#include <imgui.h>

namespace lact::app {

/// The key chords of the command table on the user's keyboard.
class KeyBindings {
  public:
    /// `commands` must be complete; both must outlive this object.
    KeyBindings(const CommandTable& commands, const KeyMap& keys) : commands_(&commands), keys_(&keys) {}

    /// Reads the chords again, after KeyMap::refresh() has found another layout.
    void refresh();
    /// Runs the command whose key is pressed in this frame, if any. Runs none while the user edits text or a
    /// popup is open. While flying, the keys that fly run no command.
    [[nodiscard]] Result<void> run_pressed(bool flying, bool escape_taken = false) const;

  private:
    struct Binding {
        const Command* command;
        ImGuiKeyChord chord;
        bool flies;  ///< See KeyMap::flies().
    };

    const CommandTable* commands_;
    const KeyMap* keys_;
    std::vector<Binding> bindings_;
};

}  // namespace lact::app
