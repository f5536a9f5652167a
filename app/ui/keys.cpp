#include "app/ui/keys.h"

#include <array>
#include <string_view>
#include <utility>

namespace lact::app {

namespace {

constexpr std::string_view flight_keys = "WASDQE";

ImGuiKey named_key(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, ImGuiKey>, 25> keys = {{
        {"Esc", ImGuiKey_Escape},
        {"Enter", ImGuiKey_Enter},
        {"Tab", ImGuiKey_Tab},
        {"Space", ImGuiKey_Space},
        {"Backspace", ImGuiKey_Backspace},
        {"Delete", ImGuiKey_Delete},
        {"Insert", ImGuiKey_Insert},
        {"Home", ImGuiKey_Home},
        {"End", ImGuiKey_End},
        {"PageUp", ImGuiKey_PageUp},
        {"PageDown", ImGuiKey_PageDown},
        {"Left", ImGuiKey_LeftArrow},
        {"Right", ImGuiKey_RightArrow},
        {"Up", ImGuiKey_UpArrow},
        {"Down", ImGuiKey_DownArrow},
        {"[", ImGuiKey_LeftBracket},
        {"]", ImGuiKey_RightBracket},
        {",", ImGuiKey_Comma},
        {".", ImGuiKey_Period},
        {"/", ImGuiKey_Slash},
        {"-", ImGuiKey_Minus},
        {"=", ImGuiKey_Equal},
        {"'", ImGuiKey_Apostrophe},
        {";", ImGuiKey_Semicolon},
        {"`", ImGuiKey_GraveAccent},
    }};
    for (const auto& [text, key] : keys) {
        if (text == name) {
            return key;
        }
    }
    return ImGuiKey_None;
}

}  // namespace

ImGuiKeyChord imgui_chord(const KeyChord& chord) {
    ImGuiKeyChord result = (chord.ctrl ? ImGuiMod_Ctrl : 0) | (chord.shift ? ImGuiMod_Shift : 0) |
                           (chord.alt ? ImGuiMod_Alt : 0);
    // On common layouts Shift + "/" types "?", and "+" shares its key with "=".
    if (chord.key == "?") {
        return result | ImGuiMod_Shift | ImGuiKey_Slash;
    }
    if (chord.key == "+") {
        return result | ImGuiKey_Equal;
    }
    if (chord.key.size() == 1 && chord.key[0] >= 'A' && chord.key[0] <= 'Z') {
        return result | (ImGuiKey_A + (chord.key[0] - 'A'));
    }
    if (chord.key.size() == 1 && chord.key[0] >= '0' && chord.key[0] <= '9') {
        return result | (ImGuiKey_0 + (chord.key[0] - '0'));
    }
    if (chord.key.size() >= 2 && chord.key[0] == 'F' && chord.key[1] >= '1' && chord.key[1] <= '9') {
        return result | (ImGuiKey_F1 + std::stoi(chord.key.substr(1)) - 1);
    }
    const ImGuiKey key = named_key(chord.key);
    return key == ImGuiKey_None ? ImGuiKey_None : result | key;
}

KeyBindings::KeyBindings(const CommandTable& commands) : commands_(&commands) {
    for (const Command& command : commands.all()) {
        const ImGuiKeyChord chord = imgui_chord(command.chord);
        if (chord == ImGuiKey_None) {
            continue;
        }
        const KeyChord& key = command.chord;
        const bool flies =
            !key.ctrl && key.key.size() == 1 && flight_keys.find(key.key[0]) != std::string_view::npos;
        bindings_.push_back({&command, chord, flies});
    }
}

Result<void> KeyBindings::run_pressed(bool flying) const {
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
        if (ImGui::IsKeyChordPressed(binding.chord)) {
            // The key of a disabled command does nothing; the menu and the help window state the reason.
            return binding.command->why_not().empty() ? commands_->run(binding.command->id) : Result<void>{};
        }
    }
    return {};
}

}  // namespace lact::app
