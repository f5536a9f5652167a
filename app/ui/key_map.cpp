#include "app/ui/key_map.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <imgui_internal.h>

namespace lact::app {

namespace {

/// Places of the keys that fly: forward, left, back, right, down, up.
constexpr std::array flight_letters = {ImGuiKey_W, ImGuiKey_A, ImGuiKey_S,
                                       ImGuiKey_D, ImGuiKey_Q, ImGuiKey_E};
constexpr std::array flight_arrows = {ImGuiKey_UpArrow,    ImGuiKey_LeftArrow, ImGuiKey_DownArrow,
                                      ImGuiKey_RightArrow, ImGuiKey_PageDown,  ImGuiKey_PageUp};

ImGuiKey named_key(std::string_view name) {
    constexpr std::array<std::pair<std::string_view, ImGuiKey>, 15> keys = {{
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
    }};
    for (const auto& [text, key] : keys) {
        if (text == name) {
            return key;
        }
    }
    return ImGuiKey_None;
}

ImGuiKeyChord modifiers(const KeyChord& chord) {
    return (chord.ctrl ? ImGuiMod_Ctrl : 0) | (chord.shift ? ImGuiMod_Shift : 0) |
           (chord.alt ? ImGuiMod_Alt : 0);
}

ImGuiKey key_of(ImGuiKeyChord chord) {
    return static_cast<ImGuiKey>(chord & ~ImGuiMod_Mask_);
}

/// The character that `text` consists of; 0 where it is none or several.
unsigned single_character(const std::string& text) {
    unsigned character = 0;
    const int used =
        text.empty() ? 0 : ImTextCharFromUtf8(&character, text.data(), text.data() + text.size());
    return static_cast<std::size_t>(used) == text.size() ? character : 0;
}

/// As keys are labelled: letters of the Latin, Greek and Cyrillic alphabets in upper case.
std::string upper(const std::string& text) {
    unsigned c = single_character(text);
    const auto within = [c](unsigned first, unsigned last) { return c >= first && c <= last; };
    if (within('a', 'z') || (within(0xe0, 0xfe) && c != 0xf7) || (within(0x3b1, 0x3c9) && c != 0x3c2) ||
        within(0x430, 0x44f)) {
        c -= 0x20;
    } else if (within(0x450, 0x45f)) {
        c -= 0x50;
    } else {
        return text;
    }
    std::array<char, 5> utf8{};
    (void)ImTextCharToUtf8(utf8.data(), c);
    return utf8.data();
}

bool font_has(const std::string& text) {
    const auto& fonts = ImGui::GetIO().Fonts->Fonts;
    const unsigned c = single_character(text);
    return c != 0 && (c < 0x80 || (!fonts.empty() && fonts[0]->IsGlyphInFont(static_cast<ImWchar>(c))));
}

}  // namespace

ImGuiKeyChord us_chord(const KeyChord& chord) {
    const ImGuiKeyChord with = modifiers(chord);
    // Shift + "/" types "?", and "+" shares its key with "=".
    if (chord.key == "?") {
        return with | ImGuiMod_Shift | ImGuiKey_Slash;
    }
    if (chord.key == "+") {
        return with | ImGuiKey_Equal;
    }
    if (const ImGuiKey key = gfx::us_key(chord.key); key != ImGuiKey_None) {
        return with | key;
    }
    if (chord.key.size() >= 2 && chord.key[0] == 'F' && chord.key[1] >= '1' && chord.key[1] <= '9') {
        return with | (ImGuiKey_F1 + std::stoi(chord.key.substr(1)) - 1);
    }
    const ImGuiKey key = named_key(chord.key);
    return key == ImGuiKey_None ? ImGuiKey_None : with | key;
}

bool KeyMap::refresh() {
    std::map<ImGuiKey, std::string> now;
    for (const ImGuiKey place : gfx::typing_places()) {
        if (std::string text = keyboard_->text(place); font_has(text)) {
            now.emplace(place, std::move(text));
        }
    }
    const bool changed = !std::exchange(read_, true) || now != texts_;
    texts_ = std::move(now);
    return changed;
}

const std::string& KeyMap::text(ImGuiKey place) const {
    static const std::string none;
    const auto found = texts_.find(place);
    return found != texts_.end() ? found->second : none;
}

std::string KeyMap::label(ImGuiKey place) const {
    const std::string& typed = text(place);
    return upper(typed.empty() ? gfx::UsKeyboard().text(place) : typed);
}

ImGuiKey KeyMap::place_of(ImGuiKey key) const {
    const auto reports = [&](ImGuiKey place) { return gfx::reported_key(place, text(place)) == key; };
    if (reports(key)) {
        return key;
    }
    const auto places = gfx::typing_places();
    const auto found = std::ranges::find_if(places, reports);
    return found != places.end() ? *found : ImGuiKey_None;
}

MappedChord KeyMap::map(const KeyChord& chord) const {
    const ImGuiKeyChord us = us_chord(chord);
    MappedChord mapped{us, format(chord)};
    const std::string us_text = gfx::UsKeyboard().text(key_of(us));
    if (us_text.empty()) {
        return mapped;  // The same key on all keyboards: an arrow, Esc.
    }
    // The key that types the character, wherever it is.
    for (const auto& [place, typed] : texts_) {
        if (upper(typed) == chord.key) {
            mapped.chord = modifiers(chord) | gfx::reported_key(place, typed);
            return mapped;
        }
    }
    // Otherwise the key that ImGui reports as that of the US layout. Keys of digits always show the digit.
    const ImGuiKey place = place_of(key_of(us));
    const bool digit = us_text[0] >= '0' && us_text[0] <= '9';
    if (place != ImGuiKey_None && !digit && !text(place).empty() && text(place) != us_text) {
        KeyChord here = chord;
        here.shift = (us & ImGuiMod_Shift) != 0;
        here.key = label(place);
        mapped.shown = format(here);
    }
    return mapped;
}

bool KeyMap::flies(ImGuiKeyChord chord) const {
    if ((chord & (ImGuiMod_Ctrl | ImGuiMod_Alt)) != 0) {
        return false;
    }
    const ImGuiKey key = key_of(chord);
    return std::ranges::find(flight_arrows, key) != flight_arrows.end() ||
           std::ranges::any_of(flight_letters,
                               [&](ImGuiKey place) { return gfx::reported_key(place, text(place)) == key; });
}

std::string KeyMap::flight_keys() const {
    std::string all;
    for (const ImGuiKey place : flight_letters) {
        all += label(place) + " ";
    }
    return all + "or arrows";
}

FlightDirection flight_direction(const KeyMap& keys) {
    const auto held = [&](ImGuiKey letter, ImGuiKey arrow) {
        return keys.held(letter) || keys.held(arrow) ? 1.0 : 0.0;
    };
    FlightDirection direction;
    direction.forward = held(ImGuiKey_W, ImGuiKey_UpArrow) - held(ImGuiKey_S, ImGuiKey_DownArrow);
    direction.right = held(ImGuiKey_D, ImGuiKey_RightArrow) - held(ImGuiKey_A, ImGuiKey_LeftArrow);
    direction.up = held(ImGuiKey_E, ImGuiKey_PageUp) - held(ImGuiKey_Q, ImGuiKey_PageDown);
    return direction;
}

}  // namespace lact::app
