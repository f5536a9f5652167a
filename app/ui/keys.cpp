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
    // These two are typed with Shift on the layouts that have them as one key.
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

Result<void> run_pressed_command(const CommandTable& commands, bool flying) {
    if (ImGui::GetIO().WantTextInput || ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup)) {
        return {};
    }
    for (const Command& command : commands.all()) {
        if (command.key.empty()) {
            continue;
        }
        const auto chord = parse_key_chord(command.key);
        if (!chord || (flying && !chord->ctrl && chord->key.size() == 1 &&
                       flight_keys.find(chord->key[0]) != std::string_view::npos)) {
            continue;
        }
        const ImGuiKeyChord pressed = imgui_chord(*chord);
        // While a widget is highlighted by the keyboard, the arrows belong to it.
        const auto key = static_cast<ImGuiKey>(pressed & ~ImGuiMod_Mask_);
        if (ImGui::GetIO().NavVisible && key >= ImGuiKey_LeftArrow && key <= ImGuiKey_DownArrow) {
            continue;
        }
        if (pressed != ImGuiKey_None && ImGui::IsKeyChordPressed(pressed)) {
            // A key that can do nothing now does nothing; the menu and the help window say why.
            const bool possible = !command.disabled_because || command.disabled_because().empty();
            return possible ? commands.run(command.id) : Result<void>{};
        }
    }
    return {};
}

}  // namespace lact::app
