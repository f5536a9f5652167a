#include "app/commands/key_chord.h"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

namespace lact::app {

namespace {

constexpr std::array<std::string_view, 27> named_keys{
    "Esc",    "Enter",    "Tab",  "Space", "Backspace", "Delete", "Insert", "Home", "End",
    "PageUp", "PageDown", "Left", "Right", "Up",        "Down",   "F1",     "F2",   "F3",
    "F4",     "F5",       "F6",   "F7",    "F8",        "F9",     "F10",    "F11",  "F12"};

bool same_word(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    });
}

/// The key as it is stored; empty where there is no such key.
std::string canonical_key(std::string_view text) {
    if (text.size() == 1 && std::isgraph(static_cast<unsigned char>(text[0])) != 0) {
        return {static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])))};
    }
    for (const std::string_view name : named_keys) {
        if (same_word(name, text)) {
            return std::string(name);
        }
    }
    return {};
}

}  // namespace

Result<KeyChord> parse_key_chord(std::string_view text) {
    KeyChord chord;
    std::string_view rest = text;
    // The last character may itself be the key "+".
    for (auto plus = rest.find('+'); plus != std::string_view::npos && plus + 1 < rest.size() && plus > 0;
         plus = rest.find('+')) {
        const std::string_view modifier = rest.substr(0, plus);
        bool* const flag = same_word(modifier, "Ctrl")    ? &chord.ctrl
                           : same_word(modifier, "Shift") ? &chord.shift
                           : same_word(modifier, "Alt")   ? &chord.alt
                                                          : nullptr;
        if (flag == nullptr || *flag) {
            return fail(fmt::format("key '{}'", text), fmt::format("'{}' is no modifier here", modifier),
                        "Modifiers are Ctrl, Shift and Alt, each once.");
        }
        *flag = true;
        rest.remove_prefix(plus + 1);
    }
    chord.key = canonical_key(rest);
    if (chord.key.empty()) {
        return fail(fmt::format("key '{}'", text), fmt::format("there is no key '{}'", rest),
                    "Keys are single characters, F1 to F12 and names as in Ctrl+Left, Esc, Space, PageUp.");
    }
    return chord;
}

std::string format(const KeyChord& chord) {
    return fmt::format("{}{}{}{}", chord.ctrl ? "Ctrl+" : "", chord.shift ? "Shift+" : "",
                       chord.alt ? "Alt+" : "", chord.key);
}

}  // namespace lact::app
