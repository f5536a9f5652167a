#pragma once

#include "engine/core/error.h"

#include <string>
#include <string_view>

namespace lact::app {

/// A key with modifiers: "Ctrl+Shift+O", "F", "]", "F1", "Left", "Ctrl++".
struct KeyChord {
    bool ctrl = false;
    bool shift = false;
    bool alt = false;
    /// A printable character (letters upper case) or one of Esc, Enter, Tab, Space, Backspace, Delete,
    /// Insert, Home, End, PageUp, PageDown, Left, Right, Up, Down, F1 to F12. Empty: no key.
    std::string key;
    friend bool operator==(const KeyChord&, const KeyChord&) = default;
};

/// Modifiers in any order and case. Errors: no such key or modifier.
[[nodiscard]] Result<KeyChord> parse_key_chord(std::string_view text);
/// The text of a chord; parse_key_chord(format(c)) == c.
[[nodiscard]] std::string format(const KeyChord& chord);

}  // namespace lact::app
