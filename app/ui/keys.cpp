#include "app/ui/keys.h"

namespace lact::app {

void KeyBindings::refresh() {
    bindings_.clear();
    for (const Command& command : commands_->all()) {
        if (const ImGuiKeyChord chord = keys_->map(command.chord).chord; chord != ImGuiKey_None) {
            bindings_.push_back({&command, chord, keys_->flies(chord)});
        }
    }
}

Result<void> KeyBindings::run_pressed(bool flying, bool escape_taken) const {
    if (ImGui::GetIO().WantTextInput || ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup)) {
        return {};
    }
    for (const Binding& binding : bindings_) {
        if (flying && binding.flies) {
            continue;
        }
        // While a widget has the keyboard highlight, it receives the arrow keys.
        const auto key = static_cast<ImGuiKey>(binding.chord & ~ImGuiMod_Mask_);
        if (ImGui::GetIO().NavVisible && key >= ImGuiKey_LeftArrow && key <= ImGuiKey_DownArrow) {
            continue;
        }
        if (escape_taken && key == ImGuiKey_Escape) {
            continue;
        }
        if (ImGui::IsKeyChordPressed(binding.chord)) {
            // The key of a disabled command does nothing; the menu and the help window state the reason.
            return binding.command->why_not().empty() ? commands_->run(binding.command->id) : Result<void>{};
        }
    }
    return {};
}

}  // namespace lact::app
